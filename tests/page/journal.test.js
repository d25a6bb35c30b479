/** The journal: what happened, however the page learnt of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Journal } from "../../web/static/js/journal/journal.js";
import { isOver } from "../../web/static/js/journal/over.js";
import { WAY, hop } from "./support.js";

/** @param {ReturnType<typeof hop>[]} hops */
function journalOf(hops, options = {}) {
  const journal = new Journal(options);
  journal.merge(hops);
  return journal;
}

test("hops give the same journey in any order and with any repetition", () => {
  const hops = [
    ...WAY.map((name, at) => hop(name, 1000 + at)),
    hop("delivered", 2000, { span_id: "again" }), hop("already-applied", 2001),
  ];
  const inOrder = journalOf(hops).journeys.get("e1");
  assert.deepEqual(inOrder?.hops.map((each) => each.hop), [...WAY, "delivered", "already-applied"]);
  const told = fc.tuple(fc.shuffledSubarray(hops, { minLength: hops.length }), fc.array(fc.constantFrom(...hops)));
  fc.assert(fc.property(told, fc.boolean(), ([shuffled, again], atOnce) => {
    const journal = new Journal();
    if (atOnce) journal.merge([...shuffled, ...again]);
    else for (const one of [...shuffled, ...again]) journal.merge([one]);
    assert.deepEqual(journal.journeys.get("e1"), inOrder);
    assert.deepEqual(journal.inOrder().map((each) => each.hop), inOrder?.hops.map((each) => each.hop));
  }));
});

test("news that is already known announces nothing", () => {
  const journal = new Journal();
  const sizes = [journal.merge([hop("received", 1)]).size, journal.merge([hop("received", 1)]).size];
  assert.deepEqual(sizes, [1, 0]);
});

test("a journey learns its todo from whichever hop knows it", () => {
  const journal = journalOf([hop("picked-up", 5, { title: null, type: null }), hop("received", 1)]);
  const { title, type } = journal.journeys.get("e1") ?? {};
  assert.deepEqual([title, type], ["a", "todo.created.v1"]);
});

test("the oldest journeys are let go", () => {
  const hops = [0, 1, 2, 3, 4].map((at) => hop("received", at, { event_id: `e${at}` }));
  assert.deepEqual([...journalOf(hops, { limit: 3 }).journeys.keys()], ["e2", "e3", "e4"]);
});

test("a newer state that has been seen completes an older one", () => {
  const journal = journalOf([hop("projected", 5)]);
  const journey = /** @type {NonNullable<ReturnType<typeof journal.journeys.get>>} */ (journal.journeys.get("e1"));
  const before = isOver(journal, journey);
  journal.merge([hop("seen", 9, { event_id: "e2", version: 2 })]);
  assert.deepEqual([before, isOver(journal, journey)], [false, true]);
});

test("a read asked before the projection proves nothing", () => {
  const journal = journalOf([hop("projected", 5)]);
  const journey = /** @type {NonNullable<ReturnType<typeof journal.journeys.get>>} */ (journal.journeys.get("e1"));
  const todos = [{ id: 1, title: "a", completed: false }];
  const got = [4, 6].map((asked_ms) => {
    journal.setRead({ asked_ms, at_ms: asked_ms, status: 200, todos, after: null, more: false, error: null });
    return isOver(journal, journey);
  });
  assert.deepEqual(got, [false, true]);
});
