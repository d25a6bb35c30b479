/** The staleness window's figures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { curveAt, sharesByDelay, lags, quantile, staleShare, untilProjected } from "../../web/static/js/facts/staleness.js";
import { journey as versionOf } from "./support.js";

/**
 * @param {number} todo_id
 * @param {Record<string, number>} hops
 */
const journey = (todo_id, hops, version = 1) =>
  versionOf(version, hops, { event_id: `e${todo_id}.${version}`, todo_id });

test("the window is from the acknowledgement to MongoDB", () => {
  const journeys = Array.from({ length: 100 }, (_, at) => journey(at + 1, { acknowledged: 1000, projected: 1001 + at }));
  const { p50_ms, p95_ms, p99_ms, count } = untilProjected(journeys);
  assert.deepEqual([p50_ms, p95_ms, p99_ms, count], [50, 95, 99, 100]);
});

test("writes that have not arrived yet are counted separately", () => {
  const journeys = [journey(1, { acknowledged: 10, projected: 20 }), journey(2, { acknowledged: 10 })];
  const { count, pending, samples_ms } = untilProjected(journeys);
  assert.deepEqual([count, pending, samples_ms], [1, 1, [10]]);
});

test("a newer version shows the older write too", () => {
  const journeys = [journey(1, { acknowledged: 10 }), journey(1, { acknowledged: 15, projected: 30 }, 2)];
  assert.deepEqual(untilProjected(journeys).samples_ms, [15, 20]);
});

test("a write that was readable before its answer came back was readable at once", () => {
  assert.deepEqual(untilProjected([journey(1, { acknowledged: 20, projected: 15 })]).samples_ms, [0]);
});

test("the curve gives the share of writes that were readable by each time", () => {
  assert.deepEqual(curveAt([1, 2, 2, 4], [0, 1, 2, 3, 4]), [0, 0.25, 0.75, 0.75, 1]);
  assert.deepEqual(curveAt([], [1]), [null]);
});

test("without samples there is no quantile", () => {
  assert.equal(quantile([], 0.5), null);
  assert.equal(quantile([3], 0.99), 3);
});

test("probes are grouped by their delay", () => {
  const probes = [4, 1, 3, 2].map((t_ms) => ({ event_id: "e", t_ms, visible: t_ms > 2, asked_ms: 0, at_ms: 0 }));
  assert.deepEqual(sharesByDelay(probes, 2), [
    { t_ms: 1.5, share: 0, count: 2 },
    { t_ms: 3.5, share: 1, count: 2 },
  ]);
});

test("the share of stale time counts overlapping stretches once", () => {
  const journeys = [
    journey(1, { acknowledged: 0, projected: 20 }),
    journey(2, { acknowledged: 10, projected: 30 }),
    journey(3, { acknowledged: 90 }),
  ];
  assert.equal(staleShare(journeys, 0, 100), 0.4);
});

test("lag is measured from the commit, over the last minutes only", () => {
  const journeys = [journey(1, { committed: 0, projected: 5 }), journey(2, { committed: 100, projected: 107 })];
  assert.deepEqual(lags(journeys, 50), [{ at_ms: 107, lag_ms: 7 }]);
});

test("the first newer version to arrive counts, and an older one never does", () => {
  const journeys = [
    journey(1, { acknowledged: 5, projected: 7 }),
    journey(1, { acknowledged: 10 }, 2),
    journey(1, { acknowledged: 11, projected: 90 }, 3),
    journey(1, { acknowledged: 12, projected: 40 }, 4),
  ];
  assert.deepEqual(untilProjected(journeys).samples_ms, [2, 28, 29, 30]);
});
