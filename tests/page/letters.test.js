// @ts-check
/** Dead letters in words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, grouped, linesOf, question, titleOf } from "../../web/static/js/panels/letters/rules.js";

/** @typedef {import("../../web/static/js/panels/letters/rules.js").Letter} Letter */

/** @param {Partial<Letter>} [more] @returns {Letter} */
function letter(more = {}) {
  return {
    id: "0123456789ab", event_id: "e", type: "todo.created.v1", todo_id: 7, version: 1, reason: "refused", error: "refused",
    attempts: 5, first_failed_at: "2026-01-01T00:00:00.000+00:00", last_failed_at: "2026-01-01T00:00:01.000+00:00",
    origin: "todo.projector", origin_from: "x-queue", retries: 0, because: null, discarded_at: null, headers: {}, body: "{}",
    versions: { postgresql: 1, mongodb: 0 }, ...more,
  };
}

test("letters are grouped by error and event type, the largest group first", () => {
  const letters = [letter({ error: "a" }), letter({ id: "2" }), letter({ id: "3" }), letter({ type: null, error: "a" })];
  assert.deepEqual(
    grouped(letters).map(({ name, letters: those }) => [name, those.length]),
    [["todo.created.v1: refused", 2], ["todo.created.v1: a", 1], ["unknown type: a", 1]],
  );
});

test("the question names the count and what will happen", () => {
  assert.equal(
    question("retry", [letter(), letter({ id: "2", origin: null })]),
    "Retry 2 dead letters? Each goes back to the queue that it came from (todo.projector, no queue that is known) to be applied.",
  );
  assert.match(question("discard", [letter()]), /^Discard 1 dead letter\? For 24 hours/);
  assert.match(question("edit", [letter()]), /rebuild/);
});

test("the answer says how many were done and skipped, why, and what became of them", () => {
  const done = { id: "1", done: true, why: null };
  const gone = { id: "2", done: false, why: "it is gone since" };
  assert.equal(
    answer("retry", { done: 1, skipped: 2, letters: [{ ...done, landed: "landed" }, gone, { ...gone, id: "3" }] }),
    "1 retried; 2 skipped (it is gone since); 1 landed.",
  );
  assert.equal(answer("discard", { done: 1, skipped: 0, letters: [done] }), "1 discarded.");
});

test("what is not known of a letter is left out or said", () => {
  const lines = Object.fromEntries(linesOf(letter({ attempts: null, origin: null, versions: null })));
  assert.equal(lines["Attempts"], "nobody counted");
  assert.equal(lines["In MongoDB now"], "not known");
  assert.ok(!("Came from" in lines));
  assert.equal(Object.fromEntries(linesOf(letter()))["In MongoDB now"], "none");
  assert.equal(titleOf(letter({ todo_id: null, version: null })), "no todo that can be read");
});
