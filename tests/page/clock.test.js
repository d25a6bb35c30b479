/** Live: how the page maps what happened to what it shows, and when. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../web/static/js/clock/live.js";
import { sceneAt } from "../../web/static/js/clock/past.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { close, hop, hopsOf } from "./support.js";

const [STRETCH, FLOOR_MS, CAP_MS] = [300, 450, 2000];

/** @typedef {[string, number][]} Hops */

/**
 * What the page shows of a journey at each look.
 * @param {[number, Hops][]} told When the page hears of which hops, in ms.
 * @param {number[]} looks
 */
function play(told, looks) {
  const journal = new Journal();
  const live = new Live(journal);
  live.sync(0, 0);
  const seen = new Map();
  for (const now of [...told.map(([at]) => at), ...looks].toSorted((a, b) => a - b)) {
    for (const [, hops] of told.filter(([at]) => at === now)) {
      journal.merge(hopsOf("e1", hops));
      live.follow(known(journal, "e1"), now);
    }
    live.advance(now);
    seen.set(now, live.shown("e1", now));
  }
  return looks.map((now) => seen.get(now));
}

/**
 * @param {Journal} journal
 * @param {string} event_id
 */
function known(journal, event_id) {
  const journey = journal.journeys.get(event_id);
  assert.ok(journey);
  return journey;
}

test("a hop is shown for its true duration multiplied by the stretch", () => {
  const [middle, end] = play([[0, [["received", 0], ["committed", 3]]]], [FLOOR_MS + 1.5 * STRETCH, FLOOR_MS + 3 * STRETCH]);
  assert.deepEqual([middle.from, middle.to, middle.moving], ["command-service", "outbox", true]);
  close(middle.progress, 0.5);
  close(middle.at_ms, 1.5);
  assert.deepEqual([end.hop, end.paces.get("commit")], ["committed", "to-scale"]);
});

test("a very short hop is shown for long enough to see, and says so", () => {
  const [before, after] = play([[0, [["received", 0], ["committed", 0.01]]]], [2 * FLOOR_MS - 1, 2 * FLOOR_MS]);
  assert.deepEqual([before.moving, before.paces.get("commit")], [true, "slower"]);
  assert.equal(after.hop, "committed");
});

test("a long wait is cut short, and says so", () => {
  const waits = 2 * FLOOR_MS;
  const told = /** @type {[number, Hops][]} */ ([[0, [["received", 0], ["committed", 0.1], ["picked-up", 30_000]]]]);
  const [waiting, moved] = play(told, [waits + 1000, waits + CAP_MS]);
  assert.deepEqual([waiting.from, waiting.progress, waiting.paces.get("outbox")], ["outbox", 0, "faster"]);
  assert.equal(moved.hop, "picked-up");
});

test("a mark waits where its event waits and counts true time", () => {
  const [shown] = play([[0, [["received", 0], ["committed", 1]]]], [20_000]);
  assert.deepEqual([shown.to, shown.moving, shown.atEdge], ["outbox", false, true]);
  assert.equal(shown.at_ms, 20_000);
});

test("a mark that has been shown waiting moves at once when it goes on", () => {
  const [atOnce, there] = play([[0, [["received", 0], ["committed", 1]]], [9000, [["picked-up", 8900]]]], [9001, 9501]);
  assert.deepEqual([atOnce.moving, atOnce.to], [true, "relay"]);
  assert.equal(there.hop, "picked-up");
});

test("a hop that arrives late does not move the mark back", () => {
  const [before, after] = play([[0, [["received", 0], ["picked-up", 5]]], [6000, [["committed", 2]]]], [5999, 6500]);
  assert.deepEqual([before.hop, after.hop], ["picked-up", "picked-up"]);
});

test("a page that returns from the background catches up in one step", () => {
  /** @type {Hops} */
  const way = [["received", 0], ["committed", 2], ["picked-up", 4], ["confirmed", 6], ["delivered", 7], ["projected", 9], ["seen", 90]];
  const [gone, back] = play([[0, way]], [1, 600_000]);
  assert.ok(gone.moving);
  assert.equal(back, null, "the journey has been shown to its end");
});

