// @ts-check
/**
 * How many events and todos each part holds at the moment that the marks show. Web asks each part a few
 * times a second; what has moved since, or is shown where it was before, is added and taken away by its
 * hops. So there are never fewer in a place than marks drawn there. Pure.
 */
import { stood } from "../clock/shown.js";
import { STEPS } from "../journal/hops.js";
import { hopOf, kindOf } from "../journal/journey.js";
import { indexAt } from "../journal/order.js";
import { itinerary } from "../journal/path.js";
import { projectedAt, writtenAt } from "./rows.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Holds} Holds */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/hops.js").Place} Place */
/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../clock/shown.js").Shown} Shown */

/**
 * @typedef {object} Counts Null for what is not known.
 * @property {number|null} postgresql Todos.
 * @property {number|null} outbox Events, including those that the relay is just publishing.
 * @property {number|null} queue
 * @property {number|null} inHand
 * @property {number|null} deadLetters
 * @property {number|null} mongodb Todos.
 */

/**
 * @typedef {object} Told What a part said that it held, and when.
 * @property {number|null} count
 * @property {number} at_ms Epoch.
 */

/**
 * What all parts said that they held.
 * @param {Holds} holds
 * @returns {Counts}
 */
export function countsTold(holds) {
  const told = toldIn(holds, 0);
  return {
    postgresql: told.postgresql.count, outbox: told.outbox.count, queue: told.queue.count,
    inHand: told.inHand.count, deadLetters: told.deadLetters.count, mongodb: told.mongodb.count,
  };
}

/**
 * What the stores hold, if all their todos have been compared: the same figures as the rows.
 * @param {import("./compare.js").Compared[]} compared
 */
export function countsCompared(compared) {
  return {
    postgresql: compared.filter(({ left }) => left).length,
    mongodb: compared.filter(({ right }) => right).length,
  };
}

/**
 * What all parts hold at the moment that the marks show.
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Holds} holds What they said last.
 * @param {number} told_ms Epoch, when they said so, for parts that do not say.
 * @returns {Counts}
 */
export function countsAt(journal, scene, holds, told_ms) {
  const told = toldIn(holds, told_ms);
  const moved = movedSince(journal, scene, Math.min(...Object.values(told).map(({ at_ms }) => at_ms)));
  return {
    postgresql: ofStore(told.postgresql, moved, committedAt),
    outbox: inTransit(told.outbox, moved, isInOutbox, ["outbox", "relay"]),
    queue: inTransit(told.queue, moved, isInQueue, ["queue"]),
    inHand: inTransit(told.inHand, moved, isInHand, ["projector"]),
    deadLetters: parked(told.deadLetters, moved),
    mongodb: ofStore(told.mongodb, moved, inMongodbAt),
  };
}

/**
 * @param {Holds} holds
 * @param {number} told_ms
 */
function toldIn(holds, told_ms) {
  const [command, relay, projector, query] = [holds["command-service"], holds.relay, holds.projector, holds["query-service"]];
  const told = (/** @type {Holds[string]} */ part, /** @type {string} */ name) =>
    ({ count: number(part?.[name]), at_ms: number(part?.at_ms) ?? told_ms });
  const outbox = told(command, "outbox");
  return {
    postgresql: told(command, "todos"),
    outbox: outbox.count === null ? told(relay, "outbox") : outbox,
    queue: told(projector, "queue"), inHand: told(projector, "unacked"), deadLetters: told(projector, "dead_letters"),
    mongodb: told(query, "todos"),
  };
}

/** How exactly it is known when a part counted what it holds. */
const COUNTED_WITHIN_MS = 25;
/** How much later than the commit the process may have noted it, on a busy machine. */
const RECORDED_WITHIN_MS = 60;
const COUNTED = Object.freeze([0, -COUNTED_WITHIN_MS, COUNTED_WITHIN_MS]);

/** @typedef {{journey: Journey, shown: Shown|null, at_ms: number}} Moved A journey that may be elsewhere by now. */

/**
 * The journeys with a mark, and those that have moved since a moment, each with the moment at which it is
 * shown.
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {number} since_ms Epoch.
 * @returns {Moved[]}
 */
function movedSince(journal, scene, since_ms) {
  const { shown: all, undrawn, isPast, at_ms, behind_ms } = scene;
  const live_ms = isPast ? at_ms : at_ms + behind_ms;
  /** @type {Map<string, Moved>} */
  const moved = new Map();
  for (const shown of undrawn) moved.set(shown.journey.event_id, { journey: shown.journey, shown, at_ms: live_ms });
  for (const [event_id, shown] of all) moved.set(event_id, { journey: shown.journey, shown, at_ms: shown.over ? live_ms : shown.at_ms });
  const hops = journal.inOrder();
  const last = indexAt(hops, live_ms);
  for (let index = indexAt(hops, since_ms) + 1; index <= last; index += 1) {
    const { event_id } = hops[index];
    const journey = moved.has(event_id) ? undefined : journal.journeys.get(event_id);
    if (journey) moved.set(event_id, { journey, shown: null, at_ms: live_ms });
  }
  return [...moved.values()];
}

/**
 * How many wait in a place that events only pass: those that the page does not know of, and those that it
 * shows there.
 * @param {Told} told
 * @param {Moved[]} moved
 * @param {(journey: Journey, at_ms: number) => boolean} isThere Whether a journey truly was there.
 * @param {Place[]} places Where its mark stands then.
 */
