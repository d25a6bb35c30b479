/** Where marks are: in a row while they wait, in a pipe while they travel, and never two in the same spot. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PLACES, STEPS } from "../../web/static/js/journal/hops.js";
import { crowdOf } from "../../web/static/js/stage/crowd.js";
import { layoutOf } from "../../web/static/js/stage/layout/layout.js";
import { rounded } from "../../web/static/js/stage/layout/track.js";
import { PIPES } from "../../web/static/js/stage/table.js";
import { pointOf, standsOf } from "../../web/static/js/stage/place.js";
import { close } from "./support.js";

/** @typedef {import("../../web/static/js/clock/shown.js").Shown} Shown */
/** @typedef {import("../../web/static/js/stage/place.js").Ground} Ground */
/** @typedef {import("../../web/static/js/stage/layout/types.js").Place} Place */

const LYING = groundOf(988, 423);
const UPRIGHT = groundOf(366, 0);
const KNOWN = /** @type {Place[]} */ (Object.keys(PLACES));

/**
 * @param {number} width_px
 * @param {number} height_px
 * @param {Partial<Ground>} [more]
 * @returns {Ground}
 */
function groundOf(width_px, height_px, more) {
  const layout = layoutOf({ width_px, height_px, isLarge: false });
  const tracks = new Map(PIPES.map(({ name }) => [name, rounded(layout.pipes[name].points).track]));
  return { layout, tracks, steps: false, ...more };
}

/**
 * A mark that is on its way, or waiting at a place.
 * @param {number} todo_id
 * @param {Place} from
 * @param {Place} [to]
 * @param {number} [progress]
 * @returns {Shown}
 */
function markOf(todo_id, from, to = from, progress = 1) {
  const journey = { event_id: `e${todo_id}`, todo_id, version: 1, type: "todo.created.v1", hops: [] };
  return /** @type {any} */ ({
    journey, from, to, progress, moving: from !== to, last: {}, order: todo_id, redelivered: false,
  });
}

/**
 * @param {Shown[]} marks
 * @param {Ground} ground
 * @param {Shown[]} [undrawn]
 */
function crowdAt(marks, ground, undrawn = []) {
  const shown = new Map(marks.map((mark) => [mark.journey.event_id, mark]));
  return crowdOf(/** @type {any} */ ({ shown, undrawn }), ground);
}

/**
 * Where a mark is if it is the only one.
 * @param {Shown} mark
 * @param {Ground} ground
 */
function pointAlone(mark, ground) {
  const { x, y } = pointOf(mark, standsOf([mark], ground).get(mark) ?? null, ground);
  return { x, y };
}

test("a mark stands at one place before it sets out, and at the other once it has arrived", () => {
  for (const { from, to } of Object.values(STEPS)) {
    if (from === to) continue;
    for (const [progress, place] of /** @type {[number, Place][]} */ ([[0, from], [1, to]])) {
      for (const ground of [LYING, UPRIGHT]) {
        const [moving, standing] = [pointAlone(markOf(1, from, to, progress), ground), pointAlone(markOf(1, place), ground)];
        close(moving.x, standing.x);
        close(moving.y, standing.y);
      }
    }
  }
});

for (const [name, ground] of /** @type {const} */ ([["lying", LYING], ["upright", UPRIGHT]])) {
  test(`a mark never jumps on its way, if the loop is ${name}`, () => {
    for (const { from, to } of Object.values(STEPS)) {
      if (from === to) continue;
      const points = Array.from({ length: 201 }, (_, index) => pointAlone(markOf(1, from, to, index / 200), ground));
      const lengths = points.slice(1).map(({ x, y }, index) => Math.hypot(x - points[index].x, y - points[index].y));
      const whole = lengths.reduce((sum, length) => sum + length, 0);
      // In the middle it goes at twice its mean speed, because it sets out and arrives gently.
      assert.ok(Math.max(...lengths) < whole / 50, `${from} to ${to}: ${Math.max(...lengths)} of ${whole}`);
    }
  });
}

