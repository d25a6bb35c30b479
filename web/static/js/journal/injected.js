// @ts-check
/**
 * The one rule of what was injected: of the time that an event spent on a stretch of its way, the part during
 * which a switch of the lab held it up there. Every figure and every drawing that tells the two apart goes by
 * it. Pure.
 *
 * A place can hold an event up only on some stretches. The relay, the projector, a server and a link do one
 * thing after another, so that whatever holds up one event there holds up all that wait behind it. The two
 * services serve many at once: what concerns one command there holds up no other.
 */
import { Branch, BRANCHES, branchAt } from "./branches.js";
import { concerns, endsOf } from "./firings.js";
import { ENDS, SPAN_FROM, STEPS } from "./hops.js";
import { itinerary, spansOf } from "./path.js";
import { clipped, firstAfter, lengthOf, overlapping, sumsOf, united } from "./pieces.js";

/** @typedef {import("./types.js").Firing} Firing */
/** @typedef {import("./types.js").Journey} Journey */
/** @typedef {import("./pieces.js").Piece} Piece */
/** @typedef {Pick<Journey, "event_id"|"trace_id">} Who */

/** The stretches on which each place can hold an event up; one that nobody knows may have been any of them. */
export const HELD_AT = /** @type {Readonly<Record<string, readonly string[]>>} */ (Object.freeze({
  "client-command-service": ["command", "acknowledged"],
  "command-service": ["command", "commit", "acknowledged"],
  "command-service-postgresql": ["commit", "acknowledged"],
  "postgresql": ["commit", "acknowledged", "outbox", "relay"],
  "relay": ["outbox", "relay", "failed"],
  "relay-postgresql": ["outbox", "relay"],
  "relay-rabbitmq": ["outbox", "relay", "failed"],
  "rabbitmq": ["outbox", "relay", "queue", "projector", "failed"],
  "projector-rabbitmq": ["queue", "projector", "failed"],
  "projector": ["queue", "projector", "failed"],
  "projector-mongodb": ["queue", "projector", "failed"],
  "mongodb": ["queue", "projector", "read", "failed"],
  "query-service-mongodb": ["read"],
  "query-service": ["read"],
}));
/**
 * The switches that hold up what comes to their place for as long as they act. While a link is slow, a stretch over it
 * counts as a whole: how often an event has to cross it, nobody records. All other switches add no time.
 */
export const ADDS_TIME = new Set([
  "slow", "pause", "hold", "crash", "stop", "freeze", "kill", "latency", "bandwidth", "timeout", "reset_peer", "down",
  "reorder", "poison", "redeliver", "no-dead-letters",
]);
/** Those that hold up only the event on which they act, wherever they stand: the others pass it. */
export const OWN_ONLY = new Set(["reorder", "poison"]);
/** The places that serve many at once. */
export const PARALLEL = new Set(["command-service", "query-service", "client-command-service", "command-service-postgresql", "query-service-mongodb"]);

/** The branches that each place can hold up. @type {Readonly<Record<string, readonly string[]>>} */
const BESIDE = Object.freeze({ counter: ["counter"], replica: ["replica"], rabbitmq: BRANCHES, mongodb: BRANCHES });
/** @type {readonly string[]} */
const NO_NAMES = Object.freeze([]);

/** @type {Who} */
const NOBODY = Object.freeze({ event_id: "", trace_id: null });
/** @type {readonly Piece[]} */
const NONE = Object.freeze([]);

export class Injected {
  /** @param {readonly Firing[]} firings Oldest first. */
  constructor(firings) {
    /** Until when each acts, as far as is known. */
    this.ends = endsOf(firings);
    /** Those that concerned a single command, by its event, or by its trace. @type {Map<string, Firing[]>} */
    this.ofOne = new Map();
    /** What held up everybody, by stretch: apart from each other, oldest first. @type {Map<string, Piece[]>} */
    this.shared = new Map();
    /** What held up everybody on a branch, by its name. @type {Map<string, Piece[]>} */
    this.beside = new Map();
    /** What held up one command only, by its event, or by its trace. @type {Map<string, {piece: Piece, stretches: readonly string[]}[]>} */
    this.single = new Map();
    /** @type {Map<string, Piece[]>} */
    const all = new Map();
    for (const firing of firings) {
      const key = firing.event_id ?? firing.trace_id;
      if (key !== undefined) listed(this.ofOne, key, firing);
      if (ADDS_TIME.has(firing.fault)) this.#put(firing, key, all);
    }
    for (const [stretch, pieces] of all) this.shared.set(stretch, united(pieces));
    for (const [name, pieces] of this.beside) this.beside.set(name, united(pieces));
    /** By stretch, how long all of these were up to each: a queue may have waited for thousands. */
    this.sums = new Map([...this.shared].map(([stretch, pieces]) => [stretch, sumsOf(pieces)]));
  }

