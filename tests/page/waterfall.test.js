/** The waterfall of a journey: a line for each stretch and each answer, with its true times. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf } from "../../web/static/js/panels/inspector/lines.js";
import { hop, journey } from "./support.js";

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
