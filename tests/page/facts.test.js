/** The facts of a scene are judged once, however many views ask. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Memory } from "../../web/static/js/facts/truths.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { hopsOf } from "./support.js";

/** A page at 1,000 ms, on which one event waits in the outbox. */
function waiting() {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal));
  playhead.live.sync(1000, 0);
  journal.setConnected(true);
  journal.merge(hopsOf("a", [["received", 100], ["committed", 110], ["acknowledged", 120]]), 1000);
  const journey = journal.journeys.get("a");
  assert.ok(journey);
  playhead.live.join(journey, 0);
  return { journal, playhead, journey };
}

/**
 * The answers of both stores: PostgreSQL has the todo, and MongoDB has nothing.
 * @param {number} at_ms
 */
const missingAt = (at_ms) => ({
  at_ms,
  postgresql: { asked_ms: at_ms, at_ms, error: null, todos: [{ id: 1, title: "a", completed: false, version: 1 }] },
  mongodb: { asked_ms: at_ms, at_ms, error: null, todos: [] },
});

test("a fact of a scene is judged only if a view asks, and only once", () => {
  const { journal, playhead } = waiting();
  let reads = 0;
  const counted = new Proxy(journal, {
    get(target, name) {
      if (name === "journeys") reads += 1;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const facts = factsOf(counted, playhead.scene(1000));
  assert.equal(reads, 0);
  const [first, second] = [facts.behind, facts.behind];
  assert.equal(first.length, 1);
  assert.equal(first, second);
  assert.equal(reads, 1);
});

test("a paused scene is judged by what was known when it was paused", () => {
  const { journal, playhead } = waiting();
  const memory = new Memory();
  journal.setTruths(missingAt(1500));
  const states = () => factsOf(journal, playhead.scene(1000), memory).truths.compared.map(({ state }) => state);
  assert.deepEqual(states(), ["missing"]);
  assert.equal(memory.differs, true);
  playhead.pause(1000);
  journal.setTruths({ ...missingAt(1900), mongodb: missingAt(1900).postgresql });
  assert.deepEqual(states(), ["missing"]);
  playhead.goLive(1000);
  assert.deepEqual(states(), ["equal"]);
});

test("a store that the lab has frozen is not judged by what it held, and is again once it answers", () => {
  const { journal, playhead } = waiting();
  journal.setTruths({ ...missingAt(1900), mongodb: missingAt(1900).postgresql });
  const states = () => factsOf(journal, playhead.scene(1000)).truths.compared.map(({ state }) => state);
  assert.deepEqual(states(), ["equal"]);
  const freeze = { id: "f1", fault: "freeze", place: "mongodb", process: "stack", began_ms: 900 };
  journal.mergeFirings([freeze]);
  assert.deepEqual(states(), ["unknown"]);
  assert.match(factsOf(journal, playhead.scene(1000)).verdict.words, /^unknown: MongoDB is frozen/);
  journal.mergeFirings([{ ...freeze, over_ms: 950, ended: "told" }]);
  assert.deepEqual(states(), ["equal"]);
});

test("a page that has lost web says so, but a paused scene stays as it was", () => {
  const { journal, playhead } = waiting();
  const verdict = () => factsOf(journal, playhead.scene(1000)).verdict.state;
  journal.setTruths(missingAt(1500));
  assert.equal(verdict(), "behind");
  journal.setConnected(false);
  assert.equal(verdict(), "offline");
  assert.equal(factsOf(journal, playhead.scene(1000)).truths.verdict.words, "unknown: not connected to web");
  playhead.pause(1000);
  assert.equal(factsOf(journal, playhead.scene(1000)).truths.verdict.state, "behind");
});
