// @ts-check
/**
 * Makes whole again what comes over the wire as changes only: reads, and the past of the processes. Pure.
 */

/** @typedef {import("./types.js").Read} Read */
/** @typedef {import("./types.js").Todo} Todo */

/**
 * @param {Read|null} before The read before it, as this returned it.
 * @param {Omit<Read, "todos"> & {todos?: Todo[], changed?: Todo[], gone?: number[]}} message
 * @returns {Read} The read with all its todos, in id order.
 */
export function readAfter(before, { todos, changed = [], gone = [], ...read }) {
  if (todos) return { ...read, todos };
  const byId = new Map((before?.todos ?? []).map((todo) => [todo.id, todo]));
  for (const id of gone) byId.delete(id);
  for (const todo of changed) byId.set(todo.id, todo);
  return { ...read, todos: [...byId.values()].sort((a, b) => a.id - b.id) };
}

/** @typedef {import("./types.js").Sample} Sample */

/**
 * What was said of all processes at each moment, from what was new then.
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
