// @ts-check
/**
 * The judgement of a read: which writes it lacks, although they had been acknowledged when it was asked.
 * It is made once, and nothing that is learnt afterwards changes it. Pure.
 */
import { apart, counted, duration } from "../page/format.js";
import { hopOf, kindOf } from "../journal/journey.js";
import { shows } from "../journal/over.js";

/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/types.js").Todo} Todo */

/** From how late a stage on it may show something else than a read gives. */
const LATE_MS = 1000;
/** The read model in which no read of the page looks for what it shows. */
const REPLICA = "replica";

/**
 * @typedef {object} Got The answer to a read.
 * @property {number} asked_ms Epoch.
 * @property {number} answered_ms Epoch.
 * @property {number} [late_ms] How far the stage was behind the present then.
 * @property {number|null} status 0 if there was no answer, null if nothing was sent.
 * @property {readonly Todo[]|null} todos
 * @property {string|null} [from] The read model that answered, if the request said which it wanted.
 * @property {boolean} more Whether there are more todos than it gave.
 * @property {string} problem In words; "" if there is none.
 */

/**
 * @typedef {object} Judgement
 * @property {readonly {readonly todo_id: number, readonly kind: string}[]} lacks The newest write of each
 *   todo, by id.
 * @property {number} known How many todos it was judged by.
 * @property {number} injected_ms How much of the time until its answer the lab has injected.
 */

/**
 * Judges a read, within what it gave: a page of a list owes nothing beyond its last todo. It owes the
 * newest write of each todo that was acknowledged when it was asked. It may show a later one, if that
 * could be read before it was answered.
 *
 * A todo that a read had shown as it was last written, and that is different now, has been written since
 * by a command without a trace. Nothing can be said of it. But what another read model had shown, the
 * replica still owes: to go back is what a reader of both may see.
 * @param {Pick<Got, "asked_ms"|"answered_ms"|"todos"|"more"|"from">} got
 * @param {Iterable<Journey>} journeys All that is known by now.
 * @param {{rule: import("../journal/injected.js").Injected, waits: boolean}} [lab] What was injected, and whether the
 *   read waited for events.
 * @returns {Judgement}
 */
export function judge({ asked_ms, answered_ms, todos, more, from }, journeys, lab) {
  const { owed, later } = writesBy(asked_ms, answered_ms, journeys);
  const given = new Map((todos ?? []).map((todo) => [todo.id, todo]));
  const last = more ? todos?.at(-1)?.id ?? 0 : Infinity;
  let known = 0;
  const lacks = [];
  for (const [todo_id, journey] of [...owed].sort(([a], [b]) => a - b)) {
    if (todo_id > last) continue;
    const isShown = [journey, ...(later.get(todo_id) ?? [])].some((state) => shows(given.get(todo_id), state));
    if (!isShown && wasSeen(journey, asked_ms, from)) continue;
    known += 1;
    if (!isShown) lacks.push(Object.freeze({ todo_id, kind: kindOf(journey) }));
  }
  const injected_ms = lab?.rule.inRead(asked_ms, answered_ms, lab.waits ? owed.values() : []) ?? 0;
  return Object.freeze({ lacks: Object.freeze(lacks), known, injected_ms });
}

/**
 * The newest write of each todo that was acknowledged when a read was asked, and the others that it may
 * show, by todo.
 * @param {number} asked_ms Epoch.
 * @param {number} answered_ms Epoch.
 * @param {Iterable<Journey>} journeys
 */
function writesBy(asked_ms, answered_ms, journeys) {
  /** @type {Map<number, Journey>} */
  const owed = new Map();
  /** @type {Map<number, Journey[]>} */
  const later = new Map();
  for (const journey of journeys) {
    const { todo_id, version } = journey;
    if (todo_id === null || version === null) continue;
    if ((hopOf(journey, "acknowledged")?.at_ms ?? Infinity) > asked_ms) {
      if (mayShow(journey, answered_ms)) later.set(todo_id, [...(later.get(todo_id) ?? []), journey]);
    } else if (version > (owed.get(todo_id)?.version ?? 0)) owed.set(todo_id, journey);
  }
  return { owed, later };
}

