// @ts-check
/**
 * What comes over the wire as what has changed: reads, of which the first one is whole, and what was
 * told of the processes in the past. Pure.
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

/** @typedef {{at_ms: number, told: Record<string, any>}} Sample What was told of processes, by their names. */

/**
 * What was told of all processes at each moment, from what was new then.
 * @param {Sample[]} changes Oldest first.
 * @returns {Sample[]}
 */
export function statesOf(changes) {
  /** @type {Record<string, any>} */
  let told = {};
  return changes.map((change) => {
    told = { ...told, ...change.told };
    return { at_ms: change.at_ms, told };
  });
}
