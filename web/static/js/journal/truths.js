// @ts-check
/** The answers of both stores, one after the other. Pure. */

/** @typedef {import("./types.js").Side} Side */
/** @typedef {import("./types.js").Truths} Truths */

const SIDES = /** @type {const} */ (["postgresql", "mongodb"]);

/**
 * New answers, with the last contents of a store that does not answer now: of when they are, their times say.
 * @param {Truths|null} before
 * @param {Truths|null} told
 * @returns {Truths|null}
 */
export function withLastAnswers(before, told) {
  if (!before || !told) return told;
  const sides = SIDES.map((name) => [name, kept(before[name], told[name])]);
  return { ...told, ...Object.fromEntries(sides) };
}

/**
 * @param {Side} before
 * @param {Side} told
 * @returns {Side}
 */
function kept(before, told) {
  const isKept = told.error !== null && (before.error === null || before.isKept);
  return isKept ? { ...before, error: told.error, isKept } : told;
}