/**
 * Whether a write could be read by then. If it is not known when it was projected, the doubt is in the
 * read's favour.
 * @param {Journey} journey
 * @param {number} answered_ms Epoch.
 */
function mayShow(journey, answered_ms) {
  const first = hopOf(journey, "projected") ?? hopOf(journey, "committed") ?? journey.hops[0];
  return first !== undefined && first.at_ms <= answered_ms;
}

/**
 * @param {Journey} journey
 * @param {number} asked_ms Epoch.
 * @param {string|null} [from] The read model that is asked.
 */
function wasSeen(journey, asked_ms, from) {
  return from !== REPLICA && (hopOf(journey, "seen")?.at_ms ?? Infinity) <= asked_ms;
}

/** How many of the todos that a read lacks a verdict names, unless told otherwise. */
const NAMED = 2;

/**
 * @typedef {object} Said A read in words.
 * @property {"waiting"|"judging"|"fresh"|"stale"|"unjudged"|"failed"} state
 * @property {string} says What came back, and after how long.
 * @property {string} verdict
 * @property {string} basis What the verdict was judged by.
 */

/**
 * A read in words, wherever they stand on the page.
 * @param {{got: Got|null, judgement: Judgement|null, wait_s: number|null}} reading `wait_s`: how long the
 *   query service may wait, if it is asked to.
 * @param {number} [most] How many of the todos that it lacks are named.
 * @returns {Said}
 */
export function saidOf({ got, judgement, wait_s }, most = NAMED) {
  const limit = !wait_s ? "" : `, which may take ${wait_s} s`;
  if (!got) return { state: "waiting", says: `waiting for the answer${limit}`, verdict: "", basis: "" };
  const took = apart(got.answered_ms - got.asked_ms, judgement?.injected_ms ?? 0);
  const status = `${got.status || "no answer"}${got.from ? ` from ${got.from}` : ""}`;
  if (!got.todos) {
    const says = `${status} after ${took}`;
    return { state: "failed", says: got.status === null ? "" : says, verdict: got.problem, basis: "" };
  }
  const first = `the first ${counted(got.todos.length, "todo")}`;
  const gave = got.more ? `${first}; there are more` : counted(got.todos.length, "todo");
  return { says: `${status} after ${took}: ${gave}`, ...verdictOf(judgement, got.more ? first : "", lateSays(got.late_ms), most) };
}

/**
 * @param {Judgement|null} judgement
 * @param {string} part The part of the list that was read; "" for all of it.
 * @param {string} late How late the stage was, in words.
 * @param {number} most
 * @returns {Omit<Said, "says">}
 */
function verdictOf(judgement, part, late, most) {
  if (!judgement) return { state: "judging", verdict: "judging", basis: "(once its traces are in)" };
  const { lacks, known } = judgement;
  if (lacks.length) {
    return { state: "stale", verdict: `stale: lacks ${named(lacks, most)}`, basis: bracketed(part && `within ${part}`, late) };
  }
  if (!known) return { state: "unjudged", verdict: "not judged", basis: "(no write is known here that it owed)" };
  const basis = bracketed(`judged by ${counted(known, "known todo")}`, late);
  return { state: "fresh", verdict: part ? `not stale within ${part}` : "not stale", basis };
}

/** @param {string[]} words */
function bracketed(...words) {
  const said = words.filter(Boolean).join("; ");
  return said && `(${said})`;
}

/**
 * A read is of the present, and whoever compares it with a stage that is late should know.
 * @param {number} [late_ms]
 */
function lateSays(late_ms = 0) {
  return late_ms < LATE_MS ? "" : `the stage was ${duration(late_ms)} late`;
}

/**
 * @param {Judgement["lacks"]} lacks
 * @param {number} most
 */
function named(lacks, most) {
  const some = lacks.slice(0, most).map(({ todo_id, kind }) => `#${todo_id} ${kind}`);
  const more = lacks.length - some.length;
  return more > 0 ? `${some.join(", ")} and ${more.toLocaleString("en-GB")} more` : some.join(", ");
}
