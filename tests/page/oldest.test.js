/** What is said of the oldest is true of all, and does not fall while that one is still behind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, property } from "fast-check";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { differs } from "../../web/static/js/facts/compare.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Memory } from "../../web/static/js/facts/truths.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { hopsOf } from "./support.js";
import { course, pictures } from "./world.js";

/**
 * How long each has been behind, by what it is.
 * @param {{for_ms: number|null}[]} behind
 * @param {(each: any) => string} keyOf
 */
const lastingBy = (behind, keyOf) => new Map(behind.map((each) => [keyOf(each), each.for_ms ?? 0]));

test("what is still behind is never said to be so for less time than before", () => {
  holds(property(course, (given) => {
    /** @type {Map<string, number>[]} */
    let before = [new Map(), new Map()];
    let wasLive = false;
    for (const { facts, scene } of pictures(given)) {
      const now = [
        lastingBy(facts.truths.compared.filter(({ state }) => differs(state)), ({ id, right }) => `${id} ${right?.version ?? 0}`),
        lastingBy(facts.behind, ({ journey }) => journey.event_id),
      ];
      const isLive = scene.mode === "live";
      if (isLive && wasLive) {
        now.forEach((all, index) => {
          for (const [key, for_ms] of all) {
            assert.ok(for_ms >= (before[index].get(key) ?? 0), `${key} for ${for_ms} at ${scene.now_ms}`);
          }
        });
      }
      [before, wasLive] = [now, isLive];
    }
  }), { numRuns: 50 });
});

test("in a burst, the oldest of all is named, although only some rows are shown and some marks drawn", () => {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal, { limit: 5 }));
  const memory = new Memory();
  journal.setConnected(true);
  playhead.live.sync(0, 0);
  /** The relay is paused: nothing gets further than the outbox. */
  const todos = Array.from({ length: 40 }, (_, index) => ({ id: index + 1, title: "a", completed: false, version: 1 }));
  for (const { id } of todos) {
    const at_ms = id * 10;
    const changed = journal.merge(hopsOf(`e${id}`, [["received", at_ms], ["committed", at_ms + 1], ["acknowledged", at_ms + 2]], { todo_id: id }), at_ms + 50);
    for (const event_id of changed) {
      const journey = journal.journeys.get(event_id);
      if (journey) playhead.follow(journey, at_ms + 50);
    }
  }
  // Web lists the ten newest, and of the older ones that differ those that have done so longest.
  const side = { asked_ms: 900, at_ms: 900, error: null };
  journal.setTruths({
    at_ms: 900, after: 30, mongodb: { ...side, todos: [] }, postgresql: { ...side, todos: todos.slice(30) },
    since: {}, proof: null,
    older: {
      todos: todos.slice(0, 4).map((row) => ({ id: row.id, asked_ms: 900, at_ms: 900, since_ms: row.id * 10 + 2, postgresql: row, mongodb: null })),
      differing: 30, oldest_ms: 12, compared: 30, since_ms: 0,
    },
  });
  let last_ms = 0;
  for (let now_ms = 1000; now_ms < 20_000; now_ms += 100) {
    const { truths } = factsOf(journal, playhead.scene(now_ms), memory);
    assert.match(truths.verdict.words, /^40 todos behind, the oldest for /);
    const oldest_ms = Math.max(...truths.compared.map(({ for_ms }) => for_ms ?? 0));
    assert.ok(oldest_ms >= last_ms, `${oldest_ms} after ${last_ms}`);
    last_ms = oldest_ms;
  }
  assert.equal(last_ms, 19_900 - 12);
});

test("an event that went by undrawn is counted once, even if late news follows", () => {
  const journal = new Journal();
  const { live } = new Playhead(journal, new Live(journal, { limit: 1 }));
  live.sync(0, 0);
  const hear = (/** @type {string} */ event_id, /** @type {[string, number][]} */ hops, todo_id = 1) => {
    for (const changed of journal.merge(hopsOf(event_id, hops, { todo_id }), 1000)) {
      const journey = journal.journeys.get(changed);
      if (journey) live.follow(journey, 1000);
    }
  };
  hear("drawn", [["received", 10]]);
  hear("undrawn", [["received", 20], ["seen", 60]], 2);
  live.advance(1000);
  hear("undrawn", [["projected", 50], ["delivered", 40], ["seen", 61]], 2);
  live.advance(1100);
  assert.equal(live.scene(1100).wentBy, 1);
});