test("marks beyond the limit are counted, and are drawn when there is room", () => {
  const journal = new Journal();
  const live = new Live(journal, { limit: 2 });
  live.sync(0, 0);
  for (const [todo_id, id] of ["a", "b", "c"].entries()) {
    journal.merge(hopsOf(id, [["received", 0], ["committed", 1]], { todo_id }));
    live.follow(known(journal, id), 0);
  }
  assert.deepEqual([live.plays.size, live.undrawn.size], [2, 1]);
  journal.merge(hopsOf("a", [["seen", 3]]));
  live.follow(known(journal, "a"), 1);
  for (let now = 0; now < 9000; now += 50) live.advance(now);
  assert.deepEqual([...live.plays.keys()], ["b", "c"]);
  assert.equal(live.undrawn.size, 0);
});

test("a page that joins shows a mark where it is now", () => {
  const journal = new Journal();
  const live = new Live(journal);
  live.sync(5000, 100);
  journal.merge(hopsOf("a", [["received", 0], ["committed", 1]]));
  live.join(known(journal, "a"), 100);
  live.advance(1000);
  const shown = live.shown("a", 1000);
  assert.deepEqual([shown?.to, shown?.moving, shown?.at_ms], ["outbox", false, 5900]);
});

/** A journal with one event that was sent at 10 ms, confirmed at 500 and delivered at 1,000. */
function slowlyConfirmed() {
  const journal = new Journal();
  const hops = hopsOf("a", [["received", 0], ["committed", 2], ["picked-up", 4], ["confirmed", 500], ["delivered", 1000]]);
  journal.merge(hops.map((each) => (each.hop === "confirmed" ? { ...each, start_ms: 10 } : each)));
  return journal;
}

test("in the past, an event is in the queue from when it was sent, and confirmed from when the broker confirmed it", () => {
  const journal = slowlyConfirmed();
  const got = [7, 10, 499, 500].map((at_ms) => {
    const shown = sceneAt(journal, at_ms, { factor: 1000, limit: 9, now_ms: 0, behind_ms: 0 }).shown.get("a");
    return [shown?.from, shown?.confirmed];
  });
  assert.deepEqual(got, [["relay", false], ["queue", false], ["queue", false], ["queue", true]]);
});

test("live, a mark is in the queue from when its event was sent, and unconfirmed until the broker confirmed it", () => {
  const journal = slowlyConfirmed();
  const live = new Live(journal);
  live.sync(0, 0);
  live.follow(known(journal, "a"), 0);
  /** @type {string[]} */
  const stood = [];
  for (let now = 0; now < 20_000; now += 20) {
    live.advance(now);
    const shown = live.shown("a", now);
    assert.ok(shown);
    const seen = `${shown.from} ${shown.confirmed}`;
    if ((!shown.moving || shown.progress === 0) && stood.at(-1) !== seen) stood.push(seen);
  }
  assert.deepEqual(stood.slice(-4), ["relay false", "queue false", "queue true", "projector true"]);
});

test("a seen that is corrected after it has been shown is not shown again", () => {
  const journal = new Journal();
  const live = new Live(journal);
  live.sync(0, 0);
  const told = [["projected", 10, "p"], ["seen", 30, undefined]];
  journal.merge(told.map(([name, at_ms, span_id]) => hop(String(name), Number(at_ms), { span_id })), 1);
  live.follow(known(journal, "e1"), 0);
  for (let now = 0; now < 3500 && !live.shown("e1", now)?.over; now += 50) live.advance(now);
  journal.merge([hop("seen", 20, { span_id: undefined })], 2);
  live.follow(known(journal, "e1"), 3500);
  for (let now = 3500; now < 6000; now += 50) {
    live.advance(now);
    assert.ok(!live.shown("e1", now)?.moving);
  }
  assert.equal(live.shown("e1", 6000), null);
});
