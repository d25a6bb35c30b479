/** The wire: what reaches the page, and what the page asks for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { Inbox } from "../../web/static/js/wire/inbox.js";
import { olderOf } from "../../web/static/js/wire/older.js";
import { TruthPoll } from "../../web/static/js/wire/truths.js";
import { hop, hopsOf } from "./support.js";

/** A page at 0 ms of its own clock and 1,000 ms of the server's. */
function joined({ lab = true, journeys = /** @type {any[]} */ ([]) } = {}) {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal));
  const { takes } = new Inbox(journal, playhead, () => 0);
  const welcome = {
    now_ms: 1000, lab, poll_interval_ms: 50, ports: {}, journeys, probes: [],
    past: { health: [], holds: [], switches: [{ at_ms: 500, told: { relay: { pause: { on: true } } } }] },
    read: null, health: {}, holds: {}, switches: {}, burst: null,
  };
  takes.welcome(welcome);
  return { journal, playhead, takes, welcome };
}

/**
 * A web that answers so, one answer after the other, and notes what it was asked.
 * @param {{ok: boolean, told?: object}[]} answers
 */
function webThat(...answers) {
  /** @type {string[]} */
  const asked = [];
  const ask = /** @type {typeof fetch} */ (/** @type {unknown} */ (async (/** @type {string} */ path) => {
    asked.push(path);
    const answer = answers.shift();
    if (!answer) throw new TypeError("web cannot be reached");
    return { ok: answer.ok, json: async () => answer.told };
  }));
  return { asked, ask };
}

const TRUTHS = { at_ms: 1, postgresql: { at_ms: 1, todos: [], error: null }, mongodb: { at_ms: 1, todos: [], error: null } };

test("the page forgets what the stack has taken back, once, also if it was away meanwhile", () => {
  for (const isAway of [false, true]) {
    const { journal, takes, welcome } = joined();
    journal.merge([hop("received", 10, { event_id: "kept" }), hop("received", 60, { event_id: "taken back" })]);
    const back = { at_ms: 50, done_ms: 90 };
    if (!isAway) takes.back(back);
    takes.welcome({ ...welcome, back });
    assert.deepEqual([...journal.journeys.keys()], ["kept"]);
    journal.merge([hop("received", 95, { event_id: "later" })]);
    takes.welcome({ ...welcome, back });
    assert.deepEqual([...journal.journeys.keys()], ["kept", "later"]);
  }
});

test("without a lab, the page does not ask for the truths", async () => {
  for (const [lab, count] of /** @type {const} */ ([[false, 0], [true, 1]])) {
    const { journal } = joined({ lab });
    const { asked, ask } = webThat({ ok: true, told: TRUTHS });
    await new TruthPoll(journal, { ask, now: () => 0, differ: () => true, isHidden: () => false }).round();
    assert.equal(asked.length, count);
  }
});

test("the page asks for both truths as soon as it has heard that there is a lab", async () => {
  const journal = new Journal();
  const { asked, ask } = webThat({ ok: true, told: TRUTHS });
  const poll = new TruthPoll(journal, { ask, now: () => 0, differ: () => true, isHidden: () => false });
  await poll.round();
  assert.deepEqual(asked, []);
  journal.setLab(true);
  assert.equal(asked.length, 1);
});

test("the page asks often while something happens, and the same contents told again are nothing that happens", async () => {
  const { journal } = joined();
  let now_ms = 0;
  const { asked, ask } = webThat(...Array.from({ length: 3 }, () => ({ ok: true, told: TRUTHS })));
  const poll = new TruthPoll(journal, { ask, now: () => now_ms, differ: () => false, isHidden: () => false });
  const roundAt = async (/** @type {number} */ at_ms, /** @type {number} */ queue) => {
    now_ms = at_ms;
    journal.setHolds({ projector: { at_ms, queue } }, at_ms);
    await poll.round();
    return asked.length;
  };
  assert.deepEqual([await roundAt(0, 0), await roundAt(1000, 0), await roundAt(2000, 1), await roundAt(3000, 1)], [1, 1, 2, 2]);
});

test("the views hear of the lesson that is under way with the welcome, and of each change", () => {
  const { journal, takes, welcome } = joined();
  /** @type {unknown[]} */
  const told = [];
  journal.addEventListener("lesson", (event) => told.push(/** @type {CustomEvent} */ (event).detail));
  const lesson = { run: "r1", lesson: "twice", step: 0, reached: 0, began_ms: 1, steps: [] };
  takes.welcome({ ...welcome, lesson });
  takes.lesson({ ...lesson, step: 1 });
  takes.lesson(null);
  takes.welcome(welcome);
  assert.deepEqual(told, [lesson, { ...lesson, step: 1 }, null, null]);
});

test("the page asks for older journeys again if there was no answer, or one that was not OK", async () => {
  const { journal, playhead } = joined();
  journal.merge([hop("received", 900)], 1000);
  const older = { event_id: "older", type: "todo.created.v1", todo_id: 2, version: 1, hops: hopsOf("older", [["received", 5]]) };
  const { asked, ask } = webThat({ ok: false }, { ok: true, told: { journeys: [older] } });
  const askOnce = olderOf(journal, playhead, ask);
  await askOnce();
  await askOnce();
  await askOnce();
  assert.deepEqual(asked, Array.from({ length: 2 }, () => "/journeys?before_ms=900&limit=4999"));
  assert.deepEqual([...journal.journeys.keys()], ["older", "e1"]);
});

test("the past that a page gets when it joins says what was switched and when", () => {
  const { journal } = joined();
  assert.deepEqual(journal.told.switches.at(500), { relay: { pause: { on: true } } });
  assert.deepEqual(journal.told.switches.at(1000), {});
});

test("the journeys that a page gets when it joins are not replayed, and marks under way stand where they are", () => {
  const known = { trace_id: null, type: "todo.created.v1", version: 1, title: "a", completed: false };
  const { playhead } = joined({ journeys: [
    { event_id: "done", todo_id: 1, ...known, hops: hopsOf("done", [["received", 1], ["projected", 5], ["seen", 9]]) },
    { event_id: "waits", todo_id: 2, ...known, hops: hopsOf("waits", [["received", 1], ["committed", 2]], { todo_id: 2 }) },
  ] });
  assert.deepEqual([...playhead.scene(0).shown].map(([id, { to }]) => [id, to]), [["waits", "outbox"]]);
});

test("a correction over the wire replaces an earlier seen", () => {
  const { journal, takes } = joined();
  takes.hops({ now_ms: 1001, hops: [hop("projected", 10), hop("seen", 30, { span_id: undefined })] });
  takes.hops({ now_ms: 1002, hops: [{ event_id: "e1", hop: "seen", at_ms: 20, start_ms: 19, process: "web" }] });
  assert.equal(journal.shownSince({ todo_id: 1, version: 1 }), 20);
  takes.hops({ now_ms: 1003, hops: [{ event_id: "e1", hop: "seen", withdrawn: true }] });
  assert.equal(journal.shownSince({ todo_id: 1, version: 1 }), undefined);
});
