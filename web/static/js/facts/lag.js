// @ts-check
/**
 * The lag of the read model: how long after its commit an event is in MongoDB, and of what is not there yet,
 * its age so far. Pure: no DOM, no network, no clock.
 */
import { hopOf } from "../journal/journey.js";
import { injectedBy } from "../journal/injected.js";
import { overSince } from "../journal/over.js";
import { readableAt } from "./staleness.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("./staleness.js").Moment} Moment */

/**
 * @typedef {object} Wait The way of one event from its commit to MongoDB.
 * @property {number} from_ms Epoch, its commit.
 * @property {number} to_ms Epoch, when MongoDB held it or a newer one of the same todo, or when nothing more was
 *   expected of it, as of a dead letter; Infinity while it is not there.
 * @property {number|null} lag_ms How long it took; null if it is not there, or was never to be.
 * @property {number} injected_ms How much of that the lab has injected, or of its age so far.
 */

/** @type {readonly import("../journal/types.js").Firing[]} */
const NO_FIRINGS = Object.freeze([]);

/**
 * The ways to MongoDB of all events that were committed by a moment.
 * @param {Pick<Journal, "journeys"|"read"|"shownSince"> & Partial<Pick<Journal, "firings">>} journal
 * @param {Moment} moment
 * @returns {Wait[]} By the time of their commit.
 */
export function waitsOf(journal, { now_ms, news_ms = 0 }) {
  const readable = readableAt(journal.journeys.values(), "projected", now_ms);
  /** @type {Wait[]} */
  const waits = [];
  const rule = injectedBy(journal.firings ?? NO_FIRINGS);
  for (const journey of journal.journeys.values()) {
    const from_ms = hopOf(journey, "committed")?.at_ms;
    if (from_ms === undefined || from_ms > now_ms) continue;
    const there_ms = readable(journey);
    const over_ms = there_ms ?? overSince(journal, journey);
    const to_ms = over_ms <= now_ms ? over_ms : Infinity;
    if (to_ms === Infinity && from_ms > now_ms - news_ms) continue;
    const injected_ms = rule.between(journey, from_ms, Math.min(to_ms, now_ms));
    waits.push({ from_ms, to_ms, lag_ms: there_ms === null ? null : Math.max(0, there_ms - from_ms), injected_ms });
  }
  return waits.sort((a, b) => a.from_ms - b.from_ms);
}

/**
 * The lag at each of some moments: the age of the oldest event that was not in MongoDB then.
 * @param {readonly Wait[]} waits By the time of their commit.
 * @param {readonly number[]} times_ms Epoch, ascending.
 * @returns {(number|null)[]} Null where nothing was waiting.
 */
export function lagAt(waits, times_ms) {
  let oldest = 0;
  return times_ms.map((at_ms) => {
    // One that has arrived has arrived for every later moment too.
    while (oldest < waits.length && waits[oldest].to_ms <= at_ms) oldest += 1;
    const from_ms = waits[oldest]?.from_ms ?? Infinity;
    return from_ms <= at_ms ? at_ms - from_ms : null;
  });
}
