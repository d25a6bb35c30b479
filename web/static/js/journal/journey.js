// @ts-check
/** A journey: what is known of one event, and its hops in true order. Pure. */

/** @typedef {import("./types.js").Hop} Hop */
/** @typedef {import("./types.js").Journey} Journey */

/**
 * A journey about which nothing is known yet.
 * @param {string} event_id
 * @returns {Journey}
 */
export function unknownJourney(event_id) {
  return {
    event_id, trace_id: null, type: null, todo_id: null, version: null, title: null, completed: null, hops: [],
  };
}

/**
 * What is known of a journey besides its hops.
 * @param {Journey} journey
 */
export function known({ event_id, trace_id, type, todo_id, version, title, completed }) {
  return { event_id, trace_id, type, todo_id, version, title, completed };
}

/**
 * The identity of a hop within its journey. Two hops with the same identity are one.
 * @param {{hop: string, span_id?: string}} hop
 */
export function identityOf({ hop, span_id }) {
  return `${hop} ${span_id ?? ""}`;
}

/**
 * Compares two hops of a journey by their true order: by time, then by name, then by span.
 * @param {Hop} a
 * @param {Hop} b
 */
export function inTrueOrder(a, b) {
  return a.at_ms - b.at_ms || compared(a.hop, b.hop) || compared(a.span_id ?? "", b.span_id ?? "");
}

/**
 * @param {string} a
 * @param {string} b
 */
export function compared(a, b) {
  return a < b ? -1 : Number(a > b);
}

/**
 * The first hop of that name, or undefined if it is not known.
 * @param {Pick<Journey, "hops">} journey
 * @param {string} name
 */
export function hopOf({ hops }, name) {
  return hops.find(({ hop }) => hop === name);
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
 * When the first known thing in a journey happened.
 * @param {Pick<Journey, "hops">} journey
 * @returns {number|undefined} Epoch.
 */
export function beganAt({ hops }) {
  return hops[0]?.at_ms;
}

/**
 * The moment of the answer to the command: from then on, every reader is owed the write. If the answer is
 * not known, the commit stands in for it.
 * @param {Pick<Journey, "hops">} journey
 * @returns {number|undefined} Epoch.
 */
export function acknowledgedAt(journey) {
  return (hopOf(journey, "acknowledged") ?? hopOf(journey, "committed"))?.at_ms;
}
