/** Reads: what each guarantee asks for, and what becomes of the judgement on the last one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { judge, saidOf } from "../../web/static/js/facts/judgement.js";
import { seenToken } from "../../web/static/js/facts/token.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { remembering } from "../../web/static/js/page/storage.js";
import { Commands } from "../../web/static/js/send/commands.js";
import { Reads } from "../../web/static/js/send/reads.js";
import { Written } from "../../web/static/js/send/written.js";
import { settled } from "../../web/static/js/wire/settled.js";
import { hopsOf } from "./support.js";

const blocked = () => remembering(() => { throw new Error("The browser blocks it."); });

/**
 * A page's reads: they are answered with `todos`, and settle when told to.
 * @param {{todos?: {id: number, title: string, completed: boolean}[], written?: Written, status?: number, late_ms?: number, from?: string}} [given]
 */
function pageOf({ todos = [], written = new Written(blocked()), status = 200, late_ms = 0, from = "" } = {}) {
  const journal = new Journal();
  /** @type {Headers[]} */
  const sent = [];
  let settle = () => {};
  /** @type {Promise<void>} */
  const settling = new Promise((resolve) => { settle = resolve; });
  let now_ms = 999;
  const reads = new Reads({
    send: async (_path, request) => {
      sent.push(new Headers(request?.headers));
      const body = JSON.stringify(status === 200 ? todos : { title: "The read model is behind." });
      return new Response(body, { status, headers: from ? { "Read-Model": from } : {} });
    },
    tokens: { none: () => "", token: () => written.token(), seen: () => seenToken(journal.journeys.values()) },
    judge: (got) => judge(got, journal.journeys.values()),
    settled: () => settling,
    now: () => { now_ms += 1; return now_ms; },
    late: () => late_ms,
    isRun: () => journal.run !== null,
  });
  const said = () => (reads.last ? saidOf(reads.last) : null);
  return { journal, reads, sent, settle, written, said };
}

/**
 * A write, from its acknowledgement to when it could be read.
 * @param {number} todo_id
 * @param {number} version
 * @param {number} at_ms
 * @param {string} [kind]
 */
const write = (todo_id, version, at_ms, kind = "created") => hopsOf(
  `e${todo_id}.${version}`, [["committed", at_ms - 1], ["acknowledged", at_ms], ["projected", at_ms + 5]],
  { todo_id, version, type: `todo.${kind}.v1`, title: `t${version}` },
);

test("read your writes asks for what this tab wrote, and for nothing that others wrote", async () => {
  const { journal, reads, sent, written } = pageOf();
  journal.merge(write(7, 1, 500));
  reads.read("token");
  written.note("3.2");
  reads.read("token");
  reads.read("seen");
  reads.read("none");
  assert.deepEqual(sent.map((headers) => headers.get("Consistency-Token")), [null, "3.2", "7.1", null]);
  assert.deepEqual(sent.map((headers) => headers.get("Prefer")), [null, "wait=10", "wait=10", null]);
});

test("a read waits as long as was chosen", async () => {
  const { reads, sent, written, said } = pageOf();
  written.note("1.1");
  reads.wait_s = 2;
  reads.read("token");
  assert.equal(said()?.says, "waiting for the answer, which may take 2 s");
  assert.equal(sent[0].get("Prefer"), "wait=2");
});

test("a read says which read model it wants, and which one has answered", async () => {
  const { reads, sent, settle, said } = pageOf({ from: "replica" });
  reads.model = "by-turns";
  settle();
  await reads.read("none");
  assert.equal(sent[0].get("Read-Model"), "by-turns");
  assert.match(said()?.says ?? "", /^200 from replica after /);
  reads.model = "";
  await reads.read("none");
  assert.equal(sent[1].get("Read-Model"), null);
});

test("a tab remembers the last version of the last twenty todos that it wrote, over reloads", async () => {
  const kept = blocked();
  let id = 0;
  const send = /** @type {typeof fetch} */ (async () => {
    id = (id % 25) + 1;
    return new Response("{}", { status: 201, headers: { "Consistency-Token": `${id}.${id === 25 ? 2 : 1}` } });
  });
  const commands = new Commands(send, () => false, new Written(kept));
  for (let count = 0; count < 50; count += 1) await commands.add("a");
  const expected = [...Array.from({ length: 19 }, (_, index) => `${index + 6}.1`), "25.2"].join(",");
  assert.deepEqual([commands.written.token(), new Written(kept).token()], [expected, expected]);
});

test("a tab takes nothing from its storage but tokens, and works without one", () => {
  const kept = blocked();
  kept.setItem("written", "3.1,x,,4.0,5.2 ");
  assert.equal(new Written(kept).token(), "3.1");
  assert.equal(new Written(blocked()).note(null), false);
});

