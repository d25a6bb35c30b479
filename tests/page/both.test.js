/** Two runs of the same commands, side by side. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bothLanes } from "../../web/static/js/facts/both.js";
import { planSays, reasonsIn, settingSays, settingsIn } from "../../web/static/js/panels/rerun/words.js";

/**
 * @param {string} event_id
 * @param {[string, number][]} hops
 * @param {string} [kind]
 */
function journey(event_id, hops, kind = "created") {
  return /** @type {any} */ ({
    event_id, trace_id: event_id, type: `todo.${kind}.v1`, todo_id: 1, version: 1, title: "Milk", completed: false,
    hops: hops.map(([hop, at_ms]) => ({ event_id, hop, at_ms, process: "", span_id: hop })),
  });
}

const SLOW = /** @type {any} */ ({ id: "f", fault: "slow", place: "projector", began_ms: 1030, over_ms: 1230, event_id: "w1" });

/** @param {Partial<import("../../web/static/js/facts/both.js").Pair>} [pair] */
function both(pair = {}) {
  return {
    pairs: [{
      number: 1, method: "POST", was: ["w1"], now: ["n1"], was_ms: 0, now_ms: 0, todo_was: 1, todo_now: 9, status: 201, why: "", ...pair,
    }],
    more_pairs: 0,
    was: {
      journeys: [journey("w1", [["received", 1000], ["committed", 1010], ["picked-up", 1015], ["confirmed", 1020], ["delivered", 1030], ["projected", 1240], ["seen", 1250]])],
      firings: [SLOW],
    },
    now: { journeys: [journey("n1", [["received", 9000], ["committed", 9010], ["projected", 9040], ["seen", 9050]])], firings: [] },
  };
}

test("both tracks of a command begin at the same moment, however far apart the runs are", () => {
  const { lanes: [lane], scale_ms } = bothLanes(both(), true);
  assert.deepEqual([lane.was?.from_ms, lane.now?.from_ms, lane.was?.total_ms, lane.now?.total_ms], [0, 0, 250, 50]);
  assert.equal(scale_ms, 250);
  assert.deepEqual([lane.todos, lane.kind, lane.why], ["#1 → #9", "created", ""]);
});

test("what the lab injected is on the track of its own run only", () => {
  const { lanes: [lane] } = bothLanes(both(), true);
  assert.deepEqual([lane.was?.injected_ms, lane.now?.injected_ms], [200, 0]);
  const [piece] = lane.was?.segments.find(({ name }) => name === "projector")?.injected ?? [];
  assert.deepEqual([piece.from_ms, piece.to_ms], [30, 230]);
});

test("a command stands where it was sent after the first, or all begin at zero", () => {
  const later = both({ was_ms: 700, now_ms: 705 });
  assert.deepEqual(bothLanes(later, true).lanes.map(({ was, now }) => [was?.from_ms, now?.from_ms]), [[700, 705]]);
  assert.equal(bothLanes(later, true).scale_ms, 950);
  assert.deepEqual(bothLanes(later, false).lanes.map(({ was, now }) => [was?.from_ms, now?.from_ms]), [[0, 0]]);
});

test("what was not written again says why", () => {
  const gone = both({ now: [], now_ms: null, todo_now: null, status: null, why: "Its todo was not created." });
  const [lane] = bothLanes(gone, true).lanes;
  assert.deepEqual([lane.now, lane.why, lane.todos], [null, "Its todo was not created.", "#1"]);
  assert.equal(bothLanes(both({ now: [] }), true).lanes[0].why, "It wrote nothing this time.");
});

test("each event of a command has a lane", () => {
  const two = both({ was: ["w1", "w2"], now: ["n1"] });
  two.was.journeys.push(journey("w2", [["received", 1000], ["committed", 1010], ["projected", 1300]], "completed"));
  const { lanes } = bothLanes(two, true);
  assert.deepEqual(lanes.map(({ key, kind, was, now }) => [key, kind, was?.total_ms, now?.total_ms]), [
    ["1 0", "created", 250, 50], ["1 1", "completed", 300, undefined],
  ]);
});

test("switches are read as they are typed", () => {
  const { settings, problem } = settingsIn("relay/slow delay_ms=100\n\n projector/crash at=after-write for_s=5\n");
  assert.equal(problem, "");
  assert.deepEqual(settings, [
    { place: "relay", switch: "slow", with: { delay_ms: 100 } },
    { place: "projector", switch: "crash", with: { at: "after-write", for_s: 5 } },
  ]);
  assert.equal(settingSays(settings[1]), "projector/crash at=after-write for_s=5");
  assert.equal(settingsIn("relay").problem, '"relay" is no place/switch.');
  assert.equal(settingsIn("relay/slow 100").problem, '"100" is no name=value.');
});

test("what would be played is said, and what cannot be", () => {
  const plan = { commands: 4, before: 1, takes_ms: 2100, left: 0, left_out: [], on_then: [] };
  assert.equal(planSays(plan), "4 commands, over 2.10 s. 1 command before, for what was there already.");
  assert.equal(planSays({ ...plan, commands: 0 }), "There is no command to play again.");
  const left = [1, 2, 3, 4].map((version) => ({ todo: 7, version, why: "It is not in the record." }));
  assert.deepEqual(reasonsIn(left), ["It is not in the record. (#7 version 1, #7 version 2, #7 version 3 and 1 more)"]);
});
