/** The journey whose figures the stage shows: the newest or the chosen one, and one at a time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Followed } from "../../web/static/js/clock/followed.js";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Memory } from "../../web/static/js/facts/truths.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { WAY, hopsOf } from "./support.js";

/** A live page, and which journey it follows as time goes by. */
function page() {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal));
  const followed = new Followed();
  playhead.live.sync(0, 0);
  /**
   * @param {number} now_ms
   * @param {string} event_id
   * @param {[string, number][]} hops
   */
  const tell = (now_ms, event_id, hops) => {
    journal.merge(hopsOf(event_id, hops, { todo_id: Number(event_id.slice(1)) }), now_ms);
    const journey = journal.journeys.get(event_id);
    assert.ok(journey);
    playhead.follow(journey, now_ms);
  };
  /** @param {number} now_ms */
  const at = (now_ms) => factsOf(journal, playhead.scene(now_ms), new Memory(), followed).followed?.event_id ?? null;
  return { playhead, followed, tell, at };
}

/** A whole way that begins at a moment, a hop every ms. @param {number} from_ms @param {number} [count] */
const way = (from_ms, count = WAY.length) =>
  /** @type {[string, number][]} */ (WAY.slice(0, count).map((name, index) => [name, from_ms + index]));

test("a page without journeys follows none", () => {
  assert.equal(page().at(0), null);
});

test("in a burst the stage stays with one journey until its mark is gone, and then goes to the newest", () => {
  const { tell, at } = page();
  /** @type {(string|null)[]} */
  const seen = [];
  for (let now = 0; now < 20_000; now += 50) {
    if (now % 200 === 0 && now < 8000) tell(now, `e${now / 200}`, way(now));
    const id = at(now);
    if (now > 0 && id !== seen.at(-1)) seen.push(id);
  }
  assert.equal(seen[0], "e0");
  assert.equal(seen.at(-1), "e39");
  assert.ok(seen.length > 2 && seen.length < 6, seen.join(" "));
});

test("a chosen journey is followed until it is let go", () => {
  const { followed, tell, at } = page();
  tell(0, "e1", way(0));
  tell(10, "e2", way(10, 2));
  at(1000);
  followed.choose("e2");
  assert.equal(at(1050), "e2");
  followed.choose("e1");
  assert.deepEqual([at(1100), at(30_000)], ["e1", "e1"]);
  followed.choose(null);
  assert.equal(at(30_050), "e2");
});

test("choosing says that something else is to be seen, once", () => {
  const followed = new Followed();
  let told = 0;
  followed.addEventListener("change", () => { told += 1; });
  followed.choose("e1");
  followed.choose("e1");
  followed.choose(null);
  assert.equal(told, 2);
});

test("a journey that newer ones have passed while it waits is no longer followed", () => {
  const { tell, at } = page();
  tell(0, "e1", way(0, 2));
  at(500);
  assert.equal(at(3000), "e1");
  tell(3000, "e2", way(3000, 2));
  assert.equal(at(3500), "e1", "none has passed it");
  tell(3500, "e2", way(3000));
  for (let now = 3550; now < 20_000; now += 50) assert.equal(at(now), "e2");
});

test("in the past the newest that had begun is followed, and a step back gives the same", () => {
  const { playhead, tell, at } = page();
  tell(0, "e1", way(1));
  tell(0, "e2", way(100));
  playhead.seek(0.5, 60_000);
  const looks = [50, 99, 100, 104, 200, 104, 99].map((moment) => {
    playhead.seek(moment, 60_000);
    return at(60_000);
  });
  assert.deepEqual(looks, ["e1", "e1", "e2", "e2", "e2", "e2", "e1"]);
});

test("after a pause the journey that was followed stays so for as long as it is under way", () => {
  const { playhead, tell, at } = page();
  tell(0, "e1", way(0));
  at(1000);
  tell(1000, "e2", way(3));
  assert.equal(at(1050), "e1");
  playhead.pause(1050);
  playhead.seek(5, 1100);
  assert.equal(at(1100), "e1");
  playhead.seek(50, 1100);
  assert.equal(at(1100), "e2");
  playhead.seek(5, 1100);
  assert.equal(at(1100), "e1");
});
