/** What the charts say about the time that they cover. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { heldSays, heldWithin } from "../../web/static/js/panels/charts/held.js";

test("a stretch of time has the samples within it, and the state at its beginning", () => {
  const held = [10, 20, 30].map((at_s) => ({ at_ms: at_s * 1000, told: { relay: { outbox: at_s } } }));
  const got = heldWithin(held, 15_000, 25_000).map(({ at_ms, told }) => [at_ms, told.relay?.outbox]);
  assert.deepEqual(got, [[15_000, 10], [20_000, 20]]);
});

test("the charts say how much of the time the depths are known for", () => {
  assert.equal(heldSays(null, 0, 9), "not known");
  assert.equal(heldSays(0, 0, 9), "last 5 min");
  assert.equal(heldSays(10_000, 0, 37_000), "known of the last 27.0 s");
});
