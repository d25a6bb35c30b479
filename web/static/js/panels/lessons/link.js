// @ts-check
/** The link to a lesson and a step of it: "#lesson=twice&step=3", with steps counted from 1. Pure. */

/** @typedef {{lesson: string, step: number|null}} Linked The step is counted from 0. */

/**
 * @param {string} hash
 * @returns {Linked|null}
 */
export function linkedIn(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const lesson = given.get("lesson");
  if (!lesson) return null;
  const step = Number(given.get("step"));
  return { lesson, step: Number.isInteger(step) && step >= 1 ? step - 1 : null };
}

/**
 * @param {string} lesson
 * @param {number|null} step
 */
export function linkTo(lesson, step) {
  const at = step === null ? "" : `&step=${step + 1}`;
  return `#lesson=${encodeURIComponent(lesson)}${at}`;
}
