// @ts-check
/**
 * What this reader wrote: the last version of each todo that was written in this tab. A tab may outlive the
 * data of the stack; in another log of events, those versions will never be there.
 */

/** Of how many todos it remembers the version. */
const MOST = 20;
const KEPT_AS = "written";
const LOG_KEPT_AS = "written-in";
const BACK_KEPT_AS = "written-since";
const VERSION = /^[1-9]\d*\.[1-9]\d*$/;

export class Written {
  /** @param {Pick<Storage, "getItem"|"setItem">} kept Keeps it for as long as the tab is open, reloads included. */
  constructor(kept) {
    this.kept = kept;
    /** @type {Map<number, number>} The version by todo, in the order in which they were written. */
    this.versions = new Map();
    for (const token of (kept.getItem(KEPT_AS) ?? "").split(",")) this.#take(token);
  }

  /**
   * Remembers a write.
   * @param {string|null} token The Consistency-Token of its answer.
   * @returns {boolean} Whether there was one.
   */
  note(token) {
    const isOne = this.#take(token ?? "");
    if (isOne) this.kept.setItem(KEPT_AS, this.token());
    return isOne;
  }

  /**
   * Notes which log of events the stack has now, and forgets what was written in another.
   * @param {string|null} log Its name; null if it is empty.
   */
  noteLog(log) {
    const before = this.kept.getItem(LOG_KEPT_AS);
    if (before && before !== log) {
      this.versions.clear();
      this.kept.setItem(KEPT_AS, "");
    }
    this.kept.setItem(LOG_KEPT_AS, log ?? "");
  }

  /**
   * Notes when the stack last went back to an earlier moment, and forgets what was written before that: it
   * may have been taken back.
   * @param {number|null} back_ms Epoch.
   */
  noteBack(back_ms) {
    const before = this.kept.getItem(BACK_KEPT_AS);
    if (back_ms === null || before === String(back_ms)) return;
    this.versions.clear();
    this.kept.setItem(KEPT_AS, "");
    this.kept.setItem(BACK_KEPT_AS, String(back_ms));
  }

  /** What a read has to carry to see these writes; "" if nothing was written. */
  token() {
    return [...this.versions].map(([id, version]) => `${id}.${version}`).join(",");
  }

  /** @param {string} token */
  #take(token) {
    if (!VERSION.test(token)) return false;
    const [id, version] = token.split(".").map(Number);
    // Of two commands that were sent at once, the first may be answered last.
    const latest = Math.max(version, this.versions.get(id) ?? 0);
    this.versions.delete(id);
    this.versions.set(id, latest);
    const [oldest] = this.versions.keys();
    if (this.versions.size > MOST) this.versions.delete(oldest);
    return true;
  }
}
