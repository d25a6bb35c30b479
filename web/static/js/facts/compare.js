// @ts-check
/**
 * The two truths: what PostgreSQL and what MongoDB hold, compared todo by todo, at the moment that
 * is shown. Pure: no DOM, no network, no clock.
 */
import { acknowledgedAt, hopOf } from "../journal/journey.js";
import { byTodo } from "../journal/order.js";
import { counted, duration } from "../page/format.js";
import { alive, projectedAt, sidesAt } from "./rows.js";

/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/types.js").Row} Row */
/** @typedef {import("../journal/types.js").Truths} Truths */

/**
 * @typedef {"equal"|"missing"|"stale"|"gone"|"ghost"|"ahead"|"differs"|"unknown"} State
 * missing: MongoDB has never had it. stale: it holds an older version. gone: it has deleted what
 * PostgreSQL holds. ghost: it holds what PostgreSQL has not. ahead: it holds a newer version.
 * differs: the same version, with other content. unknown: one of them cannot be asked, or it is not
 * known what it held.
 */

/**
 * @typedef {object} Compared
 * @property {number} id
 * @property {Row|null} left What PostgreSQL holds; null where it holds nothing.
 * @property {Row|null} right What MongoDB holds; null where it holds nothing, or a tombstone.
 * @property {State} state
 * @property {number} versions How many versions MongoDB is behind, or ahead.
 * @property {number|null} for_ms How long they have differed; null where it is not known.
 * @property {boolean} differsLive Whether they differ by now, whatever moment is shown.
 * @property {boolean} lost No event is under way that could mend it.
 */

/** @typedef {import("./rows.js").Answered} Answered */

/** How long nothing has to have been under way: what waits where is sent a few times a second, and traces come late. */
const LOST_AFTER_MS = 2500;

/**
 * @typedef {object} Given
 * @property {Truths} truths
 * @property {Iterable<Journey>} journeys All that are known.
 * @property {(todo_id: number) => number} momentOf Epoch, the moment that is shown of a todo.
 * @property {number} live_ms Epoch, now. Loss is judged by what is now, also where what is shown is late.
 * @property {boolean} isPast Whether a moment of the past is shown, the same for all.
 * @property {Map<number, number>} noticed Epoch, when each todo was first found to differ.
 * @property {number|null} quiet_ms Epoch, since when nothing has been under way; null where something is.
 */

/**
 * Compares both sides.
 * @param {Given} given
 * @returns {Compared[]} In id order; without what is deleted on both sides.
 */
export function compare(given) {
  const histories = byTodo(given.journeys);
  const answered = answers(given.truths);
  const unasked = [...histories.keys()].filter((id) => !answered.has(id) && (given.isPast || isListed(given, id)));
  return [...answered.keys(), ...unasked]
    .sort((a, b) => a - b)
    .map((id) => comparedOne(given, id, answered.get(id), histories.get(id) ?? []))
    .filter((compared) => compared !== null);
}

/**
 * @param {Given} given
 * @param {number} id
 * @param {Answered|undefined} answered
 * @param {Journey[]} known The journeys of this todo, by version.
 * @returns {Compared|null}
 */
function comparedOne(given, id, answered, known) {
  const isTold = answered !== undefined || isListed(given, id);
  // Of older ones only the journeys tell, if they begin with the first event.
  if (!isTold && known[0]?.version !== 1) return null;
  const answer = answered ?? unansweredBut(isTold ? given.truths : null);
  const at_ms = given.momentOf(id);
  const shown = sidesAt(answer, known, at_ms);
  const right = alive(shown.right);
  if (!shown.left && !right) return null;
  const { state, versions } = judged(shown, isAsked(given.truths), isTold, known);
  if (isNoNews(state, isTold)) return null;
  const differsLive = differsAt(given.isPast ? shown : sidesAt(answer, known, given.live_ms));
  return {
    id, left: shown.left, right, state, versions, differsLive,
    for_ms: differs(state) ? lasting(sinceOf(known, shown, at_ms) ?? noticedAt(given, id), at_ms) : null,
    lost: lacks(state) && differsLive && isLost(given, id, answer),
  };
}

/**
 * Of older todos only those that differ matter.
 * @param {State} state
 * @param {boolean} isTold Whether the answers cover this todo.
 */
function isNoNews(state, isTold) {
  return !isTold && state === "equal";
}

/**
 * @param {number} since_ms
 * @param {number} at_ms
 */
function lasting(since_ms, at_ms) {
  return since_ms > at_ms ? null : at_ms - since_ms;
}

/**
 * @param {Pick<Given, "noticed">} given
 * @param {number} id
 */
function noticedAt({ noticed }, id) {
  return noticed.get(id) ?? Infinity;
}

/**
 * Whether the answers list a todo one by one, if they hold it.
 * @param {Given} given
 * @param {number} id
 */
function isListed({ truths }, id) {
  return id > (truths.after ?? 0);
}

/** @param {Truths} truths */
function isAsked({ postgresql, mongodb }) {
  return postgresql.error === null && mongodb.error === null;
}

/**
 * Whether what differs is lost: nothing has been under way for long enough, both sides have been asked
 * since then, and it had been noticed before.
 * @param {Given} given
 * @param {number} id
 * @param {Answered} answer
 */
