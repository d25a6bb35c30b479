// @ts-check
/** The words for how a claim stands. Pure data. */

/** @type {Readonly<Record<import("../../journal/lesson.js").ClaimState, string>>} */
export const CLAIMS = Object.freeze({ "open": "Not yet", "held": "So it was", "not-held": "Not so", "unknown": "Not known" });