test("a tab forgets what it wrote in another log of events, also over a reload", () => {
  /** @type {[string|null, string|null, string][]} */
  const cases = [["a", "a", "3.1"], ["a", "b", ""], ["a", null, ""], [null, "a", "3.1"], [null, null, "3.1"]];
  for (const [before, log, token] of cases) {
    for (const isReloaded of [false, true]) {
      const kept = blocked();
      const first = new Written(kept);
      first.noteLog(before);
      first.note("3.1");
      const written = isReloaded ? new Written(kept) : first;
      written.noteLog(log);
      assert.deepEqual([written.token(), new Written(kept).token()], [token, token], `${before} ${log}`);
      written.note("1.1");
      written.noteLog(log);
      assert.ok(written.token().endsWith("1.1"));
    }
  }
});

test("a tab forgets what it wrote before the stack went back, once, also over a reload", () => {
  const kept = blocked();
  const first = new Written(kept);
  first.note("3.1");
  first.noteBack(null);
  assert.equal(first.token(), "3.1");
  first.noteBack(70);
  assert.equal(first.token(), "");
  first.note("4.1");
  const reloaded = new Written(kept);
  reloaded.noteBack(70);
  assert.equal(reloaded.token(), "4.1");
});

test("monotonic reads ask for nothing that was written in another log of events", () => {
  const journal = new Journal();
  /** @type {string[]} */
  const told = [];
  journal.addEventListener("log", () => told.push(String(journal.log)));
  const holds = (/** @type {string|null} */ log) => ({ "command-service": { todos: 1, log } });
  journal.setHolds(holds(null), 5);
  journal.merge(write(7, 3, 10));
  journal.setHolds(holds("a"), 40);
  journal.setHolds({ "command-service": null }, 50);
  journal.merge(write(1, 1, 60));
  assert.equal(seenToken(journal.journeys.values()), "7.3,1.1");
  journal.setHolds(holds("b"), 70);
  assert.equal(seenToken(journal.journeys.values()), "1.1");
  assert.deepEqual(told, ["null", "a", "b"]);
});

test("monotonic reads ask for the newest versions that were acknowledged on the stage", () => {
  const journal = new Journal();
  journal.merge([...write(2, 2, 40, "renamed"), ...write(1, 1, 30), ...write(2, 1, 20)]);
  journal.merge(hopsOf("e9", [["committed", 90]], { todo_id: 9 }));
  assert.equal(seenToken(journal.journeys.values()), "1.1,2.2");
  for (let id = 10; id < 60; id += 1) journal.merge(write(id, 1, 100 + id));
  assert.equal(seenToken(journal.journeys.values()), Array.from({ length: 20 }, (_, index) => `${index + 40}.1`).join(","));
});

test("a read says what it waits for and judges nothing before the traces are in", async () => {
  const { journal, reads, settle, said } = pageOf();
  const reading = reads.read("none");
  assert.equal(said()?.state, "waiting");
  await new Promise(setImmediate);
  assert.equal(said()?.state, "judging");
  journal.merge(write(4, 1, 900));
  settle();
  await reading;
  assert.deepEqual([said()?.state, said()?.verdict], ["stale", "stale: lacks #4 created"]);
});

test("a read says how late the stage was that it may be compared with", async () => {
  const basisAt = async (/** @type {number} */ late_ms) => {
    const { journal, reads, settle, said } = pageOf({ todos: [{ id: 4, title: "t1", completed: false }], late_ms });
    journal.merge(write(4, 1, 900));
    settle();
    await reads.read("none");
    return said()?.basis;
  };
  assert.equal(await basisAt(999), "(judged by 1 known todo)");
  assert.equal(await basisAt(4700), "(judged by 1 known todo; the stage was 4.70 s late)");
});

test("a read in a run from a file is not sent, and one without an answer is not judged", async () => {
  const inRun = pageOf();
  inRun.journal.run = /** @type {any} */ ({});
  await inRun.reads.read("none");
  assert.deepEqual([inRun.sent.length, inRun.said()?.state, inRun.said()?.says], [0, "failed", ""]);
  const behind = pageOf({ status: 503 });
  await behind.reads.read("none");
  assert.deepEqual([behind.said()?.says, behind.said()?.verdict], ["503 after 1.00 ms", "The read model is behind."]);
});

test("the answer to a read that another has replaced says nothing", async () => {
  const { reads, settle, said } = pageOf({ todos: [{ id: 1, title: "a", completed: false }] });
  settle();
  const first = reads.read("none");
  reads.forget();
  await first;
  assert.equal(said(), null);
});

