// @ts-check
/**
 * The rule by which a stretch between two hops is shown: for its true duration times the stretch, but
 * for at least `floor_ms`, so that an eye can follow, and at most `cap_ms`, so that nobody sits through
 * a queue 300 times over. A stretch that is not shown to scale says so (`pace`); the figures are always
 * the true ones. Pure.
 */

/** @typedef {"to-scale"|"slower"|"faster"} Pace How a stretch is shown, against the rule's stretch. */
/**
 * @typedef {object} Rule
 * @property {number} stretch How many times slower than it happened.
 * @property {number} floor_ms The least that a stretch is shown for.
 * @property {number} cap_ms The most that a stretch is shown for.
 */

/** By how much time can be stretched; 1 is real time. */
export const FACTORS = Object.freeze([1, 10, 100, 300, 1000]);
export const FACTOR = 300;
/** The least that a stretch is shown for, where it is not shown in real time. */
const FLOOR_MS = 450;
/** The most that a stretch is shown for, and the most of a time in which nothing happens. */
export const CAP_MS = 2000;
/** How long a mark moves, at the end of a wait. */
export const MOVE_MS = 500;
/** How long a mark stands where its way ended. */
export const DWELL_MS = 900;
/** How long the page waits for a hop that should have come before another, or for the first. */
export const GRACE_MS = 600;

/**
 * The rule of a factor. Real time is real: there is no floor and no cap then.
 * @param {number} stretch
 * @returns {Rule}
 */
export function ruleOf(stretch) {
  return stretch === 1 ? { stretch, floor_ms: 0, cap_ms: Infinity } : { stretch, floor_ms: FLOOR_MS, cap_ms: CAP_MS };
}

/**
 * For how long a stretch is shown, and how that is against the rule's stretch.
 * @param {number} true_ms
 * @param {Rule} rule
 * @returns {{shown_ms: number, pace: Pace}}
 */
export function shownFor(true_ms, { stretch, floor_ms, cap_ms }) {
  const scaled_ms = true_ms * stretch;
  const pace = scaled_ms < floor_ms ? "slower" : scaled_ms > cap_ms ? "faster" : "to-scale";
  return { shown_ms: Math.min(cap_ms, Math.max(floor_ms, scaled_ms)), pace };
}
