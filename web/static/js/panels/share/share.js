// @ts-check
/**
 * Keep and share: a run as one file, saved here and opened again, by button or by dropping it on the
 * page. While one is open the stack is not listened to, so that it can be looked at without one.
 */
import { one, say, set } from "../../page/dom.js";
import { NotARun, boundsOf, parseRun, runOf } from "../../journal/run.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */

/** How long web may take to answer. */
const ANSWER_MS = 5000;

export class Share {
  /**
   * @param {Document} root
   * @param {Journal} journal
   * @param {Playhead} playhead
   * @param {{ask: typeof fetch, close: () => void, leave: () => void}} means `close`: listen to the
   *   stack no more; `leave`: load the page again.
   */
  constructor(root, journal, playhead, { ask, close, leave }) {
    this.root = root;
    this.journal = journal;
    this.playhead = playhead;
    this.ask = ask;
    this.close = close;
    this.leave = leave;
    this.leaveProblem = one(root, "leave-problem");
    this.file = one(root, "run-file", HTMLInputElement);
    this.problem = one(root, "run-problem");
    this.banner = one(root, "run-banner");
    this.says = one(root, "run-says");
    one(root, "export").addEventListener("click", () => this.#save());
    one(root, "open-run").addEventListener("click", () => this.file.click());
    this.file.addEventListener("change", () => this.#open(this.file.files?.[0]));
    one(root, "leave-run").addEventListener("click", () => this.#leave());
    root.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      set(root.documentElement, "data-dropping", "");
    });
    root.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) set(root.documentElement, "data-dropping", null);
    });
    root.addEventListener("drop", (event) => {
      set(root.documentElement, "data-dropping", null);
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      this.#open(file);
    });
  }

  /** Shows the stack again, if web is there to show it: else the run would be gone for nothing. */
  async #leave() {
    say(this.leaveProblem, "");
    try {
      const answer = await this.ask("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.ok) {
        this.leave();
        return;
      }
    } catch {
      // Said below.
    }
    say(this.leaveProblem, "This page cannot reach web, so the run stays open.");
  }

  /** What would go to the stack says why it does not, and looks as if it did not. */
  #switchOff() {
    for (const part of this.root.querySelectorAll("[data-sends]")) set(part, "aria-disabled", "true");
    one(this.root, "run-sends-nothing").hidden = false;
  }

  async #save() {
    const now = new Date();
    const name = `eventually-${now.toISOString().slice(0, 19).replaceAll(":", "")}Z.json`;
    const url = URL.createObjectURL(await this.#run(now.getTime()));
    const link = this.root.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  /** @param {number} at_ms */
  async #run(at_ms) {
    if (!this.journal.run) {
      try {
        const answer = await this.ask("/export");
        if (answer.ok) return await answer.blob();
      } catch {
        // What this page itself has is kept then.
      }
    }
    const run = this.journal.run ?? runOf(this.journal, at_ms);
    return new Blob([JSON.stringify(run)], { type: "application/json" });
  }

  /** @param {File|undefined} file */
  async #open(file) {
    if (!file) return;
    say(this.problem, "");
    this.file.value = "";
    try {
      const run = parseRun(await file.text());
      this.close();
      this.journal.open(run);
      const { from_ms, to_ms } = boundsOf(run);
      this.playhead.open(from_ms, to_ms);
      this.banner.hidden = false;
      this.#switchOff();
      say(this.says, `A run from a file, of ${new Date(run.at_ms).toLocaleString("en-GB")}, with ${run.journeys.length.toLocaleString("en-GB")} journeys. This is not the stack now.`);
    } catch (error) {
      say(this.problem, error instanceof NotARun ? error.message : "The file cannot be read.");
    }
  }
}
