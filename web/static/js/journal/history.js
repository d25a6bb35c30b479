// @ts-check
/** What was said of the processes, with its times: as much of the past as the page can go back to. Pure. */

/**
 * @template T
 * @typedef {import("./types.js").Sample<T>} Sample
 */

/** How far back the page goes. */
export const HISTORY_MS = 600_000;
/** At most four a second, over that time. */
const MOST_SAMPLES = 2400;

/** @template {object} T */
export class History {
  /** @param {number} [keep_ms] How long it is kept. */
  constructor(keep_ms = HISTORY_MS) {
    this.keep_ms = keep_ms;
    /** @type {Sample<T>[]} Oldest first. */
    this.samples = [];
  }

  /**
   * @param {number} at_ms Epoch, when it was said.
   * @param {T} told
   */
  add(at_ms, told) {
    this.samples.push({ at_ms, told });
    // The last one before then says what was so then.
    const first = this.samples.findIndex((_, index) => (this.samples[index + 1]?.at_ms ?? Infinity) > at_ms - this.keep_ms);
    const surplus = Math.max(first, this.samples.length - MOST_SAMPLES);
    if (surplus > 0) this.samples.splice(0, surplus);
  }

  /**
   * Takes in what was said before, in place of what is known of that time.
   * @param {Sample<T>[]} past Oldest first.
   */
  takePast(past) {
    const from_ms = past[0]?.at_ms ?? Infinity;
    this.samples = [...this.samples.filter(({ at_ms }) => at_ms < from_ms), ...past];
  }

  /**
   * What was so at a moment, as last said before it.
   * @param {number} at_ms Epoch.
   * @returns {T|undefined} Nothing where nothing had been said.
   */
  at(at_ms) {
    return this.samples.findLast((sample) => sample.at_ms <= at_ms)?.told;
  }

  /** @returns {T|undefined} */
  get latest() {
    return this.samples.at(-1)?.told;
  }

  clear() {
    this.samples = [];
  }
}
