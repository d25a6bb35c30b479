// @ts-check
/**
 * The host: requests that need the host key. The key is typed once and kept for as long as the tab is
 * open. If it is missing or wrong, the page asks for it.
 */
import { NOT_IN_A_RUN } from "./commands.js";
import { problemOf } from "./problem.js";

const KEPT_AS = "host-key";

export class Host {
  /**
   * @param {object} means
   * @param {typeof fetch} means.send
   * @param {Pick<Storage, "getItem"|"setItem"|"removeItem">} means.kept Keeps the key.
   * @param {(wrong: string) => Promise<string>} means.typed Asks a person for the key, saying what was
   *   wrong with the last one; gives "" if there is none.
   * @param {() => boolean} means.isRun Whether a run from a file is shown.
   */
  constructor({ send, kept, typed, isRun }) {
    this.send = send;
    this.kept = kept;
    this.typed = typed;
    this.isRun = isRun;
  }

  /** Whether this tab has a key. It may be a wrong one, until it has been used. */
  get isKnown() {
    return this.kept.getItem(KEPT_AS) !== null;
  }

  /** Asks for the key if it is not there, and says whether it is then. */
  async know() {
    if (!this.isKnown && !this.isRun()) await this.#keyed("");
    return this.isKnown;
  }

  /**
   * Sends what only the host may send, asking for the key if it is needed.
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<string|null>} What went wrong, in words; null if nothing did.
   */
  async ask(method, path, body) {
    const got = await this.#answered(method, path, body);
    return "problem" in got ? got.problem : null;
  }

  /**
   * The same, for what is answered with more than that it was done.
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @param {{isForStack?: boolean}} [how] `isForStack`: it is sent though a run from a file is shown.
   * @returns {Promise<{problem: string}|{told: any}>} What went wrong, in words, or the answer.
   */
  async told(method, path, body, { isForStack = false } = {}) {
    const got = await this.#answered(method, path, body, isForStack);
    return "problem" in got ? got : { told: await got.answer.json() };
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object|undefined} body
   * @param {boolean} [isForStack]
   * @returns {Promise<{problem: string}|{answer: Response}>}
   */
  async #answered(method, path, body, isForStack = false) {
    if (this.isRun() && !isForStack) return { problem: NOT_IN_A_RUN };
    let key = this.kept.getItem(KEPT_AS) ?? await this.#keyed("");
    while (key) {
      const answer = await this.#sent(method, path, body, key);
      if (!answer) return { problem: "This page cannot reach web; nothing was changed." };
      if (answer.status !== 401) return answer.ok ? { answer } : { problem: await problemOf(answer) };
      this.kept.removeItem(KEPT_AS);
      key = await this.#keyed("That is not the host key.");
    }
    return { problem: "Nothing was changed: this needs the host key." };
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object|undefined} body
   * @param {string} key
   * @returns {Promise<Response|null>}
   */
  async #sent(method, path, body, key) {
    const headers = { "Authorization": `Bearer ${key}`, "Content-Type": "application/json" };
    try {
      return await this.send(path, { method, headers, body: body && JSON.stringify(body) });
    } catch {
      return null;
    }
  }

  /**
   * @param {string} wrong What was wrong with the last one.
   * @returns {Promise<string>} "" if it was not given.
   */
  async #keyed(wrong) {
    const key = await this.typed(wrong);
    if (key) this.kept.setItem(KEPT_AS, key);
    return key;
  }
}
