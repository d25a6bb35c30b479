// @ts-check
/** What this reader wrote: the last version of each todo that was written in this tab. */

/** Of how many todos it remembers the version. */
const MOST = 20;
const KEPT_AS = "written";
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

  /** What a read has to carry to see these writes; "" if nothing was written. */
  token() {
    return [...this.versions].map(([id, version]) => `${id}.${version}`).join(",");
  }

  /** @param {string} token */
  #take(token) {
    if (!VERSION.test(token)) return false;
    const [id, version] = token.split(".").map(Number);
    this.versions.delete(id);
    this.versions.set(id, version);
    const [oldest] = this.versions.keys();
    if (this.versions.size > MOST) this.versions.delete(oldest);
    return true;
  }
}
