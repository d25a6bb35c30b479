/** Real time: what moves moves in true time, and the page is no later than the news needs to arrive. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Live } from "../../web/static/js/clock/live.js";
import { CAP_MS, GRACE_MS, LATE_MS, MOVE_MS } from "../../web/static/js/clock/rule.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { WAY, hop } from "./support.js";

const FRAME_MS = 20;

/** @typedef {{name: string, at_ms: number, known_ms: number}} News When a hop happened, and when the page heard of it. */

/**
 * A page that hears of one journey: how far behind it is in each frame, which moments of the journey it
 * shows, and when its mark was at its end.
 * @param {News[]} news
 * @param {object} options
 * @param {(now_ms: number) => number} [options.factorAt]
 * @param {number} options.until_ms
 */
function watch(news, { factorAt = () => 1, until_ms }) {
  const journal = new Journal();
  const live = new Live(journal);
  live.sync(0, 0);
  const left = news.toSorted((a, b) => a.known_ms - b.known_ms);
  /** @type {[number, number][]} */
  const behind = [];
  /** @type {number[]} */
  const moments = [];
  let over_ms = Infinity;
  for (let now = 0; now <= until_ms; now += FRAME_MS) {
    if (live.rule.stretch !== factorAt(now)) live.setFactor(factorAt(now));
    while (left.length && left[0].known_ms <= now) {
      const { name, at_ms } = /** @type {News} */ (left.shift());
      journal.merge([hop(name, at_ms)], now);
      const journey = journal.journeys.get("e1");
      assert.ok(journey);
      live.follow(journey, now);
    }
    live.advance(now);
    behind.push([now, live.behind(now)]);
    const shown = live.shown("e1", now);
    if (shown?.hop) moments.push(shown.at_ms);
    if (shown?.over) over_ms = Math.min(over_ms, now);
  }
  return { behind, moments, over_ms };
}

/**
 * Hops, given how long each stretch took and how long the news of its end took.
 * @param {readonly [number, number][]} stretches
 * @returns {News[]}
 */
function newsOf(stretches) {
  let at_ms = 1000;
  return stretches.map(([took_ms, delay_ms], index) => {
    at_ms += took_ms;
    return { name: WAY[index], at_ms, known_ms: at_ms + delay_ms };
  });
}

/** @param {[number, number][]} behind */
const worstOf = (behind) => Math.max(...behind.map(([, ms]) => ms));

for (const [where, index] of /** @type {const} */ ([["an outbox", 2], ["a projector", 5]])) {
  test(`in real time ${where} that kept an event for 8 s is not waited for twice`, () => {
    const took = [0, 5, 20, 3, 5, 10, 90].with(index, 8000);
    const news = newsOf(took.map((took_ms) => [took_ms, 80]));
    const { behind, over_ms } = watch(news, { until_ms: 12_000 });
    assert.ok(worstOf(behind) <= LATE_MS, `${worstOf(behind)} ms behind`);
    assert.ok(over_ms <= news[6].known_ms + LATE_MS);
  });
}

test("a page that is late when real time is chosen makes it up", () => {
  const news = newsOf([0, 5, 20, 3, 6000, 10, 90].map((took_ms) => [took_ms, 80]));
  const { behind, over_ms } = watch(news, { until_ms: 12_000, factorAt: (now) => (now < 3000 ? 300 : 1) });
  const since = behind.filter(([now]) => now > 3000 + CAP_MS);
  assert.ok(worstOf(since) <= LATE_MS, `${worstOf(since)} ms behind`);
  assert.ok(over_ms <= news[6].known_ms + LATE_MS);
});

test("in real time the page is only as late as its news, whatever their order, and never stays later", () => {
  const stretch = fc.tuple(
    fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 9000 })),
    fc.oneof(fc.integer({ min: 20, max: 200 }), fc.integer({ min: 20, max: 3000 })),
  );
  fc.assert(fc.property(fc.array(stretch, { minLength: WAY.length, maxLength: WAY.length }), (stretches) => {
    const news = newsOf(stretches);
    const known_ms = Math.max(...news.map((each) => each.known_ms));
    const delay_ms = Math.max(...stretches.map(([, each_ms]) => each_ms));
    const { behind, over_ms } = watch(news, { until_ms: known_ms + 10_000 });
    // A hop that comes before the one before it is waited for, and then the mark moves.
    const most_ms = Math.max(LATE_MS, delay_ms + GRACE_MS + MOVE_MS) + FRAME_MS;
    assert.ok(worstOf(behind) <= most_ms, `${worstOf(behind)} ms behind, with news ${delay_ms} ms late`);
    assert.ok(over_ms <= known_ms + GRACE_MS + Math.max(LATE_MS, WAY.length * MOVE_MS), `over ${over_ms - known_ms} ms later`);
  }), { numRuns: 200 });
});

test("at any factor the moment shown of a journey goes back only by as much as its news is late", () => {
  const stretch = fc.tuple(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 20, max: 2000 }));
  const factor = fc.constantFrom(1, 10, 300);
  fc.assert(fc.property(fc.array(stretch, { minLength: WAY.length, maxLength: WAY.length }), factor, (stretches, chosen) => {
    const news = newsOf(stretches);
    const delay_ms = Math.max(...stretches.map(([, each_ms]) => each_ms));
    const { moments } = watch(news, { until_ms: 40_000, factorAt: () => chosen });
    moments.slice(1).forEach((at_ms, index) => {
      assert.ok(at_ms >= moments[index] - delay_ms - FRAME_MS, `from ${moments[index]} back to ${at_ms}`);
    });
  }), { numRuns: 100 });
});
