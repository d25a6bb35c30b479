// @ts-check
/** The true order over all journeys. Pure. */

/**
 * The index of the last hop at or before a moment, by bisection; -1 if there is none.
 * @param {readonly {at_ms: number}[]} hops In true order.
 * @param {number} at_ms Epoch.
 */
export function indexAt(hops, at_ms) {
  let low = 0;
  let high = hops.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hops[middle].at_ms <= at_ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The journeys of each todo.
 * @param {Iterable<import("./types.js").Journey>} journeys
 * @returns {Map<number, import("./types.js").Journey[]>} By todo, each by version.
 */
export function byTodo(journeys) {
  /** @type {Map<number, import("./types.js").Journey[]>} */
  const histories = new Map();
  for (const journey of journeys) {
    if (journey.todo_id === null || journey.version === null) continue;
    const history = histories.get(journey.todo_id);
    if (history) history.push(journey);
    else histories.set(journey.todo_id, [journey]);
  }
  for (const history of histories.values()) history.sort((a, b) => (a.version ?? 0) - (b.version ?? 0));
  return histories;
}
