/** The playhead: pause, step, scrub and back to live, with every moment taken from the journal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../web/static/js/clock/live.js";
import { todosAt } from "../../web/static/js/clock/list.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { close, hopsOf } from "./support.js";

/** A journal, and a playhead that is live at 100,000 ms. */
function moments() {
  const journal = new Journal();
  const live = new Live(journal);
  const playhead = new Playhead(journal, live);
  live.sync(100_000, 0);
  /**
   * @param {string} event_id
   * @param {number} todo_id
   * @param {[string, number][]} hops
   * @param {number} [version]
   * @param {string} [kind]
   */
  const tell = (event_id, todo_id, hops, version = 1, kind = "created") => journal.merge(hopsOf(event_id, hops, {
    type: `todo.${kind}.v1`, todo_id, version, title: `Todo ${todo_id}`, completed: kind === "completed",
  }));
  /** @param {string} event_id */
  const journey = (event_id) => {
    const known = journal.journeys.get(event_id);
    assert.ok(known);
    return known;
  };
  return { journal, live, playhead, tell, journey };
}

test("a moment depends only on the journal, not on the order of the news", () => {
  const { playhead, tell } = moments();
  tell("b", 2, [["received", 50_030], ["committed", 50_034]]);
  tell("a", 1, [["received", 50_000], ["committed", 50_004], ["picked-up", 50_040]]);
  playhead.seek(50_032, 0);
  const { shown } = playhead.scene(0);
  assert.deepEqual([shown.get("a")?.hop, shown.get("a")?.from], ["committed", "outbox"]);
  assert.deepEqual([shown.get("b")?.hop, shown.get("b")?.from], ["received", "command-service"]);
  close(shown.get("b")?.progress, 0.5);
});

test("steps follow true order over all journeys", () => {
  const { playhead, tell } = moments();
  tell("a", 1, [["received", 50_000], ["committed", 50_004], ["picked-up", 50_040]]);
  tell("b", 2, [["received", 50_002], ["committed", 50_005]]);
  playhead.seek(50_001, 0);
  const steps = (/** @type {(1|-1)[]} */ ...ways) => ways.map((by) => playhead.step(by, 0)?.at_ms ?? null);
  assert.deepEqual(steps(1, 1, 1, 1, 1), [50_002, 50_004, 50_005, 50_040, null]);
  assert.deepEqual(steps(-1, -1, -1), [50_005, 50_004, 50_002]);
});

test("only a wait in which nothing happens is cut", () => {
  const { playhead, tell } = moments();
  tell("a", 1, [["received", 50_000], ["committed", 50_004], ["picked-up", 60_004]]);
  playhead.setFactor(100, 0);
  playhead.seek(50_000, 0);
  playhead.play(0);
  const got = [200, 400, 1400, 2400].map((now) => playhead.scene(now).at_ms);
  [50_002, 50_004, 55_004, 60_004].forEach((at_ms, index) => close(got[index], at_ms));
});

test("the list of a moment is what reads had shown by then", () => {
  const { journal, tell } = moments();
  tell("a", 1, [["received", 50_000], ["seen", 50_100]]);
  tell("b", 1, [["received", 50_200], ["seen", 50_300]], 2, "completed");
  tell("c", 1, [["received", 50_400], ["seen", 50_500]], 3, "deleted");
  const got = [50_099, 50_100, 50_299, 50_300, 50_499, 50_500].map((at_ms) => todosAt(journal, at_ms).map(({ completed }) => completed));
  assert.deepEqual(got, [[], [false], [false], [true], [true], []]);
});

test("anything missed is not played on the way back to live", () => {
  const { playhead, tell, journey } = moments();
  playhead.pause(0);
  for (let id = 1; id <= 100; id += 1) {
    tell(`e${id}`, id, [["received", 50_000 + id], ["seen", 50_900 + id]]);
    playhead.follow(journey(`e${id}`), 0);
  }
  tell("late", 101, [["received", 99_000], ["committed", 99_001]]);
  playhead.goLive(10);
  assert.deepEqual([...playhead.scene(10).shown].map(([id, { to }]) => [id, to]), [["late", "outbox"]]);
});

