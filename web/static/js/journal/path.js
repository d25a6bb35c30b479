// @ts-check
/** The way of a journey: which hops move its mark, in which order, and the stretches between them. Pure. */
import { STEPS } from "./hops.js";

/** @typedef {import("./types.js").Hop} Hop */
/** @typedef {import("./types.js").Journey} Journey */
/** @typedef {import("./hops.js").Place} Place */
/** @typedef {import("./hops.js").Step} Step */

/**
 * The hops that move the mark, in the order in which they move it.
 *
 * The order is that of the path; only where a hop happened more than once (sent again, delivered
 * again) do the times decide, so that a small skew between two hosts never turns a journey round.
 * The broker may deliver before the relay has heard its confirm. So it is not the confirm that takes
 * a mark from the relay to the queue, but the moment that the event was sent, which the confirm tells.
 * @param {Pick<Journey, "hops">} journey
 * @returns {Hop[]}
 */
export function itinerary(journey) {
  const kept = itineraries.get(journey.hops);
  if (kept) return kept;
  const hops = moving(journey);
  itineraries.set(journey.hops, hops);
  return hops;
}

/** Asked for with every frame: kept by the list of hops, of which a change makes another one. @type {WeakMap<readonly Hop[], Hop[]>} */
const itineraries = new WeakMap();

/**
 * @param {Pick<Journey, "hops">} journey
 * @returns {Hop[]}
 */
function moving({ hops }) {
  const moves = hops.filter((hop) => hop.hop in STEPS).map(sentOf);
  const rank = (/** @type {Hop} */ { hop }) => STEPS[hop].rank;
  const isRepeated = new Set(moves.map(rank)).size < moves.length;
  moves.sort((a, b) => (isRepeated ? a.at_ms - b.at_ms : 0) || rank(a) - rank(b));
  return moves.filter((hop) => hop.hop !== "confirmed" || !isOvertaken(hop, moves));
}

/**
 * Of a confirm, the moment at which the event was sent; any other hop as it is.
 * @param {Hop} hop
 * @returns {Hop}
 */
export function sentOf(hop) {
  if (hop.hop !== "confirmed" || typeof hop.start_ms !== "number") return hop;
  const kept = sents.get(hop);
  if (kept) return kept;
  const sent = { ...hop, hop: "sent", at_ms: hop.start_ms, start_ms: null };
  sents.set(hop, sent);
  return sent;
}

/** A hop is known by its identity: the same confirm gives the same moment. @type {WeakMap<Hop, Hop>} */
const sents = new WeakMap();

/**
 * Whether the event was delivered between being picked up and this confirm.
 * @param {Hop} confirmed
 * @param {Hop[]} hops
 */
function isOvertaken(confirmed, hops) {
  const earlier = hops.filter(({ at_ms }) => at_ms < confirmed.at_ms);
  const latest = (/** @type {string} */ name) =>
    Math.max(-Infinity, ...earlier.filter(({ hop }) => hop === name).map(({ at_ms }) => at_ms));
  return latest("delivered") > latest("picked-up");
}

/**
 * @typedef {object} Span
 * @property {string} name A key of SPANS.
 * @property {number} from_ms Epoch, when it began.
 * @property {number} to_ms Epoch, when it ended.
 * @property {Hop} hop The hop that ended it.
 */

/**
 * The stretches between the hops, each with its true times. One that no hop divides where it should
 * be divided is called unknown.
 * @param {Journey} journey
 * @returns {Span[]}
 */
export function spansOf(journey) {
  /** @type {Span[]} */
  const spans = [];
  /** @type {Hop|null} */
  let last = null;
  for (const hop of itinerary(journey)) {
    if (last) {
      spans.push({ name: legBetween(last, hop).span, from_ms: last.at_ms, to_ms: hop.at_ms, hop });
    }
    last = hop;
  }
  return spans;
}

/**
 * The way that a hop takes, given the one before it. Where a hop between them is not known, neither
 * is where the time was spent; delivered without having been sent, as far as is known, an event goes
 * through the queue in one move.
 * @param {Hop|null} last
 * @param {Hop} next
 * @returns {Step}
 */
export function legBetween(last, next) {
  const step = STEPS[next.hop];
  const stood = last ? STEPS[last.hop].to : step.from;
  if (stood === step.from) return step;
  const from = stood === "relay" && next.hop === "delivered" ? "relay" : step.from;
  return { ...step, from, span: "unknown" };
}

/**
 * Whether the broker had confirmed an event by a moment, as far as it matters where the event is.
 * @param {Journey} journey
 * @param {Place} place
 * @param {number} at_ms Epoch.
 */
export function isConfirmed({ hops }, place, at_ms) {
  if (place === "relay") return false;
  return place !== "queue" || hops.some((hop) => hop.hop === "confirmed" && hop.at_ms <= at_ms);
}
