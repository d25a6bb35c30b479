// @ts-check
/**
 * The host: what needs the host key. The key is typed once and kept for as long as the tab is open;
 * where it is missing or wrong, it is asked for.
 */
import { NOT_IN_A_RUN, problemOf } from "./commands.js";
import { one, say } from "../page/dom.js";

const KEPT_AS = "host-key";

export class Host {
  /**
   * @param {ParentNode} root
   * @param {{send: typeof fetch, kept: Storage, isRun: () => boolean}} means `isRun`: whether a run of
   *   a file is shown.
   */
  constructor(root, { send, kept, isRun }) {
    this.send = send;
    this.isRun = isRun;
    this.kept = kept;
    this.dialog = one(root, "host-dialog", HTMLDialogElement);
    this.field = one(root, "host-key", HTMLInputElement);
    this.says = one(root, "host-says");
    one(root, "host-cancel").addEventListener("click", () => this.dialog.close(""));
  }

  /**
   * Sends what only the host may, asking for the key where it is needed.
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<string|null>} What went wrong, in words; null where nothing did.
   */
  async ask(method, path, body) {
    if (this.isRun()) return NOT_IN_A_RUN;
    let key = this.kept.getItem(KEPT_AS) ?? await this.#typed("");
    while (key) {
      const answer = await this.#sent(method, path, body, key);
      if (!answer) return "This page cannot reach web; nothing was changed.";
      if (answer.status !== 401) return answer.ok ? null : problemOf(answer);
      this.kept.removeItem(KEPT_AS);
      key = await this.#typed("That is not the host key.");
    }
    return "Nothing was changed: this needs the host key.";
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
   * @returns {Promise<string>} "" where it was not given.
   */
  #typed(wrong) {
    say(this.says, wrong);
    this.field.value = "";
    this.dialog.returnValue = "";
    this.dialog.showModal();
    return new Promise((resolve) => {
      this.dialog.addEventListener("close", () => {
        const key = this.dialog.returnValue === "given" ? this.field.value.trim() : "";
        if (key) this.kept.setItem(KEPT_AS, key);
        resolve(key);
      }, { once: true });
    });
  }
}