  /**
   * Puts one that adds time where it adds it.
   * @param {Firing} firing
   * @param {string|undefined} key Of the single command that it concerned.
   * @param {Map<string, Piece[]>} all What holds up everybody, by stretch.
   */
  #put(firing, key, all) {
    const { place, fault, began_ms } = firing;
    const piece = { from_ms: began_ms, to_ms: this.ends.get(firing) ?? Infinity, firings: [firing] };
    const isOwn = OWN_ONLY.has(fault);
    if (!isOwn) for (const name of BESIDE[place] ?? NO_NAMES) listed(this.beside, name, piece);
    if (!(place in HELD_AT)) return;
    const stretches = [...HELD_AT[place], "unknown"];
    if (key !== undefined && (PARALLEL.has(place) || isOwn)) listed(this.single, key, { piece, stretches });
    else for (const stretch of stretches) listed(all, stretch, piece);
  }

  /**
   * What was injected into a stretch of a journey's way.
   * @param {Who} journey
   * @param {string} stretch
   * @param {number} from_ms Epoch.
   * @param {number} to_ms Epoch, when it ended, or the moment shown.
   * @returns {readonly Piece[]} Apart from each other, oldest first.
   */
  pieces(journey, stretch, from_ms, to_ms) {
    const shared = this.shared.get(stretch) ?? NONE;
    const own = this.#own(journey, stretch);
    if (!shared.length && !own.length) return NONE;
    const within = [...overlapping(shared, from_ms, to_ms), ...own.map(({ piece }) => piece)]
      .map((piece) => clipped(piece, from_ms, to_ms))
      .filter((piece) => piece.to_ms > piece.from_ms);
    return own.length ? united(within) : within;
  }

  /**
   * What concerned a journey alone, by when it began.
   * @param {Who} journey
   * @returns {Firing[]}
   */
  of(journey) {
    const found = [journey.event_id, journey.trace_id ?? ""].flatMap((key) => this.ofOne.get(key) ?? []);
    return found.filter((firing) => concerns(firing, journey)).sort((a, b) => a.began_ms - b.began_ms);
  }

  /**
   * What acts on a journey, or on a branch of one, at a moment.
   * @param {Who} journey
   * @param {number} at_ms Epoch.
   * @returns {Firing|undefined}
   */
  actingOn(journey, at_ms) {
    if (!this.ofOne.size) return undefined;
    const [whole, branch] = journey instanceof Branch ? [journey.whole, journey.name] : [journey, null];
    return this.of(whole).find((firing) => branchAt(firing.place) === branch && firing.began_ms <= at_ms && at_ms < (this.ends.get(firing) ?? Infinity));
  }

  /**
   * What holds up a journey, or a branch of one, at a moment, without acting on it: it waits for who is away.
   * @param {Who} journey
   * @param {string} stretch Where it is.
   * @param {number} at_ms Epoch.
   * @returns {Firing|undefined}
   */
  holdingUp(journey, stretch, at_ms) {
    const pieces = (journey instanceof Branch ? this.beside.get(journey.name) : this.shared.get(stretch)) ?? NONE;
    const piece = pieces[firstAfter(pieces, at_ms)];
    if (!piece || piece.from_ms > at_ms) return undefined;
    return piece.firings.find((firing) => firing.began_ms <= at_ms && at_ms < (this.ends.get(firing) ?? Infinity));
  }

  /**
   * What was injected between two moments of a journey, wherever it was.
   * @param {Journey} journey
   * @param {number} from_ms Epoch.
   * @param {number} to_ms Epoch.
   * @returns {readonly Piece[]} Apart from each other, oldest first.
   */
  piecesBetween(journey, from_ms, to_ms) {
    if (!this.shared.size && !this.single.size) return NONE;
    return stretchesOf(journey).flatMap(({ name, ...whole }) => (
      this.pieces(journey, name, Math.max(whole.from_ms, from_ms), Math.min(whole.to_ms, to_ms))
    ));
  }

  /**
   * How much time was injected between two moments of a journey, wherever it was.
   * @param {Journey} journey
   * @param {number} from_ms Epoch.
   * @param {number} to_ms Epoch.
   */
  between(journey, from_ms, to_ms) {
    if (!this.shared.size && !this.single.size) return 0;
    return stretchesOf(journey).reduce((sum, { name, ...whole }) => (
      sum + this.within(journey, name, Math.max(whole.from_ms, from_ms), Math.min(whole.to_ms, to_ms))
    ), 0);
  }

  /**
   * How much time was injected into a read, which passes the query service like an event's last stretch does, and
   * may wait there for events that are held up elsewhere.
   * @param {number} from_ms Epoch, when it was asked.
   * @param {number} to_ms Epoch, when it was answered.
   * @param {Iterable<Journey>} awaited The events for which it waited.
   */
  inRead(from_ms, to_ms, awaited) {
    const own = this.pieces(NOBODY, "read", from_ms, to_ms);
    return lengthOf(united([...own, ...[...awaited].flatMap((journey) => this.piecesBetween(journey, from_ms, to_ms))]));
  }

  /**
   * How much time was injected into a stretch.
   * @param {Who} journey
   * @param {string} stretch
   * @param {number} from_ms Epoch.
   * @param {number} to_ms Epoch, when it ended, or the moment shown.
   */
  within(journey, stretch, from_ms, to_ms) {
    if (to_ms <= from_ms) return 0;
    if (this.#own(journey, stretch).length) return lengthOf(this.pieces(journey, stretch, from_ms, to_ms));
    const shared = this.shared.get(stretch);
    return shared ? this.#upTo(stretch, shared, to_ms) - this.#upTo(stretch, shared, from_ms) : 0;
  }

  /**
   * What held up this journey only.
   * @param {Who} journey
   * @param {string} stretch
   */
  #own({ event_id, trace_id }, stretch) {
    if (!this.single.size) return [];
    return [event_id, trace_id ?? ""]
      .flatMap((key) => this.single.get(key) ?? [])
      .filter(({ stretches }) => stretches.includes(stretch));
  }

  /**
   * How much had been injected into a stretch by a moment, for everybody.
   * @param {string} stretch
   * @param {readonly Piece[]} shared
   * @param {number} at_ms Epoch.
   */
  #upTo(stretch, shared, at_ms) {
    const index = firstAfter(shared, at_ms);
    const whole_ms = this.sums.get(stretch)?.[index] ?? 0;
    return whole_ms + Math.max(0, at_ms - (shared[index]?.from_ms ?? Infinity));
  }
}

/**
 * The rule for a list of firings. All that ask in one scene share it.
 * @param {readonly Firing[]} firings Oldest first.
 * @returns {Injected}
 */
export function injectedBy(firings) {
  const kept = rules.get(firings) ?? new Injected(firings);
  rules.set(firings, kept);
  return kept;
}

/** @type {WeakMap<readonly Firing[], Injected>} */
const rules = new WeakMap();

/**
 * The stretches of a journey's way, and the one in which it is now.
 * @param {Journey} journey
 * @returns {{name: string, from_ms: number, to_ms: number}[]}
 */
function stretchesOf(journey) {
  const last = itinerary(journey).at(-1);
  const spans = spansOf(journey);
  if (!last || ENDS.has(last.hop)) return spans;
  return [...spans, { name: SPAN_FROM[STEPS[last.hop].to], from_ms: last.at_ms, to_ms: Infinity }];
}

/**
 * @template T
 * @param {Map<string, T[]>} lists
 * @param {string} key
 * @param {T} each
 */
function listed(lists, key, each) {
  const list = lists.get(key);
  if (list) list.push(each);
  else lists.set(key, [each]);
}
