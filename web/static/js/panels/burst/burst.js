// @ts-check
/**
 * Many at once: asks web for a burst of real commands, and shows its progress. They take the same path as
 * any other command.
 */
import { one, say } from "../../page/dom.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {{ask: (method: string, path: string, body?: object) => Promise<string|null>}} Host */

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, host: Host}} house
 */
export function mount(root, { journal, host }) {
  return new Burst(root, journal, host);
}

class Burst {
  group = "words";

  /**
   * @param {HTMLElement} root
   * @param {Journal} journal
   * @param {Host} host Sends what only the host may send.
   */
  constructor(root, journal, host) {
    this.root = root;
    this.journal = journal;
    this.host = host;
    this.progress = one(root, "burst-progress");
    this.bar = one(root, "burst-bar", HTMLProgressElement);
    this.says = one(root, "burst-says");
    this.stop = one(root, "burst-stop");
    this.go = one(root, "burst-start");
    this.problem = one(root, "burst-problem");
    this.isOurs = false;
    const form = one(root, "burst-form", HTMLFormElement);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = new FormData(form);
      this.#start({ per_second: Number(given.get("per_second")), seconds: Number(given.get("seconds")) });
    });
    for (const button of root.querySelectorAll("[data-burst]")) {
      button.addEventListener("click", () => this.#start({ count: Number(button.getAttribute("data-burst")) }));
    }
    this.stop.addEventListener("click", () => this.#ask("DELETE"));
    // A burst that was started here is drawn even while the page is paused.
    journal.addEventListener("burst", () => this.isOurs && this.draw());
  }

  draw() {
    const { burst } = this.journal;
    this.progress.hidden = burst === null;
    if (!burst) return;
    const { sent, wanted, failed, running } = burst;
    this.bar.max = Math.max(1, wanted);
    if (this.bar.value !== sent) this.bar.value = sent;
    // A button that is hidden loses the focus.
    if (!running && document.activeElement === this.stop) this.go.focus();
    this.stop.hidden = !running;
    const words = `${sent.toLocaleString("en-GB")} of ${wanted.toLocaleString("en-GB")} sent`;
    say(this.says, failed ? `${words}, ${failed.toLocaleString("en-GB")} failed` : words);
  }

  /** @param {object} amount */
  #start(amount) {
    this.isOurs = true;
    return this.#ask("POST", amount);
  }

  /**
   * @param {string} method
   * @param {object} [body]
   */
  async #ask(method, body) {
    say(this.problem, (await this.host.ask(method, "/burst", body)) ?? "");
  }
}
