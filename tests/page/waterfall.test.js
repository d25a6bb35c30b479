/** The waterfall of a journey: a line for each stretch and each answer, with its true times. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { sceneAt } from "../../web/static/js/clock/past.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { cameInAt } from "../../web/static/js/journal/path.js";
import { duration } from "../../web/static/js/page/format.js";
import { linesOf, summaryOf } from "../../web/static/js/panels/inspector/lines.js";
import { hop, hopsOf, journey } from "./support.js";

test("the waterfall's times are those of the hops", () => {
  const hops = [
    hop("received", 0), hop("committed", 5), hop("acknowledged", 6), hop("picked-up", 9), hop("delivered", 12),
    hop("confirmed", 13, { start_ms: 10 }), hop("retried", 20, { attempt: 1 }), hop("projected", 30),
    hop("acked", 31, { start_ms: 30 }), hop("seen", 90),
  ];
  const got = linesOf(journey(1, {}, { hops })).map(({ name, from_ms, to_ms, note }) => [name, from_ms, to_ms, note]);
  assert.deepEqual(got, [
    ["to commit", 0, 5, ""],
    ["answer: acknowledged", 0, 6, ""],
    ["in the outbox", 5, 9, ""],
    ["in the relay", 9, 10, ""],
    ["in the queue", 10, 12, ""],
    ["answer: confirmed", 10, 13, ""],
    ["failed", 12, 20, "attempt 1 failed"],
    ["in the projector", 20, 30, ""],
    ["answer: acked", 30, 31, ""],
    ["until a read", 30, 90, ""],
  ]);
});

test("a missing hop makes a stretch of the waterfall unknown", () => {
  const told = journey(1, { received: 0, committed: 5, picked_up: 9, delivered: 12, projected: 30 });
  const got = linesOf(told).map(({ name, from_ms, to_ms }) => [name, to_ms && to_ms - (from_ms ?? 0)]);
  assert.deepEqual(got, [
    ["to commit", 5],
    ["in the outbox", 4],
    ["not known where", 3],
    ["in the relay", null],
    ["in the queue", null],
    ["in the projector", 18],
  ]);
});

test("lane, waterfall and summary give the same time for the same thing, from the moment the command came in", () => {
  const step = fc.integer({ min: 1, max: 400 });
  const steps = fc.record({ zero: step, commit: step, send: step, deliver: step, project: step, see: step, answer: step });
  fc.assert(fc.property(steps, ({ zero, commit, send, deliver, project, see, answer }) => {
    let at_ms = zero;
    const after = (/** @type {number} */ ms) => (at_ms += ms);
    const journal = new Journal();
    journal.merge(hopsOf("e1", [
      ["received", zero], ["acknowledged", zero + commit + answer], ["committed", after(commit)], ["picked-up", after(send)],
      ["delivered", after(deliver)], ["projected", after(project)], ["seen", after(see)],
    ]));
    const told = journal.journeys.get("e1");
    assert.ok(told);
    assert.equal(cameInAt(told), zero);
    const look = { factor: 1, limit: 60, now_ms: 1e6, behind_ms: 0 };
    const [lane] = factsOf(journal, sceneAt(journal, 1e6, look)).lanes;
    const seen = linesOf(told).find(({ span }) => span === "read");
    assert.equal(lane.total_ms, (seen?.to_ms ?? NaN) - zero);
    assert.equal(lane.words[0], "first seen at ");
    const summary = summaryOf(told);
    assert.ok(summary.includes(`first seen by a read at ${duration(lane.total_ms)}`), summary);
    assert.ok(!summary.includes("−"), summary);
    assert.ok(linesOf(told).every(({ from_ms }) => from_ms >= zero));
  }));
});

test("a summary that has MongoDB before the answer says why that can be", () => {
  const early = journey(1, { received: 0, committed: 5, projected: 8.4, acknowledged: 12.1, seen: 241 });
  assert.equal(
    summaryOf(early), "in MongoDB at 8.40 ms · answered at 12.1 ms, for which the relay does not wait · first seen by a read at 241 ms",
  );
  const late = journey(1, { received: 0, committed: 5, acknowledged: 12.1, projected: 20, seen: 241 });
  assert.match(summaryOf(late), /^answered at 12\.1 ms · in MongoDB at 20\.0 ms · .* · not readable for 7\.90 ms after the answer$/);
});
