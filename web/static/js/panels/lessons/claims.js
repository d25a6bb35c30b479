// @ts-check
/** How a claim stands, in words, and when the room may be told. Pure. */

/** @type {Readonly<Record<import("../../journal/lesson.js").ClaimState, string>>} */
export const CLAIMS = Object.freeze({ "open": "Not yet", "held": "So it was", "not-held": "Not so", "unknown": "Not known" });

/** Nobody waits longer for a stage that is far behind, as after a burst. */
const MOST_BEHIND_MS = 10_000;

/**
 * Whether the room may be told how a claim stands: once it was decided, and the stage has shown that moment. The
 * room is to see it before it reads it.
 * @param {import("../../journal/lesson.js").ClaimNow} claim
 * @param {{now_ms: number, behind_ms: number}} stage The true time, and how far behind the stage is.
 */
export function isShown({ state, at_ms }, { now_ms, behind_ms }) {
  return state === "open" || at_ms == null || now_ms - Math.min(behind_ms, MOST_BEHIND_MS) >= at_ms;
}
