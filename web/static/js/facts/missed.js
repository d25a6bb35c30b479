// @ts-check
/** The writes that a read did not show, although they were acknowledged when it was asked. Pure. */
import { hopOf } from "../journal/journey.js";
import { shows } from "../journal/over.js";

/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {import("../journal/journal.js").Todo} Todo */

/**
 * The writes that were acknowledged when the read was asked, but are not in its answer.
 * @param {{asked_ms: number, todos: Todo[]|null, more: boolean}} got
 * @param {Iterable<Journey>} journeys
 * @returns {Journey[]} The newest write of each todo, by id.
 */
export function missed({ asked_ms, todos, more }, journeys) {
  const { owed, later } = writesBy(asked_ms, journeys);
  const given = new Map((todos ?? []).map((todo) => [todo.id, todo]));
  const last = more ? todos?.at(-1)?.id ?? 0 : Infinity;
  // A read may already show a write that was acknowledged only later.
  const isShown = (/** @type {number} */ id, /** @type {Journey} */ journey) =>
    [journey, ...(later.get(id) ?? [])].some((state) => shows(given.get(id), state));
  return [...owed]
    .filter(([id, journey]) => id <= last && !isShown(id, journey))
    .sort(([a], [b]) => a - b)
    .map(([, journey]) => journey);
}

/**
 * The newest write of each todo that was acknowledged by then, and those that came later, by todo.
 * @param {number} asked_ms Epoch.
 * @param {Iterable<Journey>} journeys
 */
function writesBy(asked_ms, journeys) {
  /** @type {Map<number, Journey>} */
  const owed = new Map();
  /** @type {Map<number, Journey[]>} */
  const later = new Map();
  for (const journey of journeys) {
    const { todo_id, version } = journey;
    if (todo_id === null || version === null) continue;
    const acknowledged_ms = hopOf(journey, "acknowledged")?.at_ms ?? Infinity;
    if (acknowledged_ms > asked_ms) later.set(todo_id, [...(later.get(todo_id) ?? []), journey]);
    else if (version > (owed.get(todo_id)?.version ?? 0)) owed.set(todo_id, journey);
  }
  return { owed, later };
}
