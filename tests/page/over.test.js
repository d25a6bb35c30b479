/** When a journey is over, and since when its state can be read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Journal } from "../../web/static/js/journal/journal.js";
import { isOver, overSince, readableSince, shows, showsAtLast } from "../../web/static/js/journal/over.js";
import { hopsOf, journey } from "./support.js";

/** @typedef {[string, number][]} Hops */

const WRITTEN = /** @type {Hops} */ ([["received", 1], ["committed", 2], ["picked-up", 3], ["confirmed", 4], ["delivered", 5]]);

/**
 * What is known of one event, in a journal that knows nothing else.
 * @param {Hops} hops
 * @param {object} [more]
 */
function known(hops, more = {}) {
  const journal = new Journal();
  journal.merge(hopsOf("e1", hops, more));
  const only = journal.journeys.get("e1");
  assert.ok(only);
  return { journal, only, over_ms: overSince(journal, only), readable_ms: readableSince(journal, only) };
}

test("an event under way is not over, and cannot be read", () => {
  const { journal, only, over_ms, readable_ms } = known([...WRITTEN, ["projected", 6]]);
  assert.deepEqual([over_ms, readable_ms, isOver(journal, only)], [Infinity, Infinity, false]);
});

test("an event is over, and can be read, once a read has shown it", () => {
  const { journal, only, over_ms, readable_ms } = known([...WRITTEN, ["projected", 6], ["seen", 9]]);
  assert.deepEqual([over_ms, readable_ms], [9, 9]);
  assert.deepEqual([8, 9].map((at_ms) => isOver(journal, only, at_ms)), [false, true]);
});

test("a dead letter is over, but cannot be read", () => {
  const { over_ms, readable_ms } = known([...WRITTEN, ["dead-lettered", 7]]);
  assert.deepEqual([over_ms, readable_ms], [7, Infinity]);
});

test("an event that the read model already had is over, and can be read", () => {
  const { over_ms, readable_ms } = known([...WRITTEN, ["already-applied", 8]]);
  assert.deepEqual([over_ms, readable_ms], [8, 8]);
});

test("an event that a later version has overtaken is over with its own last hop", () => {
  const { journal, only } = known([...WRITTEN, ["projected", 6]]);
  journal.merge(hopsOf("e2", [["seen", 20]], { version: 2 }));
  assert.deepEqual([readableSince(journal, only), overSince(journal, only)], [20, 20]);
  const late = hopsOf("e3", [["received", 1], ["projected", 30]], { version: 1, todo_id: 7 });
  journal.merge([...late, ...hopsOf("e4", [["seen", 25]], { version: 2, todo_id: 7 })]);
  const overtaken = journal.journeys.get("e3");
  assert.ok(overtaken);
  assert.deepEqual([readableSince(journal, overtaken), overSince(journal, overtaken)], [25, 30]);
});

/** @param {object} [more] */
const read = (more = {}) => ({
  asked_ms: 10, at_ms: 11, status: 200, todos: [{ id: 1, title: "title 1", completed: false }], after: null, more: false, error: null, ...more,
});
const PROJECTED = journey(1, { projected: 10 });

test("a read that was asked after the projection shows an event whose trace was lost", () => {
  assert.equal(showsAtLast(read(), PROJECTED), true);
  assert.equal(showsAtLast(read({ asked_ms: 9 }), PROJECTED), false, "asked before");
  assert.equal(showsAtLast(read({ error: "timed out" }), PROJECTED), false, "failed");
  assert.equal(showsAtLast(read({ todos: [{ id: 1, title: "other", completed: false }] }), PROJECTED), false, "another state");
  assert.equal(showsAtLast(null, PROJECTED), false, "never read");
  assert.equal(showsAtLast(read(), journey(1, { committed: 1 })), false, "not projected");
});

test("a read that ends before a todo is no evidence against it", () => {
  const beyond = { ...PROJECTED, todo_id: 2 };
  assert.equal(showsAtLast(read({ more: true }), beyond), true);
  assert.equal(showsAtLast(read(), beyond), false);
  assert.equal(showsAtLast(read({ more: true, todos: [] }), { ...PROJECTED, todo_id: 0 }), false);
});

test("a journey closed by such a read is over with its last hop", () => {
  const { journal, only } = known([...WRITTEN, ["projected", 6]], { title: "title 1" });
  journal.setRead(read());
  assert.deepEqual([overSince(journal, only), readableSince(journal, only)], [6, 6]);
});

test("a todo shows the state after an event, and shows a deletion by its absence", () => {
  const todo = { id: 1, title: "title 1", completed: false };
  const deleted = journey(2, {}, { type: "todo.deleted.v1" });
  assert.deepEqual([shows(todo, PROJECTED), shows(undefined, PROJECTED)], [true, false]);
  assert.equal(shows({ ...todo, completed: true }, PROJECTED), false);
  assert.deepEqual([shows(undefined, deleted), shows(todo, deleted)], [true, false]);
});
