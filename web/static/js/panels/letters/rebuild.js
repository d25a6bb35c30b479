// @ts-check
/** The rebuild of a read model: how far it is, for everybody; run and interrupted by the host. */
import { one, say } from "../../page/dom.js";

const AGAIN_MS = 500;

/** How it ended, in words. @type {Readonly<Record<string, string>>} */
const ENDS = Object.freeze({ rebuilt: "is done", interrupted: "was interrupted", failed: "could not be done" });

/** @typedef {{running: boolean, model: string|null, percent: number|null, events: number|null, said: string[], ended: string|null}} Progress */

export class Rebuild {
  /**
   * @param {HTMLElement} root
   * @param {{ask: typeof fetch, host: {ask: (method: string, path: string, body?: object) => Promise<string|null>}}} house
   */
  constructor(root, { ask, host }) {
    this.root = root;
    this.fetch = ask;
    this.bar = one(root, "rebuild-progress", HTMLProgressElement);
    this.says = one(root, "rebuild-says");
    this.begin = one(root, "rebuild-start", HTMLButtonElement);
    this.stop = one(root, "rebuild-stop", HTMLButtonElement);
    const model = one(root, "rebuild-model", HTMLSelectElement);
    this.begin.addEventListener("click", async () => this.#done(await host.ask("POST", "/rebuild", { model: model.value })));
    this.stop.addEventListener("click", async () => this.#done(await host.ask("DELETE", "/rebuild")));
  }

  /** @param {string|null} problem */
  #done(problem) {
    if (problem) say(this.says, problem);
    else this.look();
  }

  /** Shows how far it is, and looks again while it runs and the dialog is open. */
  async look() {
    clearTimeout(this.again);
    try {
      const answer = await this.fetch("/rebuild");
      if (answer.ok) this.#show(await answer.json());
    } catch {
      say(this.says, "This page cannot reach web.");
    }
  }

  /** @param {Progress} progress */
  #show({ running, model, percent, events, said, ended }) {
    this.begin.hidden = running;
    this.stop.hidden = !running;
    this.bar.hidden = !running;
    if (percent === null) this.bar.removeAttribute("value");
    else this.bar.value = percent;
    const last = said.at(-1) ?? "";
    if (running) say(this.says, `Rebuilding ${model}${events === null ? "" : `: ${events.toLocaleString("en-GB")} events`}.`);
    else say(this.says, ended ? `The rebuild of ${model} ${ENDS[ended] ?? ended}. ${last}` : "");
    if (running && this.root instanceof HTMLDialogElement && this.root.open) {
      this.again = setTimeout(() => this.look(), AGAIN_MS);
    }
  }
}
