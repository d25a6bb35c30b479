/** How numbers and names are written. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { brief, counted, duration, stretch } from "../../web/static/js/page/format.js";

const DURATIONS = /** @type {[number|null|undefined, string][]} */ ([
  [null, "–"], [undefined, "–"], [Infinity, "–"], [NaN, "–"],
  [0, "0 ms"], [0.0004, "0 ms"], [0.0123, "0.012 ms"], [0.5, "0.500 ms"], [6.54321, "6.54 ms"], [99.95, "100 ms"],
  [999.4, "999 ms"], [999.6, "1.00 s"], [1290, "1.29 s"], [27_000, "27.0 s"], [99_949, "99.9 s"],
  [100_000, "1 min 40 s"], [3_599_499, "59 min 59 s"], [3_600_000, "1 h 0 min"], [5_400_000, "1 h 30 min"],
  [-5, "−5.00 ms"],
]);
for (const [ms, said] of DURATIONS) {
  test(`a duration of ${ms} ms is written ${said}`, () => assert.equal(duration(ms), said));
}

test("a duration below 100 s has at most three digits, and never an exponent", () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 99_999, noNaN: true }), (ms) => {
    const said = /^(\d+(?:\.\d+)?) (?:ms|s)$|^1 min 40 s$/.exec(duration(ms));
    assert.ok(said, duration(ms));
    assert.ok((said[1] ?? "").replace(/^0\.0*|\./g, "").length <= 3, duration(ms));
  }));
});

test("a brief duration leaves out digits that say nothing", () => {
  assert.deepEqual([0, 400, 412.5, 4000, 4120, 120_000].map(brief), ["0 ms", "400 ms", "413 ms", "4 s", "4.12 s", "2 min 0 s"]);
});

test("a stretch that two clocks make negative is shown as about zero", () => {
  assert.equal(stretch(-3), "~0 ms");
  assert.equal(stretch(3), "3.00 ms");
  assert.equal(stretch(null), "–");
});

test("counts have commas between thousands, and one is singular", () => {
  assert.deepEqual([counted(0, "todo"), counted(1, "todo"), counted(2, "todo"), counted(1000, "todo")], ["0 todos", "1 todo", "2 todos", "1,000 todos"]);
});
