// @ts-check
/**
 * Many at once: asks web for a burst of real commands, and shows its progress. They take the same path as
 * any other command. At the desk a form sends them at a rate as well; the teacher's bar has only amounts.
 */
import { one, say, set } from "../../page/dom.js";
import { sayUntilNextClick } from "../../page/passing.js";

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
    this.problem = one(root, "burst-problem");
    const form = root.querySelector("form");
    /** Where there is no form, the progress stands in place of the buttons. */
    this.isInPlace = form === null;
    /** The buttons that start a burst. @type {NodeListOf<HTMLElement>} */
    this.starts = root.querySelectorAll("[data-burst], [data-burst-start]");
    this.isOurs = false;
    form?.addEventListener("submit", (event) => this.#startAtRate(event));
    for (const button of root.querySelectorAll("[data-burst]")) {
      button.addEventListener("click", () => this.#start({ count: Number(button.getAttribute("data-burst")) }));
    }
    this.stop.addEventListener("click", () => this.#ask("DELETE"));
    // A burst that was started here is drawn even while the page is paused.
    journal.addEventListener("burst", () => this.isOurs && this.draw());
    journal.addEventListener("lab", () => { root.hidden = journal.lab === false; });
  }

  draw() {
    const { burst } = this.journal;
    this.progress.hidden = burst === null;
    if (!burst) return;
    const { sent, wanted, failed, running } = burst;
    this.bar.max = Math.max(1, wanted);
    if (this.bar.value !== sent) this.bar.value = sent;
    this.#showStop(running);
    const words = `${sent.toLocaleString("en-GB")} of ${wanted.toLocaleString("en-GB")} sent`;
    say(this.says, failed ? `${words}, ${failed.toLocaleString("en-GB")} failed` : words);
    set(this.root, "data-failed", failed ? "" : null);
  }

  /**
   * Shows the button that stops, or those that start. A button that is hidden hands the focus on.
   * @param {boolean} running
   */
  #showStop(running) {
    const focused = document.activeElement;
    const wasHere = focused === this.stop || [...this.starts].some((start) => start === focused);
    this.stop.hidden = !running;
    set(this.root, "data-running", running ? "" : null);
    if (running && this.isInPlace && wasHere) this.stop.focus();
    if (!running && focused === this.stop) this.starts[this.starts.length - 1]?.focus();
  }

  /** @param {SubmitEvent} event */
  #startAtRate(event) {
    event.preventDefault();
    const given = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    this.#start({ per_second: Number(given.get("per_second")), seconds: Number(given.get("seconds")) });
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
    const problem = (await this.host.ask(method, "/burst", body)) ?? "";
    if (this.isInPlace) sayUntilNextClick(this.problem, problem);
    else say(this.problem, problem);
  }
}
