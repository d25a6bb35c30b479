// @ts-check
/** What there is to see of a journey at one moment, built here for live and past alike. Pure. */
import { SPAN_FROM, STEPS } from "../journal/hops.js";
import { isConfirmed } from "../journal/path.js";

/** @typedef {import("../journal/types.js").Hop} Hop */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/hops.js").Place} Place */
/** @typedef {import("./rule.js").Pace} Pace */
/**
 * @typedef {"counter-queue"|"counter"|"counts"|"replica-queue"|"replica"|"replica-todos"} SidePlace
 * A place on the way into another read model: its queue, the process that keeps it, and the read model.
 */
/** @typedef {Place|SidePlace} AnyPlace */

/**
 * @template {AnyPlace} P
 * @typedef {object} ShownAt What there is to see of a journey at one moment.
 * @property {Journey} journey
 * @property {string|null} hop The last hop that the mark has made.
 * @property {Hop|null} last That hop.
 * @property {P} from
 * @property {P} to
 * @property {number} progress From 0, at `from`, to 1, at `to`.
 * @property {boolean} moving
 * @property {boolean} over Whether the mark has come to the end of its way.
 * @property {boolean} atEdge Whether it is waiting for something that has not happened yet.
 * @property {boolean} confirmed False in the relay, and in the queue until the broker has confirmed.
 * @property {boolean} redelivered
 * @property {number} at_ms Epoch: the true moment that is shown.
 * @property {boolean} isFailing Whether it goes back or aside.
 * @property {ReadonlyMap<string, Pace>} paces The pace of each stretch played so far, by its name.
 * @property {string} span The stretch that is shown: a key of SPANS.
 * @property {number} order Epoch, when it came to where it stands; this decides the order in a row.
 */

/** @typedef {ShownAt<Place>} Shown A mark on the path. */
/** @typedef {ShownAt<AnyPlace>} AnyShown A mark on the path, or on a branch. */

/** @typedef {{hop: Hop, from: Place, to: Place, span: string, progress: number}} Move The way to the next hop. */

/**
 * @typedef {object} Scene Everything that there is to see at one moment, for all journeys.
 * @property {number} now_ms The page's clock.
 * @property {number} at_ms Epoch: the true moment; live, the moment of the journey that is furthest
 *   behind.
 * @property {"live"|"paused"|"playing"} mode
 * @property {boolean} isPast Whether it is one moment for all journeys, taken from the journal.
 * @property {Map<string, Shown>} shown The journeys that are drawn, by event id.
 * @property {Map<string, AnyShown>} [side] Those on the branches of journeys that are drawn, by the branch's id.
 * @property {Shown[]} undrawn The journeys beyond the limit, where they truly are.
 * @property {number} wentBy How many more went by undrawn.
 * @property {number} behind_ms How far the scene is behind live.
 */

/** The stretches on which a mark goes back or aside. */
const ASIDE = new Set(["failed", "parked"]);

/** A past scene is true to scale. @type {ReadonlyMap<string, Pace>} */
const NO_PACES = new Map();

/**
 * @param {object} given
 * @param {Journey} given.journey
 * @param {Hop|null} given.last The last hop that the mark has made; null before the first.
 * @param {number} given.at_ms Epoch.
 * @param {Move|null} [given.move] The move that the mark is making; null if it is standing.
 * @param {boolean} [given.over]
 * @param {boolean} [given.atEdge]
 * @param {boolean} [given.redelivered]
 * @param {ReadonlyMap<string, Pace>} [given.paces]
 * @returns {Shown}
 */
export function shownOf({ journey, last, at_ms, move = null, ...known }) {
  const { from, to, span, progress, isFailing, since } = move ? onTheWay(move, last) : standing(last);
  return {
    over: false, atEdge: false, redelivered: false, paces: NO_PACES, ...known,
    journey, last, from: stood(journey, from), to: stood(journey, to), span, progress, isFailing, at_ms,
    hop: last?.hop ?? null,
    moving: move !== null,
    confirmed: isConfirmed(journey, from, at_ms),
    order: since?.at_ms ?? at_ms,
  };
}

/**
 * Where a mark stands: what goes by no outbox and no relay is in the command service until it is in the queue.
 * @param {Journey} journey
 * @param {Place} place
 * @returns {Place}
 */
export function stood({ isDirect }, place) {
  return isDirect && (place === "outbox" || place === "relay") ? "command-service" : place;
}

/**
 * @typedef {object} Where
 * @property {Place} from
 * @property {Place} to
 * @property {string} span
 * @property {number} progress
 * @property {boolean} isFailing
 * @property {Hop|null} since The hop that brought it to where it is.
 */

/**
 * @param {Move} move
 * @param {Hop|null} last
 * @returns {Where}
 */
function onTheWay({ hop, from, to, span, progress }, last) {
  return { from, to, span, progress, isFailing: ASIDE.has(span), since: progress > 0 || !last ? hop : last };
}

/**
 * @param {Hop|null} last
 * @returns {Where}
 */
function standing(last) {
  if (!last) return { from: "browser", to: "browser", span: SPAN_FROM.browser, progress: 0, isFailing: false, since: null };
  const { to, span } = STEPS[last.hop];
  return { from: to, to, span: SPAN_FROM[to], progress: 1, isFailing: ASIDE.has(span), since: last };
}
