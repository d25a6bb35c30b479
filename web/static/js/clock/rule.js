// @ts-check
/**
 * The rule for how long a stretch between two hops is shown: its true duration times the stretch factor,
 * but at least `floor_ms`, so that the eye can follow, and at most `cap_ms`, so that nobody has to sit
 * through a queue 300 times over. A stretch that is not shown to scale says so (`pace`). The figures are
 * always the true ones. In real time there is neither; what would come later than `late_ms` behind the
 * present is hurried instead, so that lateness is made up and never adds up. Pure.
 */

/** @typedef {"to-scale"|"slower"|"faster"} Pace How fast a stretch is shown, compared with the rule's stretch. */
/**
 * @typedef {object} Rule
 * @property {number} stretch How many times slower it is shown than it happened.
 * @property {number} floor_ms The least time for which a stretch is shown.
 * @property {number} cap_ms The most time for which a stretch is shown.
 * @property {number} late_ms How late a hop may be shown, in real time; infinite if time is stretched.
 */

/** The factors by which time can be stretched; 1 is real time. */
export const FACTORS = Object.freeze([1, 10, 100, 300, 1000]);
export const FACTOR = 300;
/** The least time for which a stretch is shown, except in real time. */
const FLOOR_MS = 450;
/** The most time for which a stretch is shown, or a time in which nothing happens. */
export const CAP_MS = 2000;
/** How late a hop may be shown in real time. News needs a small part of it to arrive. */
export const LATE_MS = 1000;
/** How long a mark moves at the end of a wait, and the most that a hurried stretch takes. */
export const MOVE_MS = 500;
/** How long a mark stays where its way ended. */
export const DWELL_MS = 900;
/** How long the page waits for a hop that should have come before another, or for the first. */
export const GRACE_MS = 600;

/**
 * The rule for a factor. Real time has no floor and no cap.
 * @param {number} stretch
 * @returns {Rule}
 */
export function ruleOf(stretch) {
  return stretch === 1
    ? { stretch, floor_ms: 0, cap_ms: Infinity, late_ms: LATE_MS }
    : { stretch, floor_ms: FLOOR_MS, cap_ms: CAP_MS, late_ms: Infinity };
}

/**
 * How long a stretch is shown, and how that compares with the rule's stretch.
 * @param {number} true_ms
 * @param {Rule} rule
 * @param {object} [since]
 * @param {number} [since.waited_ms] How much of it has been shown already, while the news of its end was
 *   awaited.
 * @param {number} [since.late_ms] How long ago it ended.
 * @returns {{shown_ms: number, pace: Pace}} `shown_ms`: for how much longer.
 */
export function shownFor(true_ms, { stretch, floor_ms, cap_ms, late_ms: most_ms }, { waited_ms = 0, late_ms = 0 } = {}) {
  const scaled_ms = true_ms * stretch;
  const whole_ms = Math.min(cap_ms, Math.max(floor_ms, scaled_ms));
  const least_ms = Math.min(whole_ms, MOVE_MS);
  const left_ms = whole_ms - waited_ms;
  const shown_ms = Math.max(least_ms, Math.min(left_ms, most_ms - late_ms));
  const isHurried = shown_ms < left_ms;
  const pace = scaled_ms < floor_ms ? "slower" : scaled_ms > cap_ms || isHurried ? "faster" : "to-scale";
  return { shown_ms, pace };
}
