/** A read of the replica is judged by what the other read model had shown, too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../web/static/js/facts/judgement.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { hopsOf } from "./support.js";

test("a todo that the one read model has shown, and the replica does not, makes that read stale", () => {
  const journal = new Journal();
  journal.merge(hopsOf(
    "e1.1", [["committed", 499], ["acknowledged", 500], ["projected", 505], ["seen", 600]],
    { todo_id: 1, version: 1, type: "todo.created.v1", title: "t1" },
  ));
  const got = { asked_ms: 1000, answered_ms: 1010, todos: [], more: false };
  const from = (/** @type {string} */ name) => judge({ ...got, from: name }, journal.journeys.values()).lacks;
  assert.deepEqual(from("replica"), [{ todo_id: 1, kind: "created" }]);
  assert.deepEqual(from("todos"), []);
});