function isLost({ truths, isPast, quiet_ms, live_ms, noticed }, id, { left_ms, right_ms }) {
  if (isPast || quiet_ms === null || !isAsked(truths)) return false;
  const long_ago_ms = live_ms - LOST_AFTER_MS;
  return quiet_ms < long_ago_ms && Math.min(left_ms, right_ms) > quiet_ms && noticedAt({ noticed }, id) < long_ago_ms;
}

/**
 * What both stores gave, by todo: the newest ones, and those of the older ones that differ.
 * @param {Truths} truths
 * @returns {Map<number, Answered>}
 */
function answers({ postgresql, mongodb, older }) {
  /** @type {Map<number, Answered>} */
  const answered = new Map();
  for (const { id, at_ms, ...sides } of older?.todos ?? []) {
    const [left, right] = [sides.postgresql ?? undefined, sides.mongodb ?? undefined];
    answered.set(id, { left, right, left_ms: at_ms, right_ms: at_ms });
  }
  const asked = { left_ms: postgresql.at_ms, right_ms: mongodb.at_ms };
  for (const left of postgresql.todos) answered.set(left.id, { ...asked, left });
  for (const right of mongodb.todos) answered.set(right.id, { ...asked, ...answered.get(right.id), right });
  return answered;
}

/**
 * A todo that was in neither answer: newer than they are, or so old that nobody was asked.
 * @param {Truths|null} truths
 * @returns {Answered}
 */
function unansweredBut(truths) {
  return { left_ms: truths?.postgresql.at_ms ?? -Infinity, right_ms: truths?.mongodb.at_ms ?? -Infinity };
}

/**
 * @param {{left: Row|null, right: Row|null}} shown
 * @param {boolean} asked Whether both stores could be asked.
 * @param {boolean} isTold Whether their answers cover this todo.
 * @param {Journey[]} known
 * @returns {{state: State, versions: number}}
 */
function judged(shown, asked, isTold, known) {
  const isProjected = known.some((journey) => hopOf(journey, "projected"));
  if (!asked || (!isTold && !isProjected)) return { state: "unknown", versions: 0 };
  return judge(shown.left, shown.right);
}

/**
 * Whether the two sides differ, as far as is known.
 * @param {State} state
 */
export function differs(state) {
  return state !== "equal" && state !== "unknown";
}

/** @param {{left: Row|null, right: Row|null}} sides */
function differsAt({ left, right }) {
  return differs(judge(left, right).state);
}

/**
 * Whether MongoDB has yet to take something that PostgreSQL did.
 * @param {State} state
 */
function lacks(state) {
  return differs(state) && state !== "ahead";
}

/**
 * How two rows of one todo stand to each other.
 * @param {Row|null} left
 * @param {Row|null} right With `deleted` where it is a tombstone.
 * @returns {{state: State, versions: number}}
 */
export function judge(left, right) {
  if (!left) return { state: alive(right) ? "ghost" : "equal", versions: 0 };
  if (!right) return { state: "missing", versions: left.version };
  const versions = left.version - right.version;
  if (versions > 0) return { state: "stale", versions };
  if (right.deleted) return { state: "gone", versions: 0 };
  if (versions < 0) return { state: "ahead", versions: -versions };
  const same = left.title === right.title && left.completed === right.completed;
  return { state: same ? "equal" : "differs", versions: 0 };
}

/**
 * How they differ, in words.
 * @param {Compared} compared
 */
export function words({ state, versions, for_ms, lost }) {
  if (state === "equal") return "";
  const what = {
    missing: "not there", stale: `stale by ${counted(versions, "version")}`, gone: "gone",
    ghost: "a ghost", ahead: `ahead by ${counted(versions, "version")}`, differs: "not the same",
    unknown: "cannot be asked",
  }[state];
  const how = for_ms === null ? what : `${what} for ${duration(for_ms)}`;
  return lost && state !== "ghost" ? `lost: ${how}` : how;
}

/**
 * The rows to show: where there is room for a few, those that differ, the longest first, then the
 * newest, in id order; below them, for those who scroll, more of the same.
 * @param {Compared[]} compared
 * @param {number} room How many are in sight.
 * @param {number} more How many more.
 */
export function chosen(compared, room, more) {
  const differing = compared.filter(({ state }) => differs(state))
    .sort((a, b) => (b.for_ms ?? 0) - (a.for_ms ?? 0));
  const others = compared.filter(({ state }) => !differs(state)).reverse();
  const all = [...differing, ...others];
  const inSight = all.slice(0, room).sort((a, b) => a.id - b.id);
  return [...inSight, ...all.slice(room, room + more)];
}

/**
 * When the oldest write that MongoDB lacks was acknowledged; what it had already and has lost again
 * is lacking since nobody knows when.
 * @param {Journey[]} journeys Of this todo, by version.
 * @param {{left: Row|null, right: Row|null}} shown
 * @param {number} at_ms Epoch, the moment that is shown.
 * @returns {number|null}
 */
function sinceOf(journeys, { left, right }, at_ms) {
  const has = right?.version ?? 0;
  const times = journeys
    .filter(({ version }) => (version ?? 0) > has && (!left || (version ?? 0) <= left.version))
    .filter(({ version }) => (projectedAt(journeys, version ?? 0) ?? Infinity) > at_ms)
    .map(acknowledgedAt)
    .filter((time_ms) => time_ms !== undefined);
  return times.length ? Math.min(...times) : null;
}
