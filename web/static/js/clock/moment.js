// @ts-check
/**
 * A moment in the past: what there was to see at one true moment, the same for all journeys. Pure,
 * and a function of the journal and the moment alone, so that a step back is as exact as a step
 * forward.
 *
 * Between two hops a mark travels in true proportion. Where an event waited, the mark waits too,
 * and moves just before the hop that ended the wait.
 */
import { ENDS, SPAN_FROM, STEPS, isConfirmed, itinerary, legBetween, sentOf } from "../journal/hops.js";
import { isDeletion, kindOf } from "../journal/journey.js";
import { overSince, readableSince } from "../journal/over.js";

/** @typedef {import("../journal/journal.js").Hop} Hop */
/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {import("./clock.js").Shown} Shown */
/** @typedef {import("./clock.js").Scene} Scene */

/** How long, on the page's clock, a mark stands where its way ended, and how long it moves. */
const DWELL_MS = 900;
const MOVE_MS = 500;
const TRAVEL_MS = 2000;

/**
 * @param {Journal} journal
 * @param {number} at_ms Epoch: the moment.
 * @param {{factor: number, limit: number, now_ms: number, behind_ms: number, mode?: Scene["mode"]}} options `limit`: how
 *   many marks are drawn; `now_ms`: the page's clock.
 * @returns {Scene}
 */
export function momentOf(journal, at_ms, { factor, limit, now_ms, behind_ms, mode = "paused" }) {
  /** @type {Map<string, Shown>} */
  const shown = new Map();
  /** @type {Shown[]} */
  const undrawn = [];
  for (const journey of journal.journeys.values()) {
    const begun_ms = journey.hops[0]?.at_ms ?? Infinity;
    if (begun_ms > at_ms) continue;
    const end_ms = overSince(journal, journey);
    if (end_ms + DWELL_MS / factor <= at_ms) continue;
    const seen = shownAt(journey, at_ms, factor, end_ms);
    if (!seen) continue;
    if (shown.size < limit) shown.set(journey.event_id, seen);
    else undrawn.push(seen);
  }
  return { now_ms, mode, at_ms, isPast: true, shown, undrawn, wentBy: 0, behind_ms };
}

/**
 * What there is to see of one journey at a moment; null before it began.
 * @param {Journey} journey
 * @param {number} at_ms Epoch.
 * @param {number} factor By how much time is stretched: how long a move lasts in true time.
 * @param {number} end_ms Epoch, when its way ended.
 * @returns {Shown|null}
 */
export function shownAt(journey, at_ms, factor, end_ms) {
  const hops = itinerary(journey);
  const index = hops.findLastIndex((hop) => hop.at_ms <= at_ms);
  if (index < 0) return null;
  const last = hops[index];
  const next = hops[index + 1];
  const common = {
    journey, redelivered: hops.slice(0, index + 1).some((hop) => hop.redelivered === true), at_ms,
    took: null, pace: /** @type {const} */ ("to-scale"),
  };
  if (next) {
    const { from, to, span } = legBetween(last, next);
    const true_ms = next.at_ms - last.at_ms;
    const move_ms = STEPS[next.hop].waits
      ? Math.min(true_ms / 2, MOVE_MS / factor)
      : Math.min(true_ms, TRAVEL_MS / factor);
    const progress = move_ms > 0 ? Math.max(0, (at_ms - (next.at_ms - move_ms)) / move_ms) : 0;
    return {
      ...common, hop: last.hop, last, from, to, progress, moving: true, over: false,
      atEdge: false, confirmed: isConfirmed(journey, from, at_ms), span, isFailing: span === "failed",
      order: progress > 0 ? next.at_ms : last.at_ms,
    };
  }
  const { to } = STEPS[last.hop];
  const over = ENDS.has(last.hop) || end_ms <= at_ms;
  return {
    ...common, hop: last.hop, last, from: to, to, progress: 1, moving: false, over,
    atEdge: !over, confirmed: isConfirmed(journey, to, at_ms), span: SPAN_FROM[to],
    isFailing: STEPS[last.hop].span === "failed", order: last.at_ms,
  };
}

