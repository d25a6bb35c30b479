// @ts-check
/**
 * The two truths: what PostgreSQL and what MongoDB hold, compared todo by todo, at the moment that
 * is shown. Pure: no DOM, no network, no clock.
 */
import { counted, duration } from "./format.js";
import { hopOf } from "./hops.js";

/** @typedef {import("./journal.js").Journey} Journey */
/** @typedef {import("./journal.js").Holds} Holds */
/** @typedef {{id: number, title: string|null, completed: boolean|null, version: number, deleted?: boolean}} Row */
/** @typedef {{at_ms: number, todos: Row[], error: string|null}} Side */
/** @typedef {{at_ms: number, after?: number, postgresql: Side, mongodb: Side}} Truths `after`: below it nothing was asked. */

/**
 * @typedef {"equal"|"missing"|"stale"|"gone"|"ghost"|"ahead"|"differs"|"unknown"} State
 * missing: MongoDB has never had it. stale: it holds an older version. gone: it has deleted what
 * PostgreSQL holds. ghost: it holds what PostgreSQL has not. ahead: it holds a newer version.
 * differs: the same version, with other content. unknown: one of them cannot be asked.
 */

/**
 * @typedef {object} Compared
 * @property {number} id
 * @property {Row|null} left What PostgreSQL holds; null where it holds nothing.
 * @property {Row|null} right What MongoDB holds; null where it holds nothing, or a tombstone.
 * @property {State} state
 * @property {number} versions How many versions MongoDB is behind, or ahead.
 * @property {number|null} for_ms How long they have differed; null where it is not known.
 * @property {boolean} lost No event is under way that could bring it.
 */

/** What is held is asked a few times a second; a younger difference may have its event in between. */
const LOST_AFTER_MS = 2500;

/**
 * Compares both sides.
 * @param {object} given
 * @param {Truths} given.truths
 * @param {Iterable<Journey>} given.journeys All that are known.
 * @param {(todo_id: number) => number} given.momentOf Epoch, the moment that is shown of a todo.
 * @param {Map<number, number>} given.noticed Epoch, when each todo was first found to differ.
 * @param {Holds} given.holds
 * @returns {Compared[]} In id order; without what is deleted on both sides.
 */
export function compare({ truths, journeys, momentOf, noticed, holds }) {
  const byTodo = grouped(journeys);
  const left = new Map(truths.postgresql.todos.map((row) => [row.id, row]));
  const right = new Map(truths.mongodb.todos.map((row) => [row.id, row]));
  const asked = truths.postgresql.error === null && truths.mongodb.error === null;
  const recent = [...byTodo.keys()].filter((id) => id > (truths.after ?? 0));
  const mayBeLost = underWay(holds) === 0;
  /** @type {Compared[]} */
  const compared = [];
  for (const id of [...new Set([...left.keys(), ...right.keys(), ...recent])].sort((a, b) => a - b)) {
    const known = byTodo.get(id) ?? [];
    const at_ms = momentOf(id);
    const l = alive(rowAt(left.get(id), truths.postgresql.at_ms, known, at_ms, writtenAt));
    const r = rowAt(right.get(id), truths.mongodb.at_ms, known, at_ms, projectedAt);
    if (!l && !alive(r)) continue;
    const { state, versions } = asked ? judge(l, r) : { state: /** @type {State} */ ("unknown"), versions: 0 };
    const since_ms = state === "equal" || state === "unknown" ? null : sinceOf(known, l, r) ?? noticed.get(id) ?? null;
    const for_ms = since_ms === null ? null : Math.max(0, at_ms - since_ms);
    const lost = mayBeLost && asked && state !== "equal" && state !== "ahead" && (for_ms ?? 0) > LOST_AFTER_MS
      && (noticed.get(id) ?? Infinity) < at_ms - LOST_AFTER_MS;
    compared.push({ id, left: l, right: alive(r), state, versions, for_ms, lost });
  }
  return compared;
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
  return lost ? `lost: ${how}` : how;
}

/**
 * The verdict over all, in words.
 * @param {Compared[]} compared
 * @param {Truths|null} truths
 * @param {Holds} holds
 * @returns {{state: "consistent"|"behind"|"lost"|"unknown", words: string}}
 */
export function verdict(compared, truths, holds) {
  if (!truths) return { state: "unknown", words: "not asked yet" };
  const failed = [["PostgreSQL", truths.postgresql], ["MongoDB", truths.mongodb]]
    .filter(([, side]) => /** @type {Side} */ (side).error);
  if (failed.length) {
    return { state: "unknown", words: `unknown: ${failed.map(([name]) => name).join(" and ")} cannot be asked` };
  }
  const lost = compared.filter((each) => each.lost).length;
  if (lost) {
    return { state: "lost", words: `${lost.toLocaleString("en-GB")} lost: no event is under way that could bring ${lost === 1 ? "it" : "them"}` };
  }
  const behind = compared.filter(({ state }) => state !== "equal");
  if (!behind.length) return { state: "consistent", words: "consistent" };
  const oldest_ms = Math.max(...behind.map(({ for_ms }) => for_ms ?? 0));
  const dead = holds.projector?.dead_letters;
  const parked = dead ? `; ${counted(Number(dead), "dead letter")}` : "";
  return {
    state: "behind",
    words: behind.length === 1
      ? `1 todo behind, for ${duration(oldest_ms)}${parked}`
      : `${behind.length.toLocaleString("en-GB")} todos behind, the oldest for ${duration(oldest_ms)}${parked}`,
  };
}

/**
 * How many events wait or are in hand anywhere, the dead letters too, since one of them could be
 * sent again; null where a part cannot be asked.
 * @param {Holds} holds
 * @returns {number|null}
 */
export function underWay(holds) {
  const parts = [
    holds["command-service"]?.outbox, holds.projector?.queue, holds.projector?.unacked,
    holds.projector?.dead_letters,
  ];
  let sum = 0;
  for (const part of parts) {
    if (typeof part !== "number") return null;
    sum += part;
  }
  return sum;
}

/**
 * The rows to show where there is room for a few: those that differ, the longest first, then the
 * newest; in id order.
 * @param {Compared[]} compared
 * @param {number} room How many.
 */
export function chosen(compared, room) {
  const isKnown = (/** @type {Compared} */ { state }) => state !== "equal" && state !== "unknown";
  const differing = compared.filter(isKnown)
    .sort((a, b) => (b.for_ms ?? 0) - (a.for_ms ?? 0));
  const others = compared.filter((each) => !isKnown(each)).reverse();
  return [...differing, ...others].slice(0, room).sort((a, b) => a.id - b.id);
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
function rowOf({ todo_id, title, completed, version, type }) {
  return {
    id: todo_id ?? 0, title, completed, version: version ?? 0,
    ...(type?.includes(".deleted.") ? { deleted: true } : {}),
  };
}

/**
 * When the oldest write that one side lacks was acknowledged.
 * @param {Journey[]} journeys Of this todo, by version.
 * @param {Row|null} left
 * @param {Row|null} right
 * @returns {number|null}
 */
function sinceOf(journeys, left, right) {
  const held = right?.version ?? 0;
  const lacking = journeys.filter(({ version }) => (version ?? 0) > held && (!left || (version ?? 0) <= left.version));
  const times = lacking
    .map((journey) => (hopOf(journey, "acknowledged") ?? hopOf(journey, "committed"))?.at_ms)
    .filter((at_ms) => at_ms !== undefined);
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
