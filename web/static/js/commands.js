// @ts-check
/** Sends commands, as anybody could with curl; web passes them on to the command service. */

export class Commands {
  /** @param {typeof fetch} send */
  constructor(send) {
    this.send = send;
  }

  /**
   * @param {string} title
   * @returns {Promise<string|null>} What went wrong, in words; null where nothing did.
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
   * @param {object} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<string|null>}
   */
  async #ask(method, path, body, headers = {}) {
    if (body) headers = { ...headers, "Content-Type": "application/json" };
    try {
      const answer = await this.send(path, { method, headers, body: body && JSON.stringify(body) });
      return answer.ok ? null : await problemOf(answer);
    } catch {
      return "This page cannot reach web; nothing was sent.";
    }
  }
}

/**
 * The problem document (RFC 9457) in one sentence.
 * @param {Response} answer
 */
async function problemOf(answer) {
  try {
    const { title, detail } = await answer.json();
    return [title, detail].filter(Boolean).join(": ") || `Refused with ${answer.status}.`;
  } catch {
    return `Refused with ${answer.status}.`;
  }
}

/** A random key; crypto.randomUUID exists only in a secure context, which a room's LAN is not. */
function key() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
