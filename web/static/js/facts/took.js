// @ts-check
/** How long each stretch of the path took the last time. Pure. */
import { STEPS } from "../journal/hops.js";
import { hopOf } from "../journal/journey.js";
import { indexAt } from "../journal/order.js";
import { itinerary, legBetween, sentOf } from "../journal/path.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/types.js").Hop} Hop */
/** @typedef {{span: string, journey: Journey, true_ms: number}} LastTook */

/** The number of stretches that labels on the stage can name. */
const SPAN_COUNT = 7;

/**
 * For each stretch of the path, the last one that had ended by a moment.
 * @param {Journal} journal
 * @param {number} at_ms Epoch.
 * @returns {Map<string, LastTook>} By span; `acknowledged` is one too.
 */
export function lastTook(journal, at_ms) {
  const hops = journal.inOrder();
  /** @type {Map<string, LastTook>} */
  const took = new Map();
  for (let index = indexAt(hops, at_ms); index >= 0 && took.size < SPAN_COUNT; index -= 1) {
    const hop = hops[index];
    const journey = journal.journeys.get(hop.event_id);
    if (!journey) continue;
    const moved = sentOf(hop);
    const span = hop.hop === "acknowledged" ? "acknowledged" : STEPS[moved.hop]?.span;
    if (!span || took.has(span)) continue;
    const since_ms = beforeThat(journey, moved);
    if (since_ms !== null) took.set(span, { span, journey, true_ms: moved.at_ms - since_ms });
  }
  return took;
}

/**
 * When the hop before this one on the mark's way happened; for `acknowledged`, the beginning. Null if a
 * hop is missing.
 * @param {Journey} journey
 * @param {Hop} hop
 */
function beforeThat(journey, hop) {
  if (hop.hop === "acknowledged") return hopOf(journey, "received")?.at_ms ?? null;
  const way = itinerary(journey);
  const index = way.indexOf(hop);
  if (index < 1 || legBetween(way[index - 1], hop).span === "unknown") return null;
  return way[index - 1].at_ms;
}
