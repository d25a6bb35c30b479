// @ts-check
/** What the panel sends: answers for anybody, and all else for the host. What went wrong is said in the panel. */
import { closedWith } from "../../page/dialogs.js";
import { one, say } from "../../page/dom.js";
import { sayUntilNextClick } from "../../page/passing.js";
import { problemOf } from "../../send/problem.js";

/** @typedef {import("./answered.js").Answered} Answered */
/** @typedef {import("./house.js").Answer} Answer */
/** @typedef {import("./house.js").Host} Host */

export class Sending {
  /**
   * @param {HTMLElement} root The panel.
   * @param {object} means
   * @param {Host} means.host
   * @param {typeof fetch} means.ask
   * @param {Answered} means.answered
   * @param {() => void} changed Called when there is something else to be seen.
   */
  constructor(root, { host, ask, answered }, changed) {
    this.root = root;
    this.host = host;
    this.ask = ask;
    this.answered = answered;
    this.changed = changed;
    this.problem = one(root, "lesson-problem");
    /** The last answer that was sent: of two that are sent at once, either could be the one that counts. */
    this.turn = Promise.resolve(false);
    /** What web is doing for this page, in words. */
    this.pending = "";
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<boolean>} Whether it was done.
   */
  async send(method, path, body) {
    const problem = await this.host.ask(method, path, body);
    this.#wrong(problem ?? "");
    this.changed();
    return problem === null;
  }

  /**
   * @param {number} step
   * @param {Answer} answer
   * @returns {Promise<boolean>} Whether it counts.
   */
  answer(step, answer) {
    const { of } = this.answered;
    this.turn = this.turn.then(() => this.#answered(step, answer, of));
    return this.turn;
  }

  /**
   * @param {number} step
   * @param {Answer} answer
   * @param {string} of The attempt that it belongs to.
   * @returns {Promise<boolean>}
   */
  async #answered(step, answer, of) {
    const { answered } = this;
    if (answered.of !== of) return false;
    try {
      const body = JSON.stringify({ step, who: answered.who, answer });
      const told = await this.ask("/lesson/answers", { method: "POST", headers: { "Content-Type": "application/json" }, body });
      if (told.ok) answered.note(step, answer, of);
      this.#wrong(told.ok ? "" : await problemOf(told));
      this.changed();
      return told.ok;
    } catch {
      this.#wrong("This page cannot reach web; the answer was not counted.");
      return false;
    }
  }

  /**
   * Starts a lesson, once it is certain that what it would remove may go.
   * @param {string} id
   */
  async start(id) {
    const question = await this.#lost();
    if (question === null || (question && !(await this.#isSure(question, "Remove it and start")))) return;
    await this.#doing("Going to the start of the lesson", "POST", "/lesson", { lesson: id, sure: true });
  }

  /** Ends the lesson, and puts everything right. */
  end() {
    return this.#doing("Putting everything right again", "DELETE", "/lesson");
  }

  /**
   * Sends something that takes a while, and says what it is meanwhile.
   * @param {string} says
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  async #doing(says, method, path, body) {
    if (this.pending) return;
    this.pending = says;
    this.changed();
    await this.send(method, path, body);
    this.pending = "";
    this.changed();
  }

  /** What starting would remove, in a question; "" if that is nothing, null if web cannot say. */
  async #lost() {
    try {
      const answer = await this.ask("/lab/known-start", { cache: "no-store" });
      if (!answer.ok) {
        this.#wrong(await problemOf(answer));
        return null;
      }
      const { now, reset } = await answer.json();
      return now?.todos === 0 && now?.events === 0 ? "" : String(reset);
    } catch {
      this.#wrong("This page cannot reach web; nothing was changed.");
      return null;
    }
  }

  /**
   * @param {string} question
   * @param {string} sure
   * @returns {Promise<boolean>}
   */
  async #isSure(question, sure) {
    const dialog = one(this.root, "lesson-dialog", HTMLDialogElement);
    say(one(dialog, "lesson-question"), question);
    say(one(dialog, "lesson-sure"), sure);
    return (await closedWith(dialog)) === "sure";
  }

  /** @param {string} problem */
  #wrong(problem) {
    sayUntilNextClick(this.problem, problem);
  }
}
