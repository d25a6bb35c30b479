/** The staleness window's figures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { curveAt, curveOf, quantile, staleShare, untilProjected } from "../../web/static/js/facts/staleness.js";
import { close, journey as versionOf } from "./support.js";

/** A moment after everything. */
const AFTER = { now_ms: 1_000_000 };

/**
 * @param {number} todo_id
 * @param {Record<string, number>} hops
 */
const journey = (todo_id, hops, version = 1) =>
  versionOf(version, hops, { event_id: `e${todo_id}.${version}`, todo_id });

test("the window is from the acknowledgement to MongoDB", () => {
  const journeys = Array.from({ length: 100 }, (_, at) => journey(at + 1, { acknowledged: 1000, projected: 1001 + at }));
  const { p50, p95, p99, count } = untilProjected(journeys, AFTER);
  assert.deepEqual([p50.ms, p95.ms, p99.ms, count], [50, 95, 99, 100]);
});

test("writes that have not arrived yet are counted, with how long they have waited", () => {
  const journeys = [journey(1, { acknowledged: 10, projected: 20 }), journey(2, { acknowledged: 10 })];
  const { count, pending, samples_ms, waits_ms } = untilProjected(journeys, { now_ms: 13_010 });
  assert.deepEqual([count, pending, samples_ms, waits_ms], [1, 1, [10], [13_000]]);
});

test("ten quick writes do not hide a thousand that wait for 13 s", () => {
  const quick = Array.from({ length: 10 }, (_, at) => journey(at + 1, { acknowledged: 0, projected: 11 }));
  const waiting = Array.from({ length: 1000 }, (_, at) => journey(at + 11, { acknowledged: 0 }));
  const window = untilProjected([...quick, ...waiting], { now_ms: 13_000 });
  assert.deepEqual(window.p50, { ms: 13_000, isMore: true });
  close(curveAt(window, [12_999])[0], 10 / 1010);
  assert.deepEqual(curveAt(window, [13_001]), [null]);
});

test("a write that may have arrived unheard is left out until its news must have come", () => {
  const journeys = [journey(1, { acknowledged: 0, projected: 10 }), journey(2, { acknowledged: 900 })];
  const at = (/** @type {number} */ now_ms) => untilProjected(journeys, { now_ms, news_ms: 1000 });
  assert.deepEqual([at(1500).count, at(1500).pending], [1, 0]);
  assert.deepEqual([at(2000).count, at(2000).pending, at(2000).waits_ms], [1, 1, [1100]]);
});

test("at a moment in the past, what came later has not happened", () => {
  const journeys = [journey(1, { acknowledged: 0, projected: 500 }), journey(2, { acknowledged: 400, projected: 410 })];
  const { samples_ms, waits_ms } = untilProjected(journeys, { now_ms: 300 });
  assert.deepEqual([samples_ms, waits_ms], [[], [300]]);
});

test("a later proof stands in for a trace that was lost", () => {
  assert.deepEqual(untilProjected([journey(1, { acknowledged: 10, seen: 90 })], AFTER).samples_ms, [80]);
});

test("a write that a read gave before the projector had recorded it was readable by then", () => {
  assert.deepEqual(untilProjected([journey(1, { acknowledged: 10, projected: 96, seen: 91 })], AFTER).samples_ms, [81]);
});

test("the curve keeps to what is known, whatever has finished by now", () => {
  const took = fc.array(fc.double({ min: 0.01, max: 1000, noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(fc.property(took, fc.double({ min: 1, max: 1500, noNaN: true }), (all_ms, age_ms) => {
    // Writes that were all acknowledged at once, and are looked at some time later.
    const curve = curveOf(
      all_ms.filter((ms) => ms <= age_ms).sort((a, b) => a - b), all_ms.filter((ms) => ms > age_ms).map(() => age_ms),
    );
    for (const t_ms of [0, age_ms / 3, age_ms / 2, age_ms]) {
      const truth = all_ms.filter((ms) => ms <= t_ms).length / all_ms.length;
      close(1 + (curveAt({ curve, known_ms: age_ms }, [t_ms])[0] ?? NaN), 1 + truth);
    }
  }));
});

test("a curve over writes of any age rises, and lies between leaving the waiting ones out and never seeing them", () => {
  const write = fc.record({ ms: fc.integer({ min: 1, max: 50 }), isThere: fc.boolean() });
  fc.assert(fc.property(fc.array(write, { minLength: 1, maxLength: 60 }), (writes) => {
    const sorted = (/** @type {boolean} */ isThere) =>
      writes.filter((each) => each.isThere === isThere).map(({ ms }) => ms).sort((a, b) => a - b);
    const [samples, waits] = [sorted(true), sorted(false)];
    let before = 0;
    for (const { t_ms, share } of curveOf(samples, waits)) {
      const there = samples.filter((ms) => ms <= t_ms).length;
      assert.ok(share >= before && share >= there / writes.length - 1e-9 && share <= there / samples.length + 1e-9);
      before = share;
    }
  }));
});

test("a newer version shows the older write too", () => {
  const journeys = [journey(1, { acknowledged: 10 }), journey(1, { acknowledged: 15, projected: 30 }, 2)];
  assert.deepEqual(untilProjected(journeys, AFTER).samples_ms, [15, 20]);
});

test("a write that was readable before its answer came back was readable at once", () => {
  assert.deepEqual(untilProjected([journey(1, { acknowledged: 20, projected: 15 })], AFTER).samples_ms, [0]);
});

test("the curve gives the share of writes that were readable by each time", () => {
  const curve = curveOf([1, 2, 2, 4], []);
  assert.deepEqual(curveAt({ curve, known_ms: 4 }, [0, 1, 2, 3, 4, 5]), [0, 0.25, 0.75, 0.75, 1, 1]);
  assert.deepEqual(curveAt({ curve: [], known_ms: 0 }, [1]), [null]);
});

test("without samples there is no quantile", () => {
  assert.equal(quantile([], 0.5), null);
  assert.equal(quantile([3], 0.99), 3);
});

test("the share of stale time counts overlapping stretches once", () => {
  const journeys = [
    journey(1, { acknowledged: 0, projected: 20 }),
    journey(2, { acknowledged: 10, projected: 30 }),
    journey(3, { acknowledged: 90 }),
  ];
  assert.equal(staleShare(journeys, 0, 100), 0.4);
});

test("the first newer version to arrive counts, and an older one never does", () => {
  const journeys = [
    journey(1, { acknowledged: 5, projected: 7 }),
    journey(1, { acknowledged: 10 }, 2),
    journey(1, { acknowledged: 11, projected: 90 }, 3),
    journey(1, { acknowledged: 12, projected: 40 }, 4),
  ];
  assert.deepEqual(untilProjected(journeys, AFTER).samples_ms, [2, 28, 29, 30]);
});
