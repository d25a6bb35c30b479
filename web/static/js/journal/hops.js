// @ts-check
/**
 * The words of a journey: its hops, where each one happens, and the stretches of time between them.
 * Pure. The journal, the clock and the views all speak these words.
 */

/** @typedef {import("./journal.js").Hop} Hop */
/** @typedef {import("./journal.js").Journey} Journey */

/**
 * @typedef {"browser"|"command-service"|"outbox"|"relay"|"queue"|"projector"|"mongodb"|"dead-letters"} Place
 * A place where a mark can stand.
 */

/**
 * @typedef {object} Step
 * @property {number} rank Its place in the order that a journey normally takes.
 * @property {Place} from Where the mark comes from.
 * @property {Place} to Where the mark then stands.
 * @property {boolean} waits Whether the time before it is spent waiting at `from`, not moving.
 * @property {string} span The name of the time that it ends, as drawn in a lane: a key of SPANS.
 */

/**
 * The hops that move a mark. `acknowledged`, `acked` and most often `confirmed` move none: they are
 * answers. `sent` is no record of its own: it is when the work that led to the confirm began.
 * @type {Readonly<Record<string, Step>>}
 */
export const STEPS = Object.freeze({
  "received": { rank: 0, from: "browser", to: "command-service", waits: false, span: "command" },
  "committed": { rank: 1, from: "command-service", to: "outbox", waits: false, span: "commit" },
  "picked-up": { rank: 2, from: "outbox", to: "relay", waits: true, span: "outbox" },
  "sent-failed": { rank: 3, from: "relay", to: "outbox", waits: false, span: "failed" },
  "sent": { rank: 4, from: "relay", to: "queue", waits: true, span: "relay" },
  "confirmed": { rank: 4, from: "relay", to: "queue", waits: false, span: "unknown" },
  "delivered": { rank: 5, from: "queue", to: "projector", waits: true, span: "queue" },
  "retried": { rank: 6, from: "projector", to: "projector", waits: true, span: "failed" },
  "already-applied": { rank: 7, from: "projector", to: "projector", waits: false, span: "projector" },
  "dead-lettered": { rank: 7, from: "projector", to: "dead-letters", waits: false, span: "failed" },
  "projected": { rank: 7, from: "projector", to: "mongodb", waits: false, span: "projector" },
  "seen": { rank: 8, from: "mongodb", to: "browser", waits: true, span: "read" },
});

/** After these the mark goes no further by itself. */
export const ENDS = new Set(["seen", "already-applied", "dead-lettered"]);

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

/** What a stretch of time is called, in words. @type {Readonly<Record<string, string>>} */
export const SPANS = Object.freeze({
  command: "to the command service",
  commit: "to commit",
  outbox: "in the outbox",
  relay: "in the relay",
  queue: "in the queue",
  projector: "in the projector",
  read: "until a read",
  failed: "failed",
  unknown: "not known where",
});

/** The stretches that every event goes through, in the order of the path. */
export const LEGS = Object.freeze(["commit", "outbox", "relay", "queue", "projector", "read"]);

/** The same, short, for a narrow segment. @type {Readonly<Record<string, string>>} */
export const SHORT_SPANS = Object.freeze({
  command: "command",
  commit: "commit",
  outbox: "outbox",
  relay: "relay",
  queue: "queue",
  projector: "projector",
  read: "until a read",
  failed: "failed",
  unknown: "unknown",
});

/** Which span begins once a mark stands at a place. @type {Readonly<Record<Place, string>>} */
export const SPAN_FROM = Object.freeze({
  "browser": "command",
  "command-service": "commit",
  "outbox": "outbox",
  "relay": "relay",
  "queue": "queue",
  "projector": "projector",
  "mongodb": "read",
  "dead-letters": "failed",
});

/** Where a mark is, in words. @type {Readonly<Record<Place, string>>} */
export const PLACES = Object.freeze({
  "browser": "in the browser",
  "command-service": "in the command service",
  "outbox": "in the outbox",
  "relay": "in the relay",
  "queue": "in the queue",
  "projector": "in the projector",
  "mongodb": "in MongoDB, no read has shown it yet",
  "dead-letters": "in the dead letters",
});

export { kindOf } from "./journey.js";

/**
 * The hops that move the mark, in the order in which they move it.
 *
 * The order is that of the path; only where a hop happened more than once (sent again, delivered
 * again) do the times decide, so that a small skew between two hosts never turns a journey round.
 * The broker may deliver before the relay has heard its confirm. So it is not the confirm that takes
 * a mark from the relay to the queue, but the moment that the event was sent, which the confirm tells.
 * @param {Journey} journey
 * @returns {Hop[]}
 */
export function itinerary(journey) {
  // Asked for with every frame, and changed only by a new hop.
  const kept = itineraries.get(journey);
  if (kept && kept.count === journey.hops.length) return kept.hops;
  const hops = worked(journey);
  itineraries.set(journey, { count: journey.hops.length, hops });
  return hops;
}

/** @type {WeakMap<Journey, {count: number, hops: Hop[]}>} */
const itineraries = new WeakMap();

/**
 * @param {Journey} journey
 * @returns {Hop[]}
 */
function worked(journey) {
  const moving = journey.hops.filter((hop) => hop.hop in STEPS).map(sentOf);
  const repeated = new Set(moving.map((hop) => STEPS[hop.hop].rank)).size < moving.length;
  moving.sort((a, b) =>
    repeated
      ? a.at_ms - b.at_ms || STEPS[a.hop].rank - STEPS[b.hop].rank
      : STEPS[a.hop].rank - STEPS[b.hop].rank,
  );
  return moving.filter((hop) => hop.hop !== "confirmed" || !isOvertaken(hop, moving));
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
 * The first hop of that name, or undefined where it is not known.
 * @param {Journey} journey
 * @param {string} name
 */
export function hopOf(journey, name) {
  return journey.hops.find((hop) => hop.hop === name);
}
