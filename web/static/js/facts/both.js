// @ts-check
/**
 * Two runs of the same commands, side by side: each event of the first one with what the same command wrote
 * again. Pure.
 */
import { injectedBy } from "../journal/injected.js";
import { kindOf } from "../journal/journey.js";
import { cameInAt, spansOf } from "../journal/path.js";
import { lengthOf } from "../journal/pieces.js";

/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/types.js").Firing} Firing */
/** @typedef {import("../journal/pieces.js").Piece} Piece */
/** @typedef {{journeys: Journey[], firings: Firing[]}} Side */
/**
 * @typedef {object} Pair A command, and the events that it wrote in either run.
 * @property {number} number
 * @property {string} method
 * @property {string[]} was The ids of its events.
 * @property {string[]} now
 * @property {number} was_ms When it was sent, after the first command.
 * @property {number|null} now_ms Likewise; null if it was not sent.
 * @property {number} todo_was
 * @property {number|null} todo_now
 * @property {number|null} status The answer's; null if there was none.
 * @property {string} why Why it was not sent, or not answered, or refused; "" if it was carried out.
 */
/** @typedef {{pairs: Pair[], more_pairs: number, was: Side, now: Side}} Both As web gives them. */
/** @typedef {{name: string, from_ms: number, to_ms: number, injected: readonly Piece[]}} Segment Times from the axis's zero. */
/**
 * @typedef {object} Track One event in one of the runs.
 * @property {Segment[]} segments
 * @property {number} from_ms Where it begins on the axis.
 * @property {number} total_ms How long it took, from the moment when its command came in to the end of what is known.
 * @property {number} injected_ms How much of that the lab has injected.
 * @property {string} hop The last thing that happened to it.
 */
/**
 * @typedef {object} BothLane
 * @property {string} key
 * @property {string} todos The todo, by its ids in both runs.
 * @property {string} kind What happened to it.
 * @property {Track|null} was
 * @property {Track|null} now
 * @property {string} why Why there is none in the second run.
 */

/**
 * The lanes of both runs.
 * @param {Both} both
 * @param {boolean} isFromFirst Whether all times count from the first command; otherwise each from its own.
 * @returns {{lanes: BothLane[], scale_ms: number}} In the order of the commands; how long the longest is.
 */
export function bothLanes({ pairs, was, now }, isFromFirst) {
  const kinds = new Map([...was.journeys, ...now.journeys].map((journey) => [journey.event_id, kindOf(journey)]));
  const trackOf = { was: tracksIn(was), now: tracksIn(now) };
  const lanes = pairs.flatMap((pair) => {
    const from_ms = isFromFirst ? { was: pair.was_ms, now: pair.now_ms ?? 0 } : { was: 0, now: 0 };
    const count = Math.max(pair.was.length, pair.now.length, 1);
    return Array.from({ length: count }, (_, at) => {
      const sides = {
        was: trackOf.was(pair.was[at], from_ms.was, pair.was[0]), now: trackOf.now(pair.now[at], from_ms.now, pair.now[0]),
      };
      return /** @type {BothLane} */ ({
        key: `${pair.number} ${at}`, ...sides, todos: todosOf(pair),
        kind: kinds.get(pair.was[at] ?? pair.now[at]) ?? KINDS[pair.method] ?? "",
        why: sides.now ? "" : pair.why || "It wrote nothing this time.",
      });
    });
  });
  const ends = lanes.flatMap(({ was: first, now: second }) => [first, second]).map((track) => (track ? track.from_ms + track.total_ms : 0));
  return { lanes, scale_ms: Math.max(1, ...ends) };
}

/** What a command does, where no event tells. @type {Readonly<Record<string, string>>} */
const KINDS = Object.freeze({ POST: "created", PATCH: "changed", DELETE: "deleted" });

/** @param {Pair} pair */
function todosOf({ todo_was, todo_now }) {
  return todo_now === null || todo_now === todo_was ? `#${todo_was}` : `#${todo_was} → #${todo_now}`;
}

/**
 * @param {Side} side
 * @returns {(event_id: string|undefined, from_ms: number, first_id: string|undefined) => Track|null} `first_id`: the
 *   first event of the same command, which came in with it.
 */
function tracksIn({ journeys, firings }) {
  const byId = new Map(journeys.map((journey) => [journey.event_id, journey]));
  const rule = injectedBy(firings);
  return (event_id, from_ms, first_id) => {
    const journey = byId.get(event_id ?? "");
    const zero_ms = cameInAt(byId.get(first_id ?? "") ?? { hops: [] }) ?? (journey && cameInAt(journey));
    if (!journey || zero_ms === undefined) return null;
    const moved = (/** @type {number} */ at_ms) => at_ms - zero_ms + from_ms;
    const segments = spansOf(journey).map((span) => ({
      name: span.name, from_ms: moved(span.from_ms), to_ms: moved(span.to_ms),
      injected: rule.pieces(journey, span.name, span.from_ms, span.to_ms)
        .map((piece) => ({ ...piece, from_ms: moved(piece.from_ms), to_ms: moved(piece.to_ms) })),
    }));
    const end_ms = Math.max(from_ms, ...segments.map(({ to_ms }) => to_ms));
    return {
      segments, from_ms, total_ms: end_ms - from_ms,
      injected_ms: segments.reduce((sum, { injected }) => sum + lengthOf(injected), 0),
      hop: journey.hops.at(-1)?.hop ?? "",
    };
  };
}

/** @typedef {{value: number, is_more: boolean}} Cell */
/**
 * @typedef {object} Figure A row of the table, as web gives it.
 * @property {string} group
 * @property {string} says
 * @property {string} unit
 * @property {"better"|"worse"|null} verdict Null if neither can be said, or if it has hardly changed.
 * @property {boolean} is_injected
 * @property {Cell|null} was
 * @property {Cell|null} now
 * @property {number|null} delta
 */
