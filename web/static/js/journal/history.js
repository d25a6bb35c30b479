// @ts-check
/** What was said about the processes, and when, for as far back as the page can go. Pure. */

/**
 * @template T
 * @typedef {import("./types.js").Sample<T>} Sample
 */

/** How far back the page goes. */
export const HISTORY_MS = 600_000;
/** At most four samples a second over that time. */
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
    // The last sample before then gives the state at that time.
    const first = this.samples.findIndex((_, index) => (this.samples[index + 1]?.at_ms ?? Infinity) > at_ms - this.keep_ms);
    const surplus = Math.max(first, this.samples.length - MOST_SAMPLES);
    if (surplus > 0) this.samples.splice(0, surplus);
  }

  /**
   * Replaces what is known of an earlier time with what was said then.
   * @param {Sample<T>[]} past Oldest first.
   */
  takePast(past) {
    const from_ms = past[0]?.at_ms ?? Infinity;
    this.samples = [...this.samples.filter(({ at_ms }) => at_ms < from_ms), ...past];
  }

  /**
   * The state at a moment, as last reported by then.
   * @param {number} at_ms Epoch.
   * @returns {T|undefined} Undefined if nothing had been reported.
   */
  at(at_ms) {
    return this.sampleAt(at_ms)?.told;
  }

  /**
   * The last report by a moment, with its time.
   * @param {number} at_ms Epoch.
   * @returns {Sample<T>|undefined} Undefined if nothing had been reported.
   */
  sampleAt(at_ms) {
    return this.samples.findLast((sample) => sample.at_ms <= at_ms);
  }

  /**
   * Forgets what was said after a moment.
   * @param {number} at_ms Epoch.
   */
  forgetAfter(at_ms) {
    this.samples = this.samples.filter((sample) => sample.at_ms <= at_ms);
  }

  /** @returns {T|undefined} */
  get latest() {
    return this.samples.at(-1)?.told;
  }

  clear() {
    this.samples = [];
  }
}

/** What was said about all the processes, and when. */
export class Told {
  /** @param {number} [keep_ms] How long it is kept. */
  constructor(keep_ms = HISTORY_MS) {
    /** @type {History<import("./types.js").Health>} */
    this.health = new History(keep_ms);
    /** @type {History<import("./types.js").Holds>} */
    this.holds = new History(keep_ms);
    /** @type {History<import("./types.js").Switches>} */
    this.switches = new History(keep_ms);
  }

  /**
   * Takes in the past of the processes, as web sends it to a page that joins or comes back.
   * @param {{health?: Sample<any>[], holds?: Sample<any>[], switches?: Sample<any>[]}} past
   */
  takePast({ health = [], holds = [], switches = [] }) {
    this.health.takePast(health);
    this.holds.takePast(holds);
    this.switches.takePast(switches);
  }

  /**
   * Forgets what was said after a moment.
   * @param {number} at_ms Epoch.
   */
  forgetAfter(at_ms) {
    for (const history of [this.health, this.holds, this.switches]) history.forgetAfter(at_ms);
  }

  clear() {
    for (const history of [this.health, this.holds, this.switches]) history.clear();
  }
}
