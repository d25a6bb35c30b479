/** How the page puts the changes that web sends back together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { readAfter, statesOf } from "../../web/static/js/journal/deltas.js";

const READ = { asked_ms: 1, at_ms: 2, status: 200, after: null, more: false, error: null };

const list = fc.uniqueArray(
  fc.record(
    { id: fc.integer({ min: 1, max: 12 }), title: fc.constantFrom("a", "b"), completed: fc.boolean() },
    { noNullPrototype: true },
  ),
  { selector: ({ id }) => id },
).map((todos) => todos.toSorted((a, b) => a.id - b.id));

test("a list and its changes give the next list", () => {
  fc.assert(fc.property(list, list, (before, after) => {
    const ids = new Set(after.map(({ id }) => id));
    const same = (/** @type {(typeof after)[number]} */ todo) =>
      before.some(({ id, title, completed }) => id === todo.id && title === todo.title && completed === todo.completed);
    const delta = { ...READ, changed: after.filter((todo) => !same(todo)), gone: before.map(({ id }) => id).filter((id) => !ids.has(id)) };
    assert.deepEqual(readAfter({ ...READ, todos: before }, delta).todos, after);
  }));
});

test("a whole list replaces the one before", () => {
  const todos = [{ id: 2, title: "b", completed: true }];
  assert.deepEqual(readAfter({ ...READ, todos: [{ id: 1, title: "a", completed: false }] }, { ...READ, todos }), { ...READ, todos });
});

test("without an earlier list, the changes are all that is known", () => {
  const todo = { id: 1, title: "a", completed: false };
  assert.deepEqual(readAfter(null, { ...READ, changed: [todo], gone: [7] }).todos, [todo]);
});

test("a process that a sample does not mention stays as it was", () => {
  const got = statesOf([
    { at_ms: 1, told: { relay: { outbox: 1 }, projector: { queue: 0 } } },
    { at_ms: 2, told: { relay: { outbox: 0 } } },
    { at_ms: 3, told: { projector: null } },
  ]);
  assert.deepEqual(got, [
    { at_ms: 1, told: { relay: { outbox: 1 }, projector: { queue: 0 } } },
    { at_ms: 2, told: { relay: { outbox: 0 }, projector: { queue: 0 } } },
    { at_ms: 3, told: { relay: { outbox: 0 }, projector: null } },
  ]);
});
