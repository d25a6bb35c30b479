/** The figures on the arrows: those of one journey, up to the moment shown, and never older. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Followed } from "../../web/static/js/clock/followed.js";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Memory } from "../../web/static/js/facts/truths.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { spansOf } from "../../web/static/js/journal/path.js";
import { WAY, close, hopsOf } from "./support.js";

/** @typedef {[string, number][]} Hops */

const LIVE_MS = 100_000;
/** @type {Hops} */
const ONE = [
  ["received", 0], ["committed", 5], ["acknowledged", 6], ["picked-up", 9.54], ["confirmed", 12], ["delivered", 15],
  ["projected", 18], ["seen", 90],
];

/** A page, which is told of journeys, and the facts of a scene of it. */
function page() {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal));
  const followed = new Followed();
  playhead.live.sync(LIVE_MS, 0);
  const tell = (/** @type {string} */ event_id, /** @type {Hops} */ hops) => {
    journal.merge(hopsOf(event_id, hops).map((hop) => (
      // A confirm says when the event was sent.
      hop.hop === "confirmed" ? { ...hop, start_ms: hop.at_ms - 1 } : hop
    )));
  };
  const follow = (/** @type {string} */ event_id, now_ms = 0) => {
    const journey = journal.journeys.get(event_id);
    assert.ok(journey);
    playhead.follow(journey, now_ms);
  };
  const facts = (now_ms = 0) => factsOf(journal, playhead.scene(now_ms), new Memory(), followed);
  return { journal, playhead, followed, tell, follow, facts };
}

/**
 * The figures at a moment in the past, as "outbox 4.54" or "outbox 4.54 so far".
 * @param {Hops} hops
 * @param {number} at_ms
 */
function figures(hops, at_ms) {
  const { playhead, tell, facts } = page();
  tell("e1", hops);
  playhead.pause(0);
  playhead.seek(at_ms, 0);
  return [...facts().took].map(([span, { true_ms, isSoFar }]) =>
    `${span} ${true_ms === null ? "–" : Number(true_ms.toFixed(3))}${isSoFar ? " so far" : ""}`);
}

test("a stretch that has ended has its time, one that goes on counts, and one not reached has none", () => {
  const figure = (/** @type {number} */ at_ms) => figures(ONE, at_ms).toSorted();
  assert.deepEqual(figure(3), ["acknowledged 3 so far", "commit 3 so far"]);
  assert.deepEqual(figure(8), ["acknowledged 6", "commit 5", "outbox 3 so far"]);
  assert.deepEqual(figure(60), ["acknowledged 6", "commit 5", "outbox 4.54", "projector 3", "queue 4", "read 42 so far", "relay 1.46"]);
  assert.deepEqual(figure(99).filter((text) => text.startsWith("read")), ["read 72"]);
});

test("at the very moment of a hop, the stretch that begins there has no figure yet", () => {
  assert.deepEqual(figures(ONE, 5), ["commit 5", "acknowledged 5 so far"]);
});

test("a stretch that was passed without a known time is a dash, and not left out", () => {
  const hops = ONE.filter(([name]) => name !== "picked-up");
  assert.deepEqual(figures(hops, 99).filter((text) => text.endsWith("–")), ["outbox –", "relay –"]);
});

test("an event that waits counts how long it has waited, in the past and live", () => {
  assert.ok(figures(ONE.slice(0, 3), 1005).includes("outbox 1000 so far"));
  const { tell, follow, facts } = page();
  tell("e1", [["received", LIVE_MS], ["committed", LIVE_MS + 5]]);
  follow("e1");
  for (let now = 0; now < 20_000; now += 100) facts(now);
  close(facts(20_000).took.get("outbox")?.true_ms, 19_995);
  assert.equal(facts(20_000).took.get("outbox")?.isSoFar, true);
});

test("no figure outlives the moment that it was of", () => {
  const { playhead, tell, facts } = page();
  tell("e1", ONE);
  playhead.seek(9.54, 0);
  assert.equal(facts().took.get("relay"), undefined);
  playhead.goLive(10);
  close(facts(10).took.get("relay")?.true_ms, 1.46);
});

test("all figures are of the followed journey, whatever else is under way", () => {
  const way = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: WAY.length }), fc.integer({ min: 1, max: 50 }));
  fc.assert(fc.property(fc.array(way, { minLength: 1, maxLength: 6 }), fc.nat(5), (ways, chosen) => {
    const { journal, followed, tell, follow, facts } = page();
    ways.forEach(([from_ms, count, step_ms], index) => {
      tell(`e${index}`, WAY.slice(0, count).map((name, at) => [name, LIVE_MS + from_ms + at * step_ms]));
      follow(`e${index}`, from_ms);
    });
    if (chosen < 3) followed.choose(`e${chosen}`);
    for (let now = 0; now < 9000; now += 150) {
      const { followed: journey, took } = facts(now);
      const spans = new Map(spansOf(journey ?? { ...[...journal.journeys.values()][0], hops: [] })
        .map(({ name, from_ms, to_ms }) => [name, to_ms - from_ms]));
      if (journal.journeys.has(followed.chosen ?? "")) assert.equal(journey?.event_id, followed.chosen);
      for (const [span, { true_ms, isSoFar }] of took) {
        assert.ok(true_ms !== null, span);
        if (isSoFar) assert.ok(true_ms > 0 && true_ms <= (spans.get(span) ?? Infinity), span);
        else close(true_ms, spans.get(span) ?? NaN);
      }
    }
  }), { numRuns: 60 });
});
