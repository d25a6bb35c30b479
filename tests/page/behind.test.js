/** The writes that are acknowledged but not yet readable, and the list as a read gives it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ShownList } from "../../web/static/js/clock/list.js";
import { behindOf } from "../../web/static/js/facts/behind.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { hopsOf } from "./support.js";

/**
 * A live scene in which no mark is on its way.
 * @param {object} [more]
 * @returns {any}
 */
const scene = (more = {}) => ({ now_ms: 0, at_ms: 1000, isPast: false, shown: new Map(), undrawn: [], wentBy: 0, behind_ms: 0, ...more });

/**
 * @param {Record<string, [string, number][]>} events The hops of each event; each event has its own todo.
 */
function journalOf(events) {
  const journal = new Journal();
  Object.entries(events).forEach(([id, hops], index) => journal.merge(hopsOf(id, hops, { todo_id: index + 1 })));
  return journal;
}

/**
 * @param {Journal} journal
 * @param {any} at
 */
const behindAt = (journal, at) => behindOf(journal, at).map(({ journey, for_ms }) => [journey.event_id, for_ms]);

test("an event is behind from its acknowledgement until a read shows it, the oldest first", () => {
  const journal = journalOf({
    late: [["received", 500], ["committed", 503], ["acknowledged", 510]],
    early: [["received", 100], ["committed", 103], ["acknowledged", 110]],
    seen: [["received", 50], ["acknowledged", 60], ["projected", 70], ["seen", 90]],
    refused: [["received", 40]],
  });
  assert.deepEqual(behindAt(journal, scene()), [["early", 890], ["late", 490]]);
});

test("the commit stands in for the answer if that is not known", () => {
  assert.deepEqual(behindAt(journalOf({ a: [["received", 100], ["committed", 200]] }), scene()), [["a", 800]]);
});

test("in a scene that is shown late, an event is behind up to the present moment", () => {
  const journal = journalOf({ a: [["acknowledged", 100]] });
  assert.deepEqual(behindAt(journal, scene({ at_ms: 400, behind_ms: 600 })), [["a", 900]]);
});

test("at a past moment, an event is behind if it was not readable by then", () => {
  const journal = journalOf({ a: [["acknowledged", 100], ["projected", 200], ["seen", 300]] });
  const past = (/** @type {number} */ at_ms) => behindAt(journal, scene({ isPast: true, at_ms }));
  assert.deepEqual([past(99), past(100), past(299), past(300)], [[], [["a", 0]], [["a", 199]], []]);
});

test("an event whose mark is on its way is behind until the mark arrives", () => {
  const journal = journalOf({ a: [["acknowledged", 100], ["projected", 200], ["seen", 300]] });
  const at = (/** @type {object} */ shown) => behindAt(journal, scene({ shown: new Map([["a", { hop: "committed", at_ms: 250, over: false, ...shown }]]) }));
  assert.deepEqual(at({}), [["a", 150]]);
  assert.deepEqual(at({ hop: null }), [], "nothing is to be seen of it yet");
  assert.deepEqual(at({ hop: "seen", over: true }), []);
});

/** @param {string} title */
const todo = (id = 1, title = "a") => ({ id, title, completed: false });
/** @param {object[]} todos */
const read = (todos, more = {}) => /** @type {any} */ ({ asked_ms: 0, at_ms: 0, status: 200, todos, after: null, more: false, error: null, ...more });

test("the first read is shown at once, and later ones once their traces have had time to arrive", () => {
  const [journal, list] = [new Journal(), new ShownList()];
  const titles = (/** @type {number} */ now_ms) => list.update(journal, scene({ now_ms })).map(({ title }) => title);
  assert.deepEqual(titles(0), [], "nothing has been read yet");
  journal.setRead(read([todo()]));
  assert.deepEqual(titles(0), ["a"]);
  journal.setRead(read([todo(), todo(2, "b")]));
  assert.deepEqual(titles(10_000), ["a"]);
  assert.deepEqual(titles(10_799), ["a"]);
  assert.deepEqual(titles(10_800), ["a", "b"]);
});

test("a read that failed leaves the list as it was", () => {
  const [journal, list] = [new Journal(), new ShownList()];
  journal.setRead(read([todo()]));
  list.update(journal, scene());
  journal.setRead(read([], { error: "timed out" }));
  for (const now_ms of [0, 10_000]) assert.equal(list.update(journal, scene({ now_ms })).length, 1);
});

test("a row changes when its event's mark arrives, not when the read does", () => {
  const journal = journalOf({ a: [["received", 1]] });
  const journey = journal.journeys.get("a");
  const list = new ShownList();
  journal.setRead(read([todo(2, "b")]));
  list.update(journal, scene());
  journal.setRead(read([todo(1, "a"), todo(2, "b")]));
  const ids = (/** @type {number} */ now_ms, /** @type {object} */ shown) => list.update(journal, scene({ now_ms, shown: new Map([["a", { journey, ...shown }]]) })).map(({ id }) => id);
  assert.deepEqual(ids(0, { hop: "projected", over: false }), [2]);
  assert.deepEqual(ids(5000, { hop: "projected", over: false }), [2]);
  assert.deepEqual(ids(5001, { hop: "seen", over: true }), [1, 2]);
});
