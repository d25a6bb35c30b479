/** What the tests of the page's pure modules share: hops and journeys, made short. */
import assert from "node:assert/strict";

/** The hops that move an event's mark if nothing goes wrong. */
export const WAY = Object.freeze(["received", "committed", "picked-up", "confirmed", "delivered", "projected", "seen"]);

/**
 * A hop record of one event, as web sends it.
 * @param {string} name
 * @param {number} at_ms
 * @param {object} [more]
 */
export function hop(name, at_ms, more = {}) {
  return {
    event_id: "e1", hop: name, at_ms, start_ms: null, span_id: name, process: "relay", type: "todo.created.v1",
    todo_id: 1, version: 1, title: "a", completed: false, ...more,
  };
}

/**
 * The hops of one event, from `[name, at_ms]` each; any of them may come twice.
 * @param {string} event_id
 * @param {[string, number][]} hops
 * @param {object} [more]
 */
export function hopsOf(event_id, hops, more = {}) {
  return hops.map(([name, at_ms]) => hop(name, at_ms, { event_id, span_id: `${name} ${at_ms}`, ...more }));
}

/**
 * A journey of a version of a todo, with its hops by name and time; `picked_up` is picked-up.
 * @param {number} version
 * @param {Record<string, number>} hops
 * @param {object} [more]
 */
export function journey(version, hops, more = {}) {
  return {
    event_id: `e${version}`, trace_id: null, type: `todo.${version === 1 ? "created" : "renamed"}.v1`, todo_id: 1, version,
    title: `title ${version}`, completed: false,
    hops: Object.entries(hops).map(([name, at_ms]) => hop(name.replaceAll("_", "-"), at_ms)),
    ...more,
  };
}

/**
 * Asserts that two numbers are equal, apart from floating-point rounding.
 * @param {number|null|undefined} actual
 * @param {number} expected
 */
export function close(actual, expected) {
  assert.ok(typeof actual === "number" && Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
    `${actual} is not about ${expected}`);
}