test("an event delivered again is shown again from where it stood", () => {
  const { live, tell, journey } = moments();
  tell("a", 1, [["received", 1], ["picked-up", 5], ["delivered", 7], ["projected", 9], ["seen", 90]]);
  live.leave(journey("a"));
  tell("a", 1, [["delivered", 200], ["already-applied", 210]]);
  live.follow(journey("a"), 100);
  /** @type {string[]} */
  const hops = [];
  for (let now = 100; now < 9000; now += 50) {
    live.advance(now);
    const hop = live.shown("a", now)?.hop;
    if (hop && hop !== hops.at(-1)) hops.push(hop);
  }
  assert.deepEqual(hops, ["seen", "delivered", "already-applied"]);
});

test("older journeys are added before those that the journal already has", () => {
  const { journal, playhead, tell } = moments();
  tell("c", 3, [["received", 70_000]]);
  const told = (/** @type {string} */ event_id, /** @type {number} */ at_ms) => ({
    event_id, trace_id: null, todo_id: 1, version: 1, type: "todo.created.v1", title: "a", completed: false,
    hops: hopsOf(event_id, [["received", at_ms]]),
  });
  journal.mergeOlder([told("a", 50_000), told("b", 60_000), told("c", 70_000)]);
  playhead.pause(0);
  const steps = [-1, -1, -1, -1].map(() => playhead.step(-1, 0)?.event_id ?? null);
  assert.deepEqual([...journal.journeys.keys()], ["a", "b", "c"]);
  assert.deepEqual(steps, ["c", "b", "a", null]);
});

test("real time has no floor and no cap", () => {
  const { live, tell, journey } = moments();
  live.setFactor(1);
  tell("a", 1, [["received", 50_000], ["committed", 50_040]]);
  live.follow(journey("a"), 0);
  live.advance(0);
  live.advance(20);
  close(live.shown("a", 20)?.progress, 0.5);
});

test("a time in which nothing happens is cut on the true axis, even in real time", () => {
  const { playhead } = moments();
  playhead.setFactor(1, 0);
  assert.deepEqual(playhead.limits, { stretch: 1, floor_ms: 0, cap_ms: Infinity, late_ms: 1000 });
  playhead.pause(0);
  assert.deepEqual(playhead.limits, { floor_ms: 0, cap_ms: 2000, late_ms: Infinity });
});

test("a moment outside the kept time becomes the nearest kept moment", () => {
  const { playhead, tell } = moments();
  tell("a", 1, [["received", 50_000], ["committed", 50_004]]);
  playhead.seek(0, 0);
  assert.equal(playhead.moment(0), 50_000);
  playhead.seek(999_999, 0);
  assert.equal(playhead.moment(0), 100_000);
  assert.deepEqual(playhead.bounds(0), { from_ms: 50_000, to_ms: 100_000, journeys: 1 });
});

test("no more than the last ten minutes are kept", () => {
  const { live, playhead, tell } = moments();
  tell("a", 1, [["received", 50_000]]);
  live.sync(2_000_000, 0);
  assert.deepEqual(playhead.bounds(0), { from_ms: 1_400_000, to_ms: 2_000_000, journeys: 1 });
});

test("a paused page falls behind live, and follows no journeys", () => {
  const { live, playhead, tell, journey } = moments();
  assert.equal(playhead.behind(500), 0);
  playhead.pause(0);
  tell("a", 1, [["received", 100_100]]);
  playhead.follow(journey("a"), 200);
  assert.equal(live.plays.size, 0);
  assert.equal(playhead.behind(500), 500);
  playhead.pause(700);
  assert.equal(playhead.behind(700), 700, "a second pause changes nothing");
});

test("playing on reaches live by itself", () => {
  const { playhead, tell } = moments();
  tell("a", 1, [["received", 99_990], ["committed", 99_995]]);
  playhead.seek(99_990, 0);
  playhead.setFactor(1, 0);
  playhead.play(0);
  assert.deepEqual([playhead.isLive(), playhead.isPaused()], [false, false]);
  for (let now = 0; now <= 60_000 && !playhead.isLive(); now += 100) playhead.scene(now);
  assert.ok(playhead.isLive());
});

test("an opened run ends paused, at its end", () => {
  const { playhead, tell } = moments();
  tell("a", 1, [["received", 10], ["committed", 20]]);
  playhead.open(10, 20);
  assert.deepEqual([playhead.moment(0), playhead.isPaused()], [10, true]);
  playhead.play(0);
  for (let now = 0; now <= 60_000 && !playhead.isPaused(); now += 100) playhead.scene(now);
  assert.deepEqual([playhead.moment(0), playhead.isPaused(), playhead.isLive()], [20, true, false]);
  playhead.seek(12, 0);
  playhead.goLive(0);
  assert.deepEqual([playhead.moment(0), playhead.isLive()], [20, false]);
});
