// @ts-check
/**
 * The two truths: what PostgreSQL and what MongoDB hold, compared todo by todo, at the moment that
 * is shown. Pure: no DOM, no network, no clock.
 */
import { counted, duration } from "../page/format.js";
import { hopOf } from "../journal/hops.js";
import { acknowledgedAt, isDeletion } from "../journal/journey.js";

/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {{id: number, title: string|null, completed: boolean|null, version: number, deleted?: boolean}} Row */
/** @typedef {{at_ms: number, todos: Row[], error: string|null}} Side */
/** @typedef {{id: number, at_ms: number, postgresql: Row|null, mongodb: Row|null}} Older */
/**
 * @typedef {object} Truths
 * @property {number} at_ms
 * @property {number} [after] Below it the todos are not told; `older` says which of them differ.
 * @property {Side} postgresql
 * @property {Side} mongodb
 * @property {{todos: Older[], differing: number, or_more?: boolean, compared: number, since_ms: number|null}} [older]
 */

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

/** @typedef {{left?: Row, right?: Row, left_ms: number, right_ms: number}} Answered One todo, as both stores gave it. */

/** So long nothing has to have been under way: what is held is told a few times a second, and traces come late. */
const LOST_AFTER_MS = 2500;

/**
 * Compares both sides.
 * @param {object} given
 * @param {Truths} given.truths
 * @param {Iterable<Journey>} given.journeys All that are known.
 * @param {(todo_id: number) => number} given.momentOf Epoch, the moment that is shown of a todo.
 * @param {number} given.live_ms Epoch, now. Loss is judged by what is now, also where what is shown is late.
 * @param {boolean} given.isPast Whether a moment of the past is shown, the same for all.
 * @param {Map<number, number>} given.noticed Epoch, when each todo was first found to differ.
 * @param {number|null} given.quiet_ms Epoch, since when nothing has been under way; null where something is.
 * @returns {Compared[]} In id order; without what is deleted on both sides.
 */
