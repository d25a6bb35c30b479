// @ts-check
/**
 * Putting it right: All clear, the known start and Reset. What cannot be undone asks first, in the words in
 * which web says what would be lost. How far it is, and how it ended, the whole room is told.
 */
import { closedWith } from "../../page/dialogs.js";
import { one, say } from "../../page/dom.js";
import { sayUntilNextClick } from "../../page/passing.js";
import { problemOf } from "../../send/problem.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {{ask: (method: string, path: string, body?: object) => Promise<string|null>}} Host */
/** @typedef {"all-clear"|"cure"|"take"|"restore"|"reset"} What */
/** @typedef {{running: boolean, says: string, curable?: boolean}} Mending As web tells it. */

/** What each button asks of web. @type {Readonly<Record<What, readonly [string, string, object?]>>} */
const REQUESTS = Object.freeze({
  "all-clear": ["POST", "/lab/all-clear"],
  "cure": ["POST", "/lab/all-clear", { cure: true }],
  "take": ["PUT", "/lab/known-start"],
  "restore": ["POST", "/lab/known-start/restore"],
  "reset": ["POST", "/lab/reset"],
});
/** What is on the button that does it, after the question. @type {Readonly<Partial<Record<What, string>>>} */
const SURE = Object.freeze({ restore: "Go back", reset: "Remove everything" });

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, host: Host, ask: typeof fetch, announce: (text: string) => void}} house
 */
export function mount(root, house) {
  return new Mend(root, house);
}

class Mend {
  /**
   * @param {HTMLElement} root
   * @param {{journal: Journal, host: Host, ask: typeof fetch, announce: (text: string) => void}} house
   */
  constructor(root, { journal, host, ask, announce }) {
    this.root = root;
    this.host = host;
    this.ask = ask;
    this.says = one(root, "mending-says");
    this.problem = one(root, "mending-problem");
    this.dialog = one(root, "mending-dialog", HTMLDialogElement);
    for (const button of root.querySelectorAll("[data-mend]")) {
      const what = /** @type {What} */ (button.getAttribute("data-mend"));
      button.addEventListener("click", () => this.#do(what));
    }
    journal.addEventListener("mending", (event) => {
      if (!(event instanceof CustomEvent)) return;
      const { running, says, curable } = /** @type {Mending} */ (event.detail);
      say(this.says, says);
      one(root, "mending-cures").hidden = running || !curable;
      if (!running) announce(says);
    });
    journal.addEventListener("lab", () => { root.hidden = !journal.lab; });
  }

  /** @param {What} what */
  async #do(what) {
    const [method, path, body] = REQUESTS[what];
    if (SURE[what] && !(await this.#isSure(what))) return;
    const problem = await this.host.ask(method, path, SURE[what] ? { sure: true } : body);
    sayUntilNextClick(this.problem, problem ?? "");
    // Who has pressed the button reads the answer, which may be below the panel's edge.
    (problem ? this.problem : this.says).scrollIntoView({ block: "nearest" });
  }

  /**
   * Asks whether that is meant, and says what would be lost.
   * @param {What} what
   * @returns {Promise<boolean>}
   */
  async #isSure(what) {
    const question = await this.#question(what);
    if (!question) return false;
    say(one(this.dialog, "mending-question"), question);
    say(one(this.dialog, "mending-sure"), SURE[what] ?? "");
    return (await closedWith(this.dialog)) === "sure";
  }

  /** @param {What} what @returns {Promise<string|null>} Null if there is nothing to ask; the page says why. */
  async #question(what) {
    try {
      const answer = await this.ask("/lab/known-start", { cache: "no-store" });
      if (!answer.ok) {
        sayUntilNextClick(this.problem, await problemOf(answer));
        return null;
      }
      const told = await answer.json();
      if (what !== "restore" || told.known_start) return String(told[what]);
      sayUntilNextClick(this.problem, String(told.restore));
    } catch {
      sayUntilNextClick(this.problem, "This page cannot reach web; nothing was changed.");
    }
    return null;
  }
}