test("a mark that leaves a row keeps its stand at first, and one that arrives takes the last stand", () => {
  // By the times of their hops, the first would be last and the last first.
  const row = [markOf(4, "queue", "projector", 0.05), markOf(2, "queue"), markOf(3, "queue"), markOf(1, "relay", "queue", 0.95)];
  const found = standsOf(row, LYING);
  const ys = row.map((mark) => found.get(mark)?.y ?? NaN);
  assert.deepEqual(ys, ys.toSorted((a, b) => b - a));
  assert.ok(ys.every(Number.isFinite));
  assert.equal(standsOf([markOf(5, "relay", "queue", 0.5)], LYING).size, 0);
});

test("with steps, a mark is always at a place and never in a pipe", () => {
  const ground = { ...LYING, steps: true };
  for (const progress of [0.1, 0.5, 0.9]) {
    assert.deepEqual(pointAlone(markOf(1, "outbox", "relay", progress), ground), pointAlone(markOf(1, "outbox"), LYING));
  }
});

test("no two drawn marks overlap, and marks that are not drawn are counted", () => {
  const marks = Array.from({ length: 400 }, (_, index) => {
    const { from, to } = Object.values(STEPS)[index % Object.keys(STEPS).length];
    return index % 3 ? markOf(1000 + index, to) : markOf(1000 + index, from, to, (index % 20) / 20);
  });
  for (const ground of [LYING, UPRIGHT]) {
    const { placed, rest, taken } = crowdAt(marks, ground, [markOf(9999, "queue")]);
    const drawn = placed.filter(({ isDrawn }) => isDrawn);
    const counted = [...rest.values()].reduce((sum, text) => sum + Number(text.replace(/\D/g, "")), 0);
    assert.equal(drawn.length + counted, marks.length + 1);
    assert.equal(taken.length, drawn.length);
    for (const [index, one] of taken.entries()) {
      for (const other of taken.slice(index + 1)) {
        assert.ok(Math.abs(one.x - other.x) >= one.half + other.half || Math.abs(one.y - other.y) >= one.tall + other.tall);
      }
    }
  }
});

test("a waiting mark has the right of way over a passing one", () => {
  const [standing, passing] = [markOf(2, "command-service"), markOf(1, "browser", "command-service", 0.95)];
  const { placed, rest } = crowdAt([passing, standing, markOf(3, "relay", "queue", 0.5)], LYING);
  const isDrawn = new Map(placed.map((each) => [each.shown.journey.todo_id, each.isDrawn]));
  assert.deepEqual([isDrawn.get(2), isDrawn.get(3)], [true, true]);
  assert.equal([...rest.values()].length, isDrawn.get(1) ? 0 : 1);
  const through = crowdAt([markOf(1, "command-service", "outbox", 0.4), markOf(2, "command-service", "outbox", 0.4)], LYING);
  assert.deepEqual([...through.rest], [["command-service outbox", "+1"]]);
});

test("a count shows whether any of the marks at its place are drawn", () => {
  const ground = LYING;
  assert.equal(crowdAt([], ground, [markOf(1, "mongodb"), markOf(2, "mongodb")]).rest.get("mongodb"), "×2");
  assert.equal(crowdAt([markOf(3, "mongodb")], ground, [markOf(1, "mongodb")]).rest.get("mongodb"), "+1");
});

test("a word is written where there is room for it", () => {
  const wordOf = (/** @type {Shown[]} */ marks, ground = LYING) => crowdAt(marks, ground).placed.map(({ word }) => word);
  assert.deepEqual(wordOf([markOf(1, "relay")]), ["below"]);
  assert.deepEqual(wordOf([markOf(1, "relay"), markOf(2, "relay")]), [null, null]);
  assert.deepEqual(wordOf([markOf(1, "queue"), markOf(2, "queue")]), ["beside", "beside"]);
  assert.deepEqual(wordOf([markOf(1, "relay")], UPRIGHT), [null]);
  assert.deepEqual(wordOf([markOf(1, "browser")]), [null]);
});

test("every place has room for a mark", () => {
  for (const place of KNOWN) {
    for (const ground of [LYING, UPRIGHT]) assert.equal(crowdAt([markOf(1, place)], ground).taken.length, 1, place);
  }
});
