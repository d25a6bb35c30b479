// @ts-check
/**
 * Rebuilds what comes over the wire only as changes: reads, and the past of the processes. Pure.
 */

/** @typedef {import("./types.js").Read} Read */
/** @typedef {import("./types.js").Todo} Todo */

/**
 * @param {Read|null} before The previous read, as this function returned it.
 * @param {Omit<Read, "todos"> & {todos?: Todo[], changed?: Todo[], gone?: number[]}} message
 * @returns {Read} The whole read, with its todos in id order.
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
 * The state of all processes at each moment, from what was new at each.
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
