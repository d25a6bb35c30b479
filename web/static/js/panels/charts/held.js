// @ts-check
/** What waited where over the last minutes: what is known of it, and since when. Pure. */
import { duration } from "../../page/format.js";

/** @typedef {import("../../journal/types.js").Sample[]} Held Oldest first. */

/**
 * The samples within a time, starting with the state at its beginning.
 * @param {Held} held
 * @param {number} since_ms Epoch.
 * @param {number} now_ms Epoch.
 * @returns {Held}
 */
export function heldWithin(held, since_ms, now_ms) {
  const before = held.findLast(({ at_ms }) => at_ms < since_ms);
  const within = held.filter(({ at_ms }) => at_ms >= since_ms && at_ms <= now_ms);
  return before ? [{ ...before, at_ms: since_ms }, ...within] : within;
}

/**
 * How much of the time the depths are known for, in words.
 * @param {number|null} first_ms Epoch.
 * @param {number} since_ms Epoch.
 * @param {number} now_ms Epoch.
 */
export function heldSays(first_ms, since_ms, now_ms) {
  if (first_ms === null) return "not known";
  if (first_ms <= since_ms) return "last 5 min";
  return `known of the last ${duration(Math.max(1000, Math.round((now_ms - first_ms) / 1000) * 1000))}`;
}

/** How many events were in each place over a time. @param {Held} held */
export function depthsOf(held) {
  const depthOf = (/** @type {string} */ process, /** @type {string} */ name) => held.map(({ told }) => {
    const value = told[process]?.[name];
    return typeof value === "number" ? value : null;
  });
  return [
    { key: "outbox", name: "in the outbox", values: depthOf("command-service", "outbox") },
    { key: "queue", name: "in the queue", values: depthOf("projector", "queue") },
    { key: "projector", name: "in the projector, unacked", values: depthOf("projector", "unacked") },
    { key: "failed", name: "dead letters", values: depthOf("projector", "dead_letters") },
  ];
}

/** The largest known value. @param {(number|null)[]} values */
export function most(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? Math.max(...known) : null;
}
