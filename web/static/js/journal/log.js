// @ts-check
/** The log of events that the stack has: it is another one once the stack has begun anew. Pure. */

/**
 * The log that PostgreSQL holds.
 * @param {import("./types.js").Holds} holds
 * @returns {string|null|undefined} Its name; null if it is empty, undefined if that is not known.
 */
export function logIn(holds) {
  const log = holds?.["command-service"]?.log;
  return typeof log === "string" || log === null ? log : undefined;
}
