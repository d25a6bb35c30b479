// @ts-check
/** How a claim stands, in words, and when the room may be told. Pure. */

/** @type {Readonly<Record<import("../../journal/lesson.js").ClaimState, string>>} */
export const CLAIMS = Object.freeze({ "open": "Looking", "held": "So it was", "not-held": "Not so", "unknown": "Not known" });

/**
 * A claim in words. Before it is decided only what is looked at is said, as the claim would give the outcome away.
 * @param {import("../../journal/lesson.js").ClaimState} told How it stands, as far as the room may know.
 * @param {{says: string, seen?: string|null}} claim
 * @param {string} fact What it is about.
 * @returns {[string, string]} What is said of it, and what was seen.
 */
export function claimSays(told, { says, seen }, fact) {
  if (told === "open") return [fact || "What comes of it", seen ? `So far: ${seen}` : ""];
  if (told === "unknown") return [says, seen ?? ""];
  // That it holds says as much as a mere yes or no.
  if (!seen || (told === "held" && (seen === "yes" || seen === "no"))) return [says, ""];
  return [says, `${fact || "Seen"}: ${seen}`];
}

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
