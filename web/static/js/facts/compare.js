// @ts-check
/**
 * The two truths: the contents of PostgreSQL and MongoDB, compared todo by todo at the moment shown.
 * Pure: no DOM, no network, no clock.
 */
import { branchAt } from "../journal/branches.js";
import { acknowledgedAt, hopOf } from "../journal/journey.js";
import { byTodo } from "../journal/order.js";
import { apart, counted, duration } from "../page/format.js";
import { alive, projectedAt, sidesAt } from "./rows.js";

/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/types.js").Row} Row */
/** @typedef {import("../journal/types.js").Truths} Truths */

/**
 * @typedef {"equal"|"missing"|"stale"|"gone"|"lingering"|"ahead"|"differs"|"unknown"} State
 * missing: MongoDB has never had it. stale: MongoDB has an older version. gone: MongoDB has deleted it,
 * but PostgreSQL has it. lingering: MongoDB still has what PostgreSQL has no longer. ahead: MongoDB has a
 * newer version. differs: the same version with different content. unknown: one of them cannot be asked,
 * or its contents at that moment are not known.
 */

/**
 * @typedef {object} Compared
 * @property {number} id
 * @property {Row|null} left What PostgreSQL has; null if nothing.
 * @property {Row|null} right What MongoDB has; null if nothing, or only a tombstone.
 * @property {State} state
 * @property {number} versions How many versions MongoDB is behind, or ahead.
 * @property {number|null} for_ms How long they have differed; null if that is not known.
 * @property {number} injected_ms How much of that the lab has injected.
 * @property {boolean} lost Whether web has proved that no event is under way that could mend it.
 */

/** @typedef {import("./rows.js").Answered} Answered */

/**
 * @typedef {object} Given
 * @property {Truths} truths
 * @property {Iterable<Journey>} journeys All known journeys.
 * @property {(todo_id: number) => number} momentOf Epoch, the moment at which a todo is shown.
 * @property {ReadonlySet<number>} [onTheWay] The todos whose marks are on their way.
 * @property {boolean} isPast Whether a past moment is shown, the same for all todos.
 * @property {import("../journal/injected.js").Injected} [injected] What the lab has injected.
 */

/**
 * Compares both sides.
 * @param {Given} given
 * @returns {Compared[]} In id order, without the todos that are deleted on both sides.
 */
export function compare(given) {
  const histories = byTodo(given.journeys);
  const answered = answers(given.truths);
  const proved = new Set(given.truths.proof?.todos);
  const unasked = [...histories.keys()].filter((id) => !answered.has(id) && isCompared(given, id));
  return [...answered.keys(), ...unasked]
    .sort((a, b) => a - b)
    .map((id) => comparedOne(given, id, answered.get(id), histories.get(id) ?? [], proved))
    .filter((compared) => compared !== null);
}

/**
 * Whether a todo that no answer names is compared by its journeys: it is newer than the answers, or it is
 * older than the listed ones, equal by now, and still to be seen on its way.
 * @param {Given} given
 * @param {number} id
 */
function isCompared(given, id) {
  return given.isPast || isListed(given, id) || (given.onTheWay?.has(id) ?? false);
}

/**
 * @param {Given} given
 * @param {number} id
 * @param {Answered|undefined} answered
 * @param {Journey[]} known The journeys of this todo, by version.
 * @param {ReadonlySet<number>} proved
 * @returns {Compared|null}
 */
function comparedOne(given, id, answered, known, proved) {
  const isTold = answered !== undefined || isListed(given, id);
  // Older todos are known only from their journeys, and only if those begin with the first event.
  if (!isTold && known[0]?.version !== 1) return null;
  const answer = answered ?? unansweredBut(isTold ? given.truths : null);
  const at_ms = given.momentOf(id);
  const shown = sidesAt(answer, known, at_ms);
  const right = alive(shown.right);
  if (!shown.left && !right) return null;
  const { state, versions } = judged(shown, isAsked(given.truths), isTold, known);
  if (isNoNews(state, isTold)) return null;
  const lasted = differs(state) ? lastedUntil(at_ms, given, id, lackingOf(known, shown, at_ms)) : { for_ms: null, injected_ms: 0 };
  return {
    id, left: shown.left, right, state, versions, ...lasted,
    lost: lacks(state) && proved.has(id) && isProved(given.truths.proof, known, at_ms),
  };
}

/**
 * Whether an older todo can be left out: older todos matter only if they differ.
 * @param {State} state
 * @param {boolean} isTold Whether the answers cover this todo.
 */
function isNoNews(state, isTold) {
  return !isTold && state === "equal";
}

/**
 * For how long a todo has differed.
 * @param {number} at_ms Epoch, the moment shown.
 * @param {Given} given
 * @param {number} id
 * @param {ReturnType<typeof lackingOf>} lacking
 * @returns {Pick<Compared, "for_ms"|"injected_ms">}
 */
function lastedUntil(at_ms, { truths, injected }, id, lacking) {
  const since_ms = lacking?.since_ms ?? toldSince(truths, id);
  return {
    for_ms: since_ms > at_ms ? null : at_ms - since_ms,
    injected_ms: (lacking && injected?.between(lacking.journey, lacking.since_ms, at_ms)) ?? 0,
  };
}

/**
 * Since when web knows that a todo differs.
 * @param {Truths} truths
 * @param {number} id
 * @returns {number} Epoch; Infinity if web has not noticed it.
 */
