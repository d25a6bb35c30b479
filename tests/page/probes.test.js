/** Probe reads beside the curve of the same writes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { checkOf, sharesByDelay, staleOf } from "../../web/static/js/facts/probes.js";
import { curveAt, untilProjected } from "../../web/static/js/facts/staleness.js";
import { close, journey } from "./support.js";

/**
 * @param {number} t_ms
 * @param {boolean} visible
 * @param {number} [weight]
 */
const probe = (t_ms, visible, weight) => ({ event_id: "e1", t_ms, visible, asked_ms: t_ms, at_ms: t_ms, weight });

test("probes are grouped by their delay", () => {
  assert.deepEqual(sharesByDelay([4, 1, 3, 2].map((t_ms) => probe(t_ms, t_ms > 2)), 2), [
    { t_ms: 1.5, share: 0, count: 2 },
    { t_ms: 3.5, share: 1, count: 2 },
  ]);
});

test("a probe counts for as many writes as it stands for", () => {
  const probes = [probe(10, true, 1), probe(10, true, 1), probe(10, false, 8)];
  assert.deepEqual(sharesByDelay(probes, 1), [{ t_ms: 10, share: 0.2, count: 3 }]);
  assert.equal(staleOf(probes), 0.8);
  assert.equal(staleOf([]), null);
});

test("probes of all writes give the curve of these writes", () => {
  const took = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 80 });
  fc.assert(fc.property(took, fc.integer({ min: 0, max: 600 }), (all_ms, t_ms) => {
    const ways = all_ms.map((ms, at) => ({
      ...journey(1, { acknowledged: 0, projected: ms }), todo_id: at, event_id: `e${at}`,
    }));
    const [group] = sharesByDelay(all_ms.map((ms) => probe(t_ms, ms <= t_ms)), 1);
    close(1 + group.share, 1 + (curveAt(untilProjected(ways, { now_ms: 1000 }), [t_ms])[0] ?? NaN));
  }));
});

test("a probe agrees with the trace of its write, unless it shows what was not there or lacks what was", () => {
  const journeys = new Map([["e1", journey(1, { acknowledged: 100, delivered: 117, projected: 120 })]]);
  const read = (/** @type {number} */ asked_ms, /** @type {boolean} */ visible) =>
    ({ event_id: "e1", t_ms: asked_ms - 100, visible, asked_ms, at_ms: asked_ms + 5 });
  const agrees = (/** @type {number} */ asked_ms, /** @type {boolean} */ visible) =>
    checkOf([read(asked_ms, visible)], journeys, 1000).agree === 1;
  assert.deepEqual([agrees(110, false), agrees(110, true), agrees(121, true), agrees(121, false)], [true, false, true, false]);
  // Asked or answered while MongoDB took the write.
  assert.deepEqual([agrees(118, true), agrees(118, false)], [true, true]);
  assert.equal(checkOf([{ ...read(121, true), event_id: "e9" }], journeys, 1000).compared, 0);
});
