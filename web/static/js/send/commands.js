// @ts-check
/** Sends commands, as anybody could do with curl; web passes them on to the command service. */
import { spaced } from "./curl.js";
import { problemOf } from "./problem.js";

/** @typedef {import("./curl.js").Request} Request */

/** Why nothing is sent while a run from a file is shown: it would change the stack unseen. */
export const NOT_IN_A_RUN = "A run from a file is shown, so nothing is sent. Go back to the stack first.";

export class Commands extends EventTarget {
  /**
   * @param {typeof fetch} send
   * @param {() => boolean} isRun Whether a run from a file is shown.
   * @param {import("./written.js").Written} written What this reader wrote.
   */
  constructor(send, isRun, written) {
    super();
    this.send = send;
    this.isRun = isRun;
    /** The last request sent, to show how to do it with curl. @type {Request|null} */
    this.last = null;
    /** What went wrong with the last command, in words. @type {string|null} */
    this.problem = null;
    this.written = written;
  }

  /**
   * @param {string} title
   * @returns {Promise<string|null>} What went wrong, in words; null if nothing did.
   */
  add(title) {
    // The key makes a retry by the browser harmless: the same key gives the same todo.
    return this.#ask("POST", "/commands/todos", { title }, { "Idempotency-Key": key() });
  }

  /**
   * @param {number} id
   * @param {boolean} completed
   */
  complete(id, completed) {
    return this.#ask("PATCH", `/commands/todos/${id}`, { completed });
  }

  /** @param {number} id */
  delete(id) {
    return this.#ask("DELETE", `/commands/todos/${id}`);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Record<string, unknown>} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<string|null>}
   */
  async #ask(method, path, body, headers) {
    this.problem = this.isRun() ? NOT_IN_A_RUN : await this.#sent(method, path, body, headers);
    this.dispatchEvent(new Event("answered"));
    return this.problem;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Record<string, unknown>} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<string|null>}
   */
  async #sent(method, path, body, headers = {}) {
    const typed = body && { "Content-Type": "application/json" };
    this.last = { method, url: path, headers: typed, body: body && spaced(body) };
    this.dispatchEvent(new Event("sent"));
    try {
      const answer = await this.send(path, {
        method, headers: { ...headers, ...typed }, body: body && JSON.stringify(body),
      });
      if (this.written.note(answer.headers.get("Consistency-Token"))) this.dispatchEvent(new Event("written"));
      return answer.ok ? null : await problemOf(answer);
    } catch {
      return "This page cannot reach web; nothing was sent.";
    }
  }
}

/** A random key; crypto.randomUUID exists only in a secure context, which a room's LAN is not. */
function key() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