/** Anything that may happen to five todos before, during and after a read. */
const HISTORY = fc.array(fc.record({
  todo_id: fc.integer({ min: 1, max: 5 }), version: fc.integer({ min: 1, max: 4 }),
  at_ms: fc.integer({ min: 800, max: 1400 }), kind: fc.constantFrom("created", "renamed", "deleted"),
}), { maxLength: 20 });

test("whatever comes after the judgement does not change it", async () => {
  await fc.assert(fc.asyncProperty(HISTORY, HISTORY, fc.subarray([1, 2, 3, 4, 5]), async (before, after, ids) => {
    const todos = ids.map((id) => ({ id, title: "t1", completed: false }));
    const { journal, reads, settle, said } = pageOf({ todos });
    for (const { todo_id, version, at_ms, kind } of before) journal.merge(write(todo_id, version, at_ms, kind));
    settle();
    await reads.read("none");
    const judged = said();
    for (const { todo_id, version, at_ms, kind } of after) {
      journal.merge(write(todo_id, version, at_ms, kind));
      journal.mergeOlder([]);
    }
    journal.setConnected(false);
    assert.deepEqual(said(), judged);
  }));
});

test("the traces of what is written after the answer do not change the judgement, however soon they come", () => {
  fc.assert(fc.property(HISTORY, HISTORY, fc.subarray([1, 2, 3, 4, 5]), (before, after, ids) => {
    const todos = ids.map((id) => ({ id, title: "t1", completed: false }));
    const got = { asked_ms: 1000, answered_ms: 1002, todos, more: false };
    const journal = new Journal();
    const tell = (/** @type {typeof before[number]} */ { todo_id, version, at_ms, kind }) =>
      journal.merge(write(todo_id, version, at_ms, kind));
    before.forEach(tell);
    const judged = judge(got, journal.journeys.values());
    // A version that is known already is not written again.
    const known = new Set(before.map(({ todo_id, version }) => `${todo_id}.${version}`));
    after.filter(({ todo_id, version, at_ms }) => at_ms > 1003 && !known.has(`${todo_id}.${version}`)).forEach(tell);
    assert.deepEqual(judge(got, journal.journeys.values()), judged);
  }));
});

test("a todo that was deleted after the read was answered is still lacking", () => {
  const journal = new Journal();
  const got = { asked_ms: 1000, answered_ms: 1010, todos: [], more: false };
  journal.merge([...write(1, 1, 900), ...write(2, 1, 900), ...write(1, 2, 1200, "deleted")]);
  // This one may have been readable in time.
  journal.merge(write(2, 2, 1003, "deleted"));
  assert.deepEqual(judge(got, journal.journeys.values()).lacks, [{ todo_id: 1, kind: "created" }]);
});

test("a todo that a read has shown, and that is gone, was deleted without a trace", () => {
  const journal = new Journal();
  journal.merge([...write(1, 1, 500), ...hopsOf("e1.1", [["seen", 600]]), ...write(2, 1, 500), ...hopsOf("e2.1", [["seen", 1200]])]);
  const { lacks, known } = judge({ asked_ms: 1000, answered_ms: 1010, todos: [], more: false }, journal.journeys.values());
  assert.deepEqual([lacks, known], [[{ todo_id: 2, kind: "created" }], 1]);
});

test("a page of a list is judged within what it gave, and says so", () => {
  const journal = new Journal();
  for (let id = 1; id <= 5; id += 1) journal.merge(write(id, 1, 500));
  const page = (/** @type {number[]} */ ...ids) => {
    const todos = ids.map((id) => ({ id, title: "t1", completed: false }));
    const got = { asked_ms: 1000, answered_ms: 1003, status: 200, todos, more: true, problem: "" };
    const { says, verdict, basis } = saidOf({ got, judgement: judge(got, journal.journeys.values()), wait_s: null });
    return [says, verdict, basis];
  };
  assert.deepEqual(page(1, 2, 3), [
    "200 after 3.00 ms: the first 3 todos; there are more", "not stale within the first 3 todos",
    "(judged by 3 known todos)",
  ]);
  assert.deepEqual(page(1, 3), [
    "200 after 3.00 ms: the first 2 todos; there are more", "stale: lacks #2 created", "(within the first 2 todos)",
  ]);
});

test("a read of which nothing is known is not called fresh", () => {
  const got = { asked_ms: 1000, answered_ms: 1001, status: 200, todos: [], more: false, problem: "" };
  assert.equal(saidOf({ got, judgement: judge(got, []), wait_s: null }).state, "unjudged");
});

test("a page that has lost its connection waits for it before it judges", async () => {
  const journal = { isConnected: false };
  let pauses = 0;
  await settled(journal, async () => { pauses += 1; journal.isConnected = pauses === 3; });
  assert.equal(pauses, 3);
});
