// @ts-check
/** A journey: what is known of one event. Pure. */

/** @typedef {import("./journal.js").Journey} Journey */

/** What is known of a journey beside its hops; null is what is not known yet. */
export const KNOWN = /** @type {const} */ (["trace_id", "type", "todo_id", "version", "title", "completed"]);

/**
 * A journey of which nothing is known yet.
 * @param {string} event_id
 * @returns {Journey}
 */
export function unknownJourney(event_id) {
  return {
    event_id, trace_id: null, type: null, todo_id: null, version: null, title: null, completed: null, hops: [],
  };
}

/**
 * What an event did to its todo: "created", "renamed", "completed", "reopened" or "deleted".
 * @param {Pick<Journey, "type">} journey
 */
export function kindOf({ type }) {
  return type?.split(".")[1] ?? "unknown";
}

/**
 * Whether an event deleted its todo.
 * @param {Pick<Journey, "type">} journey
 */
export function isDeletion(journey) {
  return kindOf(journey) === "deleted";
}

/**
 * When the first thing happened that is known of a journey.
 * @param {Journey} journey
 * @returns {number|undefined} Epoch.
 */
export function beganAt({ hops }) {
  return hops[0]?.at_ms;
}

/**
 * The moment of the answer to the command: as of then a write is owed to every reader. Where the
 * answer is not known, its commit stands in for it.
 * @param {Journey} journey
 * @returns {number|undefined} Epoch.
 */
export function acknowledgedAt({ hops }) {
  const named = (/** @type {string} */ name) => hops.find(({ hop }) => hop === name)?.at_ms;
  return named("acknowledged") ?? named("committed");
}
