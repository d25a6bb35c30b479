// @ts-check
/**
 * A moment in the past: what there was to see at one true moment, the same for all journeys. Pure, and a
 * function of only the journal and the moment, so a step back is as exact as a step forward.
 *
 * Between two hops a mark travels in true proportion. Where an event waited, the mark waits too,
 * and moves just before the hop that ended the wait.
 */
import { ENDS } from "../journal/hops.js";
import { beganAt } from "../journal/journey.js";
import { overSince } from "../journal/over.js";
import { itinerary, legBetween } from "../journal/path.js";
import { CAP_MS, DWELL_MS, MOVE_MS } from "./rule.js";
import { shownOf } from "./shown.js";

/** @typedef {import("../journal/types.js").Hop} Hop */
/** @typedef {import("../journal/over.js").Known & {journeys: {values: () => Iterable<Journey>}}} Journal */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("./shown.js").Move} Move */
/** @typedef {import("./shown.js").Shown} Shown */
/** @typedef {import("./shown.js").Scene} Scene */

/**
 * @param {Journal} journal
 * @param {number} at_ms Epoch: the moment.
 * @param {{factor: number, limit: number, now_ms: number, behind_ms: number, mode?: Scene["mode"]}} options
 *   `limit`: how many marks are drawn; `now_ms`: the page's clock.
 * @returns {Scene}
 */
export function sceneAt(journal, at_ms, { factor, limit, now_ms, behind_ms, mode = "paused" }) {
  /** @type {Map<string, Shown>} */
  const shown = new Map();
  /** @type {Shown[]} */
  const undrawn = [];
  for (const journey of journal.journeys.values()) {
    if ((beganAt(journey) ?? Infinity) > at_ms) continue;
    const over_ms = overSince(journal, journey);
    if (over_ms + DWELL_MS / factor <= at_ms) continue;
    const seen = shownAt(journey, at_ms, factor, over_ms);
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
 * @param {number} factor The factor by which time is stretched; it sets how long a move lasts in true
 *   time.
 * @param {number} over_ms Epoch, when the journey was over.
 * @returns {Shown|null}
 */
function shownAt(journey, at_ms, factor, over_ms) {
  const hops = itinerary(journey);
  const index = hops.findLastIndex((hop) => hop.at_ms <= at_ms);
  if (index < 0) return null;
  const [last, next] = [hops[index], hops[index + 1]];
  const over = !next && (ENDS.has(last.hop) || over_ms <= at_ms);
  return shownOf({
    journey, last, at_ms, over,
    move: next ? moveTo(next, last, at_ms, factor) : null,
    atEdge: !next && !over,
    redelivered: hops.slice(0, index + 1).some((hop) => hop.redelivered === true),
  });
}

/**
 * @param {Hop} next
 * @param {Hop} last
 * @param {number} at_ms
 * @param {number} factor
 * @returns {Move}
 */
function moveTo(next, last, at_ms, factor) {
  const { from, to, span, waits } = legBetween(last, next);
  const true_ms = next.at_ms - last.at_ms;
  const move_ms = waits ? Math.min(true_ms / 2, MOVE_MS / factor) : Math.min(true_ms, CAP_MS / factor);
  const progress = move_ms > 0 ? Math.max(0, (at_ms - (next.at_ms - move_ms)) / move_ms) : 0;
  return { hop: next, from, to, span, progress };
}
