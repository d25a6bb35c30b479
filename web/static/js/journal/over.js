// @ts-check
/**
 * The one answer to "is this journey over?", and to "can its state be read?". Pure.
 *
 * A journey is over once nothing more is expected of it: a read has shown its state, or a later state
 * of the same todo; the read model had it already; or it lies in the dead letters. A journey whose state
 * can be read is over, but one that is over need not be readable: nobody will ever read a dead letter.
 */
import { ENDS } from "./hops.js";
import { hopOf, isDeletion } from "./journey.js";
import { itinerary } from "./path.js";

/** @typedef {import("./types.js").Todo} Todo */
/**
 * @typedef {object} Known What has to be known besides the journey itself; the journal knows it.
 * @property {import("./types.js").Read|null} read The last read.
 * @property {(journey: Journey) => number|undefined} shownSince When reads first showed its state.
 */
/** @typedef {import("./types.js").Journey} Journey */

/**
 * Whether nothing more is expected of a journey.
 * @param {Known} journal
 * @param {Journey} journey
 * @param {number} [at_ms] Epoch, the moment in question; by default, as far as is known now.
 */
export function isOver(journal, journey, at_ms = Number.MAX_VALUE) {
  return overSince(journal, journey) <= at_ms;
}

/**
 * When a journey was over.
 * @param {Known} journal
 * @param {Journey} journey
 * @returns {number} Epoch; Infinity while it is not over.
 */
export function overSince(journal, journey) {
  const last = itinerary(journey).at(-1);
  if (last && ENDS.has(last.hop)) return last.at_ms;
  return Math.max(last?.at_ms ?? -Infinity, readableSince(journal, journey));
}

/**
 * When reads first gave a journey's state, or a later state of the same todo.
 * @param {Known} journal
 * @param {Journey} journey
 * @returns {number} Epoch; Infinity if they are not known to have done so yet.
 */
export function readableSince(journal, journey) {
  const shown_ms = journal.shownSince(journey) ?? hopOf(journey, "seen")?.at_ms;
  if (shown_ms !== undefined) return shown_ms;
  const applied = hopOf(journey, "already-applied");
  if (applied) return applied.at_ms;
  return showsAtLast(journal.read, journey) ? itinerary(journey).at(-1)?.at_ms ?? Infinity : Infinity;
}

/**
 * Whether the last read, asked after the event was projected, shows the event's state. It closes a
 * journey whose `seen` was lost, e.g. with a trace that never came.
 * @param {import("./types.js").Read|null} read
 * @param {Journey} journey
 */
export function showsAtLast(read, journey) {
  const projected = hopOf(journey, "projected");
  if (!read || read.error || !projected || read.asked_ms < projected.at_ms) return false;
  const last = read.todos.at(-1)?.id ?? 0;
  if (read.more && (journey.todo_id ?? 0) > last) return true;
  return shows(todosOf(read).get(journey.todo_id ?? NaN), journey);
}

/** @param {import("./types.js").Read} read */
function todosOf(read) {
  const kept = byId.get(read) ?? new Map(read.todos.map((todo) => [todo.id, todo]));
  byId.set(read, kept);
  return kept;
}

/** Asked for by every journey that is under way. @type {WeakMap<import("./types.js").Read, Map<number, Todo>>} */
const byId = new WeakMap();

/**
 * Whether a todo, as a read gave it, is in the state after an event.
 * @param {Todo|undefined} todo
 * @param {Journey} journey
 */
export function shows(todo, journey) {
  if (isDeletion(journey)) return todo === undefined;
  return todo?.title === journey.title && todo?.completed === journey.completed;
}