function toldSince({ since, older }, id) {
  return since?.[id] ?? older?.todos.find((each) => each.id === id)?.since_ms ?? Infinity;
}

/**
 * Whether the answers would list this todo, if the stores have it.
 * @param {Pick<Given, "truths">} given
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
 * Whether a proof stands at the moment shown: it had been made by then, and nothing had happened to the
 * todo since.
 * @param {Truths["proof"]} proof
 * @param {Journey[]} known The journeys of this todo.
 * @param {number} at_ms Epoch.
 */
function isProved(proof, known, at_ms) {
  if (!proof || at_ms < proof.at_ms) return false;
  const isSince = (/** @type {number} */ on_ms) => on_ms > proof.settled_ms && on_ms <= at_ms;
  return !known.some(({ hops }) => hops.some((each) => isSince(each.at_ms) && each.hop !== "seen" && !branchAt(each.process)));
}

/**
 * The answers of both stores, by todo: the newest todos, and the older ones that differ.
 * @param {Truths} truths
 * @returns {Map<number, Answered>}
 */
function answers({ postgresql, mongodb, older }) {
  /** @type {Map<number, Answered>} */
  const answered = new Map();
  for (const { id, asked_ms, at_ms, ...sides } of older?.todos ?? []) {
    const asked = { asked_ms, at_ms };
    answered.set(id, {
      left: { ...asked, row: sides.postgresql ?? undefined }, right: { ...asked, row: sides.mongodb ?? undefined },
    });
  }
  const [left, right] = [timesOf(postgresql), timesOf(mongodb)];
  for (const row of postgresql.todos) answered.set(row.id, { left: { ...left, row }, right });
  for (const row of mongodb.todos) {
    answered.set(row.id, { left: answered.get(row.id)?.left ?? left, right: { ...right, row } });
  }
  return answered;
}

/** @param {import("../journal/types.js").Side} side */
function timesOf({ asked_ms, at_ms }) {
  return { asked_ms, at_ms };
}

/**
 * A todo that was in neither answer: it is newer than they are, or too old to be asked for.
 * @param {Truths|null} truths
 * @returns {Answered}
 */
function unansweredBut(truths) {
  const never = { asked_ms: -Infinity, at_ms: -Infinity };
  return truths ? { left: timesOf(truths.postgresql), right: timesOf(truths.mongodb) } : { left: never, right: never };
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
 * Whether MongoDB has yet to apply something that PostgreSQL did.
 * @param {State} state
 */
function lacks(state) {
  return differs(state) && state !== "ahead";
}

/**
 * Compares the two rows of one todo.
 * @param {Row|null} left
 * @param {Row|null} right With `deleted` if it is a tombstone.
 * @returns {{state: State, versions: number}}
 */
export function judge(left, right) {
  if (!left) return { state: alive(right) ? "lingering" : "equal", versions: 0 };
  if (!right) return { state: "missing", versions: left.version };
  const versions = left.version - right.version;
  if (versions > 0) return { state: "stale", versions };
  if (right.deleted) return { state: "gone", versions: 0 };
  if (versions < 0) return { state: "ahead", versions: -versions };
  // What is not known yet is no difference.
  const isUnknown = left.isUnknown || right.isUnknown;
  const same = isUnknown || (left.title === right.title && left.completed === right.completed);
  return { state: same ? "equal" : "differs", versions: 0 };
}

/**
 * How they differ, in words.
 * @param {Compared} compared
 * @param {boolean} [isLong] Whether to say how much of the time the lab has injected.
 */
export function words({ state, versions, for_ms, injected_ms, lost }, isLong = false) {
  if (state === "equal") return "";
  const what = {
    missing: "not there", stale: `stale by ${counted(versions, "version")}`, gone: "gone",
    lingering: lost ? "a ghost" : "still there", ahead: `ahead by ${counted(versions, "version")}`, differs: "not the same",
    unknown: "cannot be asked",
  }[state];
  const how = for_ms === null ? what : `${what} for ${isLong ? apart(for_ms, injected_ms) : duration(for_ms)}`;
  return lost && state !== "lingering" ? `lost: ${how}` : how;
}

/**
 * The rows to show. The few in sight are those that have differed longest, then the newest, sorted by id.
 * Below them, for those who scroll, come the next ones in that order.
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
 * The oldest write that MongoDB lacks, and when it was acknowledged. If MongoDB had a write and lost it again,
 * nobody knows when.
 * @param {Journey[]} journeys Of this todo, by version.
 * @param {{left: Row|null, right: Row|null}} shown
 * @param {number} at_ms Epoch, the moment shown.
 * @returns {{journey: Journey, since_ms: number}|null}
 */
function lackingOf(journeys, { left, right }, at_ms) {
  const has = right?.version ?? 0;
  /** @type {{journey: Journey, since_ms: number}|null} */
  let oldest = null;
  for (const journey of journeys) {
    const version = journey.version ?? 0;
    if (version <= has || (left && version > left.version)) continue;
    if ((projectedAt(journeys, version) ?? Infinity) <= at_ms) continue;
    const since_ms = acknowledgedAt(journey);
    if (since_ms !== undefined && since_ms < (oldest?.since_ms ?? Infinity)) oldest = { journey, since_ms };
  }
  return oldest;
}