export function compare({ truths, journeys, momentOf, live_ms, isPast, noticed, quiet_ms }) {
  const byTodo = grouped(journeys);
  const answered = answers(truths);
  const after = truths.after ?? 0;
  const asked = truths.postgresql.error === null && truths.mongodb.error === null;
  const unasked = [...byTodo.keys()].filter((id) => !answered.has(id) && (isPast || id > after));
  const mayBeLost = asked && !isPast && quiet_ms !== null && quiet_ms < live_ms - LOST_AFTER_MS;
  /** @type {Compared[]} */
  const compared = [];
  for (const id of [...answered.keys(), ...unasked].sort((a, b) => a - b)) {
    const known = byTodo.get(id) ?? [];
    // Of older ones the journeys alone tell, where they begin with the first event.
    const isTold = answered.has(id) || id > after;
    if (!isTold && known[0]?.version !== 1) continue;
    const answer = answered.get(id) ?? unansweredBut(isTold ? truths : null);
    const at_ms = momentOf(id);
    const shown = held(answer, known, at_ms);
    const now = isPast ? shown : held(answer, known, live_ms);
    if (!shown.left && !alive(shown.right)) continue;
    const { state, versions } = judged(shown, asked, isTold, known);
    if (!isTold && state === "equal") continue;
    const differsLive = differs(judge(now.left, now.right).state);
    const since_ms = differs(state) ? sinceOf(known, shown, at_ms) ?? noticed.get(id) ?? null : null;
    const for_ms = since_ms === null || since_ms > at_ms ? null : at_ms - since_ms;
    const lost = mayBeLost && differs(state) && state !== "ahead" && differsLive
      && Math.min(answer.left_ms, answer.right_ms) > (quiet_ms ?? Infinity)
      && (noticed.get(id) ?? Infinity) < live_ms - LOST_AFTER_MS;
    compared.push({ id, left: shown.left, right: alive(shown.right), state, versions, for_ms, differsLive, lost });
  }
  return compared;
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
 * What both held at a moment.
 * @param {Answered} answer
 * @param {Journey[]} known The journeys of this todo, by version.
 * @param {number} at_ms Epoch.
 * @returns {{left: Row|null, right: Row|null}} `right` with `deleted` where it is a tombstone.
 */
function held({ left, right, left_ms, right_ms }, known, at_ms) {
  return {
    left: alive(rowAt(left, left_ms, known, at_ms, writtenAt)),
    // What was not yet written cannot have been projected, also where its trace tells only the one.
    right: rowAt(right, right_ms, known, at_ms, (journeys, version) =>
      projectedAt(journeys, version) ?? ifLater(writtenAt(journeys, version), at_ms)),
  };
}

/**
 * @param {number|null} time_ms
 * @param {number} at_ms
 */
function ifLater(time_ms, at_ms) {
  return time_ms !== null && time_ms > at_ms ? time_ms : null;
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
 * newest, in id order; below them, for who scrolls, more of the same.
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

/** @param {Row|null|undefined} row */
function alive(row) {
  return row && !row.deleted ? row : null;
}

/**
 * One side's row as it was at a moment: the answer, rolled back or forward by the hops that lie
 * between the answer and that moment. Where no hop lies there, the answer stands.
 * @param {Row|undefined} row
 * @param {number} asked_ms Epoch, when the side answered.
 * @param {Journey[]} journeys Of this todo, by version.
 * @param {number} at_ms Epoch, the moment.
 * @param {(journeys: Journey[], version: number) => number|null} reachedAt
 * @returns {Row|null}
 */
export function rowAt(row, asked_ms, journeys, at_ms, reachedAt) {
  const reached = journeys.map((journey) => ({ journey, on_ms: reachedAt(journeys, journey.version ?? 0) }));
  const happened = (/** @type {number} */ from_ms, /** @type {number} */ to_ms) => reached
    .filter(({ on_ms }) => on_ms !== null && on_ms > from_ms && on_ms <= to_ms);
  if (at_ms >= asked_ms) {
    const last = happened(asked_ms, at_ms).at(-1);
    return last && (last.journey.version ?? 0) > (row?.version ?? 0) ? rowOf(last.journey) : row ?? null;
  }
  const undone = happened(at_ms, asked_ms);
  if (!undone.length) return row ?? null;
  const first = undone[0].journey.version ?? 1;
  if (first <= 1) return null;
  const before = journeys.find(({ version }) => version === first - 1);
  if (before) return rowOf(before);
  return { id: undone[0].journey.todo_id ?? 0, title: null, completed: null, version: first - 1 };
}

/**
 * @param {Journey[]} journeys
 * @param {number} version
 */
function writtenAt(journeys, version) {
  const journey = journeys.find((each) => each.version === version);
  return (journey && hopOf(journey, "committed")?.at_ms) ?? null;
}

/**
 * When MongoDB first held that version or a newer one.
 * @param {Journey[]} journeys
 * @param {number} version
 */
function projectedAt(journeys, version) {
  const times = journeys
    .filter((journey) => (journey.version ?? 0) >= version)
    .map((journey) => hopOf(journey, "projected")?.at_ms)
    .filter((at_ms) => at_ms !== undefined);
  return times.length ? Math.min(...times) : null;
}

/**
 * @param {Journey} journey
 * @returns {Row}
 */
function rowOf(journey) {
  const { todo_id, title, completed, version } = journey;
  return {
    id: todo_id ?? 0, title, completed, version: version ?? 0,
    ...(isDeletion(journey) ? { deleted: true } : {}),
  };
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

/**
 * @param {Iterable<Journey>} journeys
 * @returns {Map<number, Journey[]>} By todo, each by version.
 */
function grouped(journeys) {
  /** @type {Map<number, Journey[]>} */
  const byTodo = new Map();
  for (const journey of journeys) {
    if (journey.todo_id === null || journey.version === null) continue;
    const known = byTodo.get(journey.todo_id);
    if (known) known.push(journey);
    else byTodo.set(journey.todo_id, [journey]);
  }
  for (const known of byTodo.values()) known.sort((a, b) => (a.version ?? 0) - (b.version ?? 0));
  return byTodo;
}
