// @ts-check
/** The path of a journey: which hops move its mark, in which order, and the stretches between them. Pure. */
import { STEPS } from "./hops.js";
import { hopOf } from "./journey.js";

/** @typedef {import("./types.js").Hop} Hop */
/** @typedef {import("./types.js").Journey} Journey */
/** @typedef {import("./hops.js").Place} Place */
/** @typedef {import("./hops.js").Step} Step */

/**
 * The hops that move the mark, in the order in which they move it.
 *
 * The order is that of the path. Times decide only if a hop happened more than once (sent again,
 * delivered again), so a small skew between two hosts never turns a journey round. The broker may deliver
 * before the relay has heard its confirm. So a mark goes from the relay to the queue at the moment when
 * the event was sent, which the confirm gives, and not at the confirm itself.
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

/** Every frame asks, so keep it by the list of hops: a change makes a new list. @type {WeakMap<readonly Hop[], Hop[]>} */
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
 * Replaces a confirm by the moment at which the event was sent; leaves any other hop as it is.
 * @param {Hop} hop
 * @returns {Hop}
 */
function sentOf(hop) {
  if (hop.hop !== "confirmed" || typeof hop.start_ms !== "number") return hop;
  const kept = sents.get(hop);
  if (kept) return kept;
  const sent = { ...hop, hop: "sent", at_ms: hop.start_ms, start_ms: null };
  sents.set(hop, sent);
  return sent;
}

/** Hops are compared by identity, so the same confirm has to give the same object. @type {WeakMap<Hop, Hop>} */
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
 * The zero of a journey's times, in its lane and in the inspector: the moment the command came in. If that is
 * not known, it is the first thing on its way that is.
 * @param {Pick<Journey, "hops">} journey
 * @returns {number|undefined} Epoch; undefined if nothing is known of its way.
 */
export function cameInAt(journey) {
  return (hopOf(journey, "received") ?? itinerary(journey)[0])?.at_ms;
}

/**
 * @typedef {object} Span
 * @property {string} name A key of SPANS.
 * @property {number} from_ms Epoch, when it began.
 * @property {number} to_ms Epoch, when it ended.
 * @property {Hop} hop The hop that ended it.
 */

/**
 * The stretches between the hops, each with its true times. A stretch in which a hop is missing is called
 * unknown.
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
 * The move that a hop makes, given the hop before it. If a hop between them is not known, nor is where
 * the time was spent. If an event was delivered but is not known to have been sent, it goes through the
 * queue in one move.
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
 * Whether the broker had confirmed an event by a moment, if that matters at the event's place.
 * @param {Journey} journey
 * @param {Place} place
 * @param {number} at_ms Epoch.
 */
export function isConfirmed({ hops }, place, at_ms) {
  if (place === "relay") return false;
  return place !== "queue" || hops.some((hop) => hop.hop === "confirmed" && hop.at_ms <= at_ms);
}
