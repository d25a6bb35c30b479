// @ts-check
/**
 * Keep and share: a run as one file, saved here and opened again, by button or by dropping it on the
 * page. While a run is open the page does not listen to the stack, so it can be viewed without one.
 */
import { one, say, set } from "../../page/dom.js";
import { asJson, save } from "../../page/save.js";
import { NotARun, parseRun, runOf } from "../../journal/run.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */

/**
 * @typedef {object} House
 * @property {Journal} journal
 * @property {typeof fetch} ask
 * @property {(run: import("../../journal/types.js").Run) => void} openRun Shows a run instead of the stack.
 * @property {() => void} watch Puts the focus on the stage.
 */

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  const keep = new Keep(root, house);
  takeDropped(root.ownerDocument, (file) => keep.open(file));
  return keep;
}

class Keep {
  /**
   * @param {HTMLElement} root
   * @param {House} house
   */
  constructor(root, { journal, ask, openRun, watch }) {
    this.root = root;
    this.journal = journal;
    this.ask = ask;
    this.openRun = openRun;
    this.watch = watch;
    this.problem = one(root, "run-problem");
    const file = one(root, "run-file", HTMLInputElement);
    one(root, "export").addEventListener("click", () => this.#save());
    one(root, "open-run").addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      const chosen = file.files?.[0];
      if (chosen) this.open(chosen);
      file.value = "";
    });
  }

  async #save() {
    save(await this.#run(), "eventually");
  }

  async #run() {
    if (!this.journal.run) {
      try {
        const answer = await this.ask("/export");
        if (answer.ok) return await answer.blob();
      } catch {
        // Save what this page itself has instead.
      }
    }
    return asJson(this.journal.run ?? runOf(this.journal, Date.now()));
  }

  /**
   * Shows a run instead of the stack.
   * @param {File} file
   */
  async open(file) {
    say(this.problem, "");
    try {
      const run = parseRun(await file.text());
      this.openRun(run);
      // The focus does not stay on the button, where Space would press it again instead of pausing.
      this.watch();
    } catch (error) {
      say(this.problem, error instanceof NotARun ? error.message : "The file cannot be read.");
    }
  }
}

/**
 * Takes a file that is dropped anywhere on the page.
 * @param {Document} page
 * @param {(file: File) => void} take
 */
function takeDropped(page, take) {
  page.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    set(page.documentElement, "data-dropping", "");
  });
  page.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) set(page.documentElement, "data-dropping", null);
  });
  page.addEventListener("drop", (event) => {
    set(page.documentElement, "data-dropping", null);
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
}