function inTransit({ count, at_ms }, moved, isThere, places) {
  const shown = moved.filter((each) => isShownAt(each, places)).length;
  if (count === null) return null;
  // Nothing was there, so nothing has to be taken away.
  const known = count === 0 ? 0 : moved.filter(({ journey }) => COUNTED.some((by_ms) => isThere(journey, at_ms + by_ms))).length;
  return Math.max(0, count - known) + shown;
}

/**
 * @param {Told} told
 * @param {Moved[]} moved
 */
function parked({ count, at_ms }, moved) {
  const shown = moved.filter((each) => isShownAt(each, ["dead-letters"])).length;
  if (count === null) return null;
  const before = moved.filter(({ journey }) => placeAt(journey, at_ms) === "dead-letters").length;
  return Math.max(count - before, 0) + shown;
}

/**
 * How many todos a store holds: those it said, with what was created and deleted since then, or without
 * what is not shown yet.
 * @param {Told} told
 * @param {Moved[]} moved
 * @param {(journey: Journey) => number} reachedAt Epoch, when an event reached the store; Infinity if it
 *   has not.
 */
function ofStore({ count, at_ms: told_ms }, moved, reachedAt) {
  if (count === null) return null;
  const changes = moved.map(({ journey, at_ms }) => {
    const adds = { created: 1, deleted: -1 }[kindOf(journey)] ?? 0;
    if (!adds) return 0;
    const on_ms = reachedAt(journey);
    return adds * (Number(on_ms <= at_ms) - Number(on_ms <= told_ms));
  });
  return Math.max(0, changes.reduce((sum, change) => sum + change, count));
}

/**
 * @param {Moved} moved
 * @param {Place[]} places
 */
function isShownAt({ journey, shown, at_ms }, places) {
  const place = shown ? markPlace(shown) : placeAt(journey, at_ms);
  return place !== null && places.includes(place);
}

/**
 * The place at which a mark is counted. While it is still on its way to another, nothing has happened there
 * yet, just as the stores' rows are not there yet.
 * @param {Shown} shown
 */
function markPlace({ from, to, moving }) {
  return moving ? from : to;
}

/**
 * Where an event truly was.
 * @param {Journey} journey
 * @param {number} at_ms Epoch.
 * @returns {Place|null} Null before its first hop.
 */
function placeAt(journey, at_ms) {
  const last = itinerary(journey).findLast((hop) => hop.at_ms <= at_ms);
  return last ? stood(journey, STEPS[last.hop].to) : null;
}

/**
 * Whether an event may have had a row in the outbox: from some time before the commit was recorded until
 * some time after the broker's confirm was, although the queue has it from when it was sent. Where the news
 * of the commit has yet to come, it was there before the first thing that is known to have taken it from there.
 * @param {Journey} journey
 * @param {number} at_ms
 */
function isInOutbox(journey, at_ms) {
  if (journey.isDirect) return false;
  const place = placeAt(journey, at_ms);
  if (place === null) return committedAt(journey) - at_ms <= RECORDED_WITHIN_MS && leavesOutboxAfter(journey, at_ms);
  if (place === "command-service" || place === "outbox" || place === "relay") return true;
  const confirmed = hopOf(journey, "confirmed");
  return confirmed !== undefined && (confirmed.start_ms ?? Infinity) <= at_ms && at_ms < confirmed.at_ms;
}

/**
 * @param {Journey} journey
 * @param {number} at_ms Epoch, before its first hop.
 */
function leavesOutboxAfter(journey, at_ms) {
  return itinerary(journey)[0]?.hop === "committed" || mayPass(journey, at_ms, STEPS.committed.rank);
}

/**
 * Whether an event may have been in the queue. Where the news of its sending has yet to come, it was there some time
 * before the first thing that is known to have happened after that.
 * @param {Journey} journey
 * @param {number} at_ms
 */
function isInQueue(journey, at_ms) {
  const place = placeAt(journey, at_ms);
  return place === "queue" || (place !== null && mayPass(journey, at_ms, STEPS.sent.rank));
}

/**
 * Whether a hop that is not known may have happened by a moment: something later has happened since.
 * @param {Journey} journey
 * @param {number} at_ms Epoch.
 * @param {number} rank The rank of that hop.
 */
function mayPass(journey, at_ms, rank) {
  const hops = itinerary(journey);
  const next = hops.findIndex((hop) => hop.at_ms > at_ms);
  if (next < 0) return false;
  return (next === 0 ? -1 : STEPS[hops[next - 1].hop].rank) < rank && STEPS[hops[next].hop].rank > rank;
}

/**
 * An event is in hand until it is acked, which is after its mark has moved on.
 * @param {Journey} journey
 * @param {number} at_ms
 */
function isInHand(journey, at_ms) {
  const delivered = journey.hops.findLast((each) => each.hop === "delivered" && each.at_ms <= at_ms);
  if (!delivered) return false;
  const acked = journey.hops.find((each) => each.hop === "acked" && each.at_ms >= delivered.at_ms);
  return acked ? at_ms < acked.at_ms : placeAt(journey, at_ms) === "projector";
}

/** @param {Journey} journey */
function committedAt(journey) {
  return writtenAt([journey], journey.version ?? 0) ?? Infinity;
}

/** @param {Journey} journey */
function inMongodbAt(journey) {
  const projected_ms = projectedAt([journey], journey.version ?? 0);
  return projected_ms === null ? Infinity : Math.max(projected_ms, committedAt(journey));
}

/** @param {unknown} value */
function number(value) {
  return typeof value === "number" ? value : null;
}
