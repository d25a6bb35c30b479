/** The lanes: how far each journey had got, and how it ended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../web/static/js/clock/live.js";
import { sceneAt } from "../../web/static/js/clock/past.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { hopsOf } from "./support.js";

/** @type {[string, number][]} */
const POISONED = [["received", 0], ["committed", 1], ["picked-up", 2], ["confirmed", 3], ["delivered", 4], ["dead-lettered", 5]];

/**
 * What the lane of the only journey says as time goes by.
 * @param {[string, number][]} hops
 * @param {number[]} looks On the page's clock.
 */
function says(hops, looks) {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal));
  playhead.live.sync(0, 0);
  journal.merge(hopsOf("e1", hops), 0);
  const journey = journal.journeys.get("e1");
  assert.ok(journey);
  playhead.follow(journey, 0);
  return looks.map((now_ms) => {
    for (let at = Math.max(0, now_ms - 2000); at <= now_ms; at += 100) playhead.scene(at);
    const [lane] = factsOf(journal, playhead.scene(now_ms)).lanes;
    return `${lane.words[0]}${lane.total_ms}${lane.words[1]}`;
  });
}

test("the lane of a dead letter says so for good, not only while its mark is shown", () => {
  assert.deepEqual(says(POISONED, [12_000, 60_000]), ["dead-lettered at 5", "dead-lettered at 5"]);
});

test("the lane of a waiting event says how long it has waited so far", () => {
  const [waits] = says(POISONED.slice(0, 2), [12_000]);
  assert.match(waits, / so far$/);
});

test("the lane of a dead letter continues when it is sent again", () => {
  const [again] = says([...POISONED, ["delivered", 9000]], [60_000]);
  assert.match(again, / so far$/);
});

test("the time among the dead letters is told apart from all else", () => {
  const journal = new Journal();
  journal.merge(hopsOf("e1", [...POISONED, ["sent-again", 9005], ["delivered", 9010], ["projected", 9020], ["seen", 9030]]));
  const [lane] = factsOf(journal, sceneAt(journal, 60_000, { factor: 1, limit: 60, now_ms: 1e6, behind_ms: 0 })).lanes;
  assert.deepEqual([lane.total_ms, lane.parked_ms, lane.injected_ms], [9030, 9000, 0]);
  assert.deepEqual(lane.segments.map(({ name }) => name), ["commit", "outbox", "unknown", "queue", "failed", "parked", "queue", "projector", "read"]);
});

test("the lanes of a paused page stay as they are, whatever comes and however often they are drawn", () => {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal));
  playhead.live.sync(0, 0);
  journal.merge(hopsOf("e1", [["received", 0], ["committed", 1]]), 0);
  const first = journal.journeys.get("e1");
  assert.ok(first);
  playhead.follow(first, 0);
  for (let at_ms = 0; at_ms <= 5000; at_ms += 100) playhead.scene(at_ms);
  playhead.pause(5000);
  const lanes = () => factsOf(journal, playhead.scene(9000)).lanes.map(({ journey, total_ms, words }) => [journey.event_id, total_ms, words]);
  const before = lanes();
  assert.equal(before.length, 1);
  journal.merge(hopsOf("e2", [["received", 6000], ["committed", 6001]], { todo_id: 2 }), 6001);
  journal.merge(hopsOf("e1", [["picked-up", 7000], ["dead-lettered", 7001]]), 7001);
  assert.deepEqual(lanes(), before);
});