/** @typedef {{span: string, journey: Journey, true_ms: number}} Took A stretch that has ended. */

/**
 * For each stretch of the way, the last one that had ended by a moment.
 * @param {Journal} journal
 * @param {number} at_ms Epoch.
 * @returns {Map<string, Took>} By span; `acknowledged` is one too.
 */
export function lastTook(journal, at_ms) {
  const hops = journal.inOrder();
  /** @type {Map<string, Took>} */
  const took = new Map();
  for (let index = indexAt(hops, at_ms); index >= 0 && took.size < SPAN_COUNT; index -= 1) {
    const hop = hops[index];
    const journey = journal.journeys.get(hop.event_id);
    if (!journey) continue;
    const moved = sentOf(hop);
    const span = hop.hop === "acknowledged" ? "acknowledged" : STEPS[moved.hop]?.span;
    if (!span || took.has(span)) continue;
    const since_ms = sinceOf(journey, moved);
    if (since_ms !== null) took.set(span, { span, journey, true_ms: moved.at_ms - since_ms });
  }
  return took;
}

const SPAN_COUNT = 7;

/**
 * The hop before, on the mark's way; for `acknowledged` the beginning. Null where a hop is missing.
 * @param {Journey} journey
 * @param {Hop} hop
 */
function sinceOf(journey, hop) {
  if (hop.hop === "acknowledged") {
    return journey.hops.find((each) => each.hop === "received")?.at_ms ?? null;
  }
  const way = itinerary(journey);
  const index = way.indexOf(hop);
  if (index < 1 || legBetween(way[index - 1], hop).span === "unknown") return null;
  return way[index - 1].at_ms;
}

/**
 * The index of the last hop at a moment or before it, by bisection; -1 where there is none.
 * @param {readonly Hop[]} hops In true order.
 * @param {number} at_ms Epoch.
 */
export function indexAt(hops, at_ms) {
  let low = 0;
  let high = hops.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hops[middle].at_ms <= at_ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** @typedef {{id: number, title: string|null, completed: boolean|null}} PastTodo */

/**
 * The list as a read gave it at a moment, worked out from when reads first showed each state. A
 * title that nobody has told of is null: it is not made up.
 * @param {Journal} journal
 * @param {number} at_ms Epoch.
 * @returns {PastTodo[]} In id order.
 */
export function listAt(journal, at_ms) {
  /** @type {Map<number, PastTodo>} */
  const todos = new Map((journal.read?.todos ?? []).map((todo) => [todo.id, todo]));
  /** @type {Map<number, Journey[]>} */
  const histories = new Map();
  for (const journey of journal.journeys.values()) {
    if (journey.todo_id === null || journey.version === null) continue;
    const history = histories.get(journey.todo_id);
    if (history) history.push(journey);
    else histories.set(journey.todo_id, [journey]);
  }
  for (const [id, history] of histories) {
    const state = stateAt(journal, history, at_ms);
    if (state) todos.set(id, { id, ...state });
    else todos.delete(id);
  }
  return [...todos.values()].sort((a, b) => a.id - b.id);
}

/**
 * @param {Journal} journal
 * @param {Journey[]} history Of one todo.
 * @param {number} at_ms
 * @returns {{title: string|null, completed: boolean|null}|null} Null where a read gave nothing.
 */
function stateAt(journal, history, at_ms) {
  const versions = history.sort((a, b) => (a.version ?? 0) - (b.version ?? 0));
  const shown = versions.findLast((journey) => readableSince(journal, journey) <= at_ms);
  if (shown) {
    return isDeletion(shown) ? null : { title: shown.title, completed: shown.completed };
  }
  const first = versions[0];
  if (first.version === 1) return null;
  const kind = kindOf(first);
  return {
    title: kind === "renamed" ? null : first.title,
    completed: kind === "completed" ? false : kind === "reopened" ? true : first.completed,
  };
}
