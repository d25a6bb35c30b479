// @ts-check
/**
 * Reads as they come over the wire: the first one whole, each later one as what has changed since.
 * Pure.
 */

/** @typedef {import("./journal.js").Read} Read */
/** @typedef {import("./journal.js").Todo} Todo */

/**
 * @param {Read|null} before The read before it, as this returned it.
 * @param {Omit<Read, "todos"> & {todos?: Todo[], changed?: Todo[], gone?: number[]}} message
 * @returns {Read} The read with all its todos, in id order.
 */
export function readAfter(before, { todos, changed = [], gone = [], ...read }) {
  if (todos) return { ...read, todos };
  const held = new Map((before?.todos ?? []).map((todo) => [todo.id, todo]));
  for (const id of gone) held.delete(id);
  for (const todo of changed) held.set(todo.id, todo);
  return { ...read, todos: [...held.values()].sort((a, b) => a.id - b.id) };
}
