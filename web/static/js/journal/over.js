// @ts-check
/**
 * The one answer to "is this journey over?", and to "can its state be read?". Pure.
 *
 * A journey is over once nothing more is expected of it: a read has shown its state, or a later state
 * of the same todo; the read model had it already; or it lies in the dead letters. What can be read
 * is over, and what is over need not be readable: nobody will ever read a dead letter.
 */
import { ENDS, hopOf, itinerary } from "./hops.js";
import { isDeletion } from "./journey.js";

/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./journal.js").Journey} Journey */

/**
 * Whether nothing more is expected of a journey.
 * @param {Journal} journal
 * @param {Journey} journey
 * @param {number} [at_ms] Epoch, the moment in question; by what is known now, if not given.
 */
export function isOver(journal, journey, at_ms = Number.MAX_VALUE) {
  return overSince(journal, journey) <= at_ms;
}

/**
 * When a journey was over.
 * @param {Journal} journal
 * @param {Journey} journey
 * @returns {number} Epoch; Infinity while it is not over.
 */
export function overSince(journal, journey) {
  const last = itinerary(journey).at(-1);
  if (last && ENDS.has(last.hop)) return last.at_ms;
  return Math.max(last?.at_ms ?? -Infinity, readableSince(journal, journey));
}

/**
 * Since when reads give a journey's state, or a later one of the same todo.
 * @param {Journal} journal
 * @param {Journey} journey
 * @returns {number} Epoch; Infinity while they do not, as far as is known.
 */
export function readableSince(journal, journey) {
  const shown_ms = journal.readableSince(journey) ?? hopOf(journey, "seen")?.at_ms;
  if (shown_ms !== undefined) return shown_ms;
  const applied = hopOf(journey, "already-applied");
  if (applied) return applied.at_ms;
  return showsAtLast(journal.read, journey) ? itinerary(journey).at(-1)?.at_ms ?? Infinity : Infinity;
}

/**
 * Whether the last read, asked after the event was projected, shows the event's state. It closes a
 * journey whose `seen` was lost, e.g. with a trace that never came.
 * @param {import("./journal.js").Read|null} read
 * @param {Journey} journey
 */
export function showsAtLast(read, journey) {
  const projected = hopOf(journey, "projected");
  if (!read || read.error || !projected || read.asked_ms < projected.at_ms) return false;
  const last = read.todos.at(-1)?.id ?? 0;
  if (read.more && (journey.todo_id ?? 0) > last) return true;
  return shows(read.todos.find(({ id }) => id === journey.todo_id), journey);
}

/**
 * Whether what a read gave of a todo is the state after an event.
 * @param {import("./journal.js").Todo|undefined} todo
 * @param {Journey} journey
 */
export function shows(todo, journey) {
  if (isDeletion(journey)) return todo === undefined;
  return todo?.title === journey.title && todo?.completed === journey.completed;
}
