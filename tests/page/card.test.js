/** Where a card stands: in the window, and over nothing that it is about. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { beside } from "../../web/static/js/page/place.js";

const VIEW = { width: 1280, height: 720 };
const CARD = { width: 380, height: 240 };

/** @typedef {import("../../web/static/js/page/place.js").Box} Box */

/** @param {Box} one @param {Box} other */
function overlap(one, other) {
  return one.left < other.left + other.width && other.left < one.left + one.width
    && one.top < other.top + other.height && other.top < one.top + one.height;
}

const boxes = fc.record({
  left: fc.integer({ min: 0, max: 1200 }), top: fc.integer({ min: 0, max: 700 }),
  width: fc.integer({ min: 1, max: 300 }), height: fc.integer({ min: 1, max: 150 }),
});

test("a card is in the window, and does not cover what it is about", () => {
  fc.assert(fc.property(boxes, (box) => {
    const card = { ...beside([box], CARD, VIEW), ...CARD };
    assert.ok(card.left >= 0 && card.left + card.width <= VIEW.width);
    assert.ok(card.top >= 0 && card.top + card.height <= VIEW.height);
    assert.ok(!overlap(card, box), JSON.stringify(card));
  }));
});

test("a card covers neither of two things if there is room beside them", () => {
  const [left, right] = [{ left: 300, top: 60, width: 200, height: 120 }, { left: 700, top: 500, width: 200, height: 120 }];
  const card = { ...beside([left, right], CARD, VIEW), ...CARD };
  assert.ok(!overlap(card, left) && !overlap(card, right));
});

test("on a phone a card stands below or above what it is about", () => {
  const phone = { width: 390, height: 844 };
  const card = { width: 374, height: 260 };
  const box = { left: 12, top: 500, width: 366, height: 200 };
  assert.deepEqual(beside([box], card, phone), { left: 8, top: 228 });
});

test("if nothing fits, a card covers as little as it can and stays in the window", () => {
  const phone = { width: 390, height: 600 };
  const placed = beside([{ left: 0, top: 100, width: 390, height: 400 }], { width: 374, height: 300 }, phone);
  assert.deepEqual(placed, { left: 8, top: 292 });
  assert.deepEqual(beside([], { width: 300, height: 200 }, phone), { left: 45, top: 392 });
});
