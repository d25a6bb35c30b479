/** The layout: on a stage of any size, everything has a place and nothing overlaps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LEGS, PLACES, STEPS } from "../../web/static/js/journal/hops.js";
import { stands } from "../../web/static/js/stage/layout/docks.js";
import { layoutOf } from "../../web/static/js/stage/layout/layout.js";
import { MARK_HEIGHT, markWidth } from "../../web/static/js/stage/layout/measures.js";
import { route } from "../../web/static/js/stage/layout/routes.js";
import { along, rounded } from "../../web/static/js/stage/layout/track.js";
import { LABELS, NODES, PIPES, SIDE_NODES, SIDE_PIPES } from "../../web/static/js/stage/table.js";

/** @typedef {import("../../web/static/js/stage/layout/types.js").Box} Box */
/** @typedef {import("../../web/static/js/stage/layout/types.js").Layout} Layout */
/** @typedef {import("../../web/static/js/stage/layout/types.js").Place} Place */

/** The size of the stage in windows of these sizes. @type {Record<string, [number, number, boolean]>} */
const STAGES = {
  "1280x720": [988, 423, false],
  "1280x720 with a run's banner": [988, 371, false],
  "1920x1080": [1488, 700, false],
  "1920x1080 with the inspector": [1110, 640, false],
  "1280x720 with a run's banner and a chart": [988, 311, false],
  "820x1180": [796, 548, false],
  "820x1180 for the room": [796, 700, true],
  "1280x720 for the room": [1256, 535, true],
  "1280x720 for the room, with the inspector": [1256, 390, true],
  "1920x1080 for the room": [1884, 850, true],
  "390x844": [366, 570, false],
  "390x844 with a run's banner": [366, 554, false],
  "430x932": [406, 660, false],
  "320x640": [296, 553, false],
  "740x900": [716, 640, false],
};
const LAYOUTS = Object.entries(STAGES).map(([size, [width_px, height_px, isLarge]]) =>
  /** @type {const} */ ([size, layoutOf({ width_px, height_px, isLarge })]));
/** @type {Record<Place, keyof Layout["nodes"]>} */
const NODE_OF = {
  "browser": "browser", "command-service": "command-service", "outbox": "outbox", "relay": "relay",
  "queue": "rabbitmq", "projector": "projector", "mongodb": "mongodb", "dead-letters": "dead-letters",
};
const KNOWN = /** @type {Place[]} */ (Object.keys(PLACES));

/**
 * @param {Box} a
 * @param {Box} b
 */
function overlap(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/**
 * @param {import("../../web/static/js/stage/layout/types.js").Point} point
 * @param {Box} box
 */
function isIn({ x, y }, box) {
  return x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h;
}

/**
 * @template T
 * @param {T[]} all
 * @returns {[T, T][]}
 */
function pairs(all) {
  return all.flatMap((one, index) => all.slice(index + 1).map((other) => /** @type {[T, T]} */ ([one, other])));
}

test("a wide stage lies and a narrow one stands upright", () => {
  const ways = Object.fromEntries(LAYOUTS.map(([size, { orientation, type }]) => [size, `${orientation} ${type.name}`]));
  assert.equal(ways["1280x720"], "lying plain");
  assert.equal(ways["1920x1080 for the room"], "lying large");
  assert.equal(ways["390x844"], "upright plain");
  assert.equal(layoutOf({ width_px: 719, height_px: 500, isLarge: true }).orientation, "upright");
  assert.equal(layoutOf({ width_px: 720, height_px: 500, isLarge: false }).orientation, "lying");
});

test("type is never smaller than can be read, and an upright loop uses the height that there is", () => {
  for (const [size, layout] of LAYOUTS) {
    const [width_px, height_px, isLarge] = STAGES[size];
    const unit = width_px / layout.width;
    const least_px = isLarge && width_px > 1000 && height_px > 440 ? 20 : 12;
    assert.ok(layout.type.least * unit > least_px - 1e-9, size);
    if (layout.orientation === "upright") assert.ok(Math.abs(layout.height * unit - height_px) < 1, size);
  }
});

for (const [size, layout] of LAYOUTS) {
  test(`at ${size} each entry of the loop's table has a place`, () => {
    assert.deepEqual(Object.keys(layout.nodes).toSorted(), NODES.map(({ name }) => name).toSorted());
    assert.deepEqual(Object.keys(layout.pipes).toSorted(), PIPES.map(({ name }) => name).toSorted());
    assert.deepEqual(Object.keys(layout.labels).toSorted(), [...LABELS].toSorted());
    assert.deepEqual(Object.keys(layout.docks).toSorted(), KNOWN.toSorted());
  });

  test(`at ${size} no node overlaps another, or the middle`, () => {
    const whole = NODES.filter(({ kind }) => kind !== "part").map(({ name }) => [name, layout.nodes[name].box]);
    const boxes = /** @type {[string, Box][]} */ ([...whole, ...(layout.middle ? [["middle", layout.middle]] : [])]);
    for (const [[name, box], [other, otherBox]] of pairs(boxes)) {
      assert.ok(!overlap(box, otherBox), `${name} and ${other}`);
    }
  });

  test(`at ${size} every node is on the stage`, () => {
    const stage = { x: 0, y: 0, w: layout.width, h: layout.height };
    for (const [name, { box: { x, y, w, h } }] of Object.entries(layout.nodes)) {
      assert.ok(w > 0 && h > 0 && isIn({ x, y }, stage) && isIn({ x: x + w, y: y + h }, stage), name);
    }
  });

  test(`at ${size} each pipe runs from one place where marks stand to another`, () => {
    for (const { name } of PIPES) {
      const { points } = layout.pipes[name];
      const [from, to] = /** @type {[Place, Place]} */ (name.split(" "));
      for (const [place, end] of /** @type {const} */ ([[from, points[0]], [to, points[points.length - 1]]])) {
        const { at } = layout.docks[place];
        const isAtDock = Math.hypot(at.x - end.x, at.y - end.y) < 1e-9;
        // Upright, the browser spans both columns, and the rows in both stores are away from the pipe.
        const isElsewhere = layout.orientation === "upright" && ["browser", "outbox", "mongodb"].includes(place);
        assert.ok(isAtDock || (isElsewhere && isIn(end, layout.nodes[NODE_OF[place]].box)), `${name} at ${place}`);
      }
    }
  });

  test(`at ${size} marks at a place do not overlap, and stay on the stage`, () => {
    for (const place of KNOWN) {
      for (const [count, digits] of [[1, 1], [2, 2], [3, 3], [5, 4], [12, 2], [60, 4]]) {
        const dock = layout.docks[place];
        const [w, h] = [markWidth(digits) * dock.mark, MARK_HEIGHT * dock.mark];
        const found = stands(dock, count, markWidth(digits));
        assert.ok(found.length > 0 && found.length <= count);
        const boxes = found.map(({ x, y }) => ({ x: x - w / 2, y: y - h / 2, w, h }));
        for (const [one, other] of pairs(boxes)) assert.ok(!overlap(one, other), `${count} at ${place}`);
        for (const { x, y } of found) assert.ok(isIn({ x, y }, { x: 0, y: 0, w: layout.width, h: layout.height }));
      }
    }
  });
}

/** @typedef {import("../../web/static/js/stage/layout/types.js").RowName} RowName */
const KEPT = /** @type {RowName[][]} */ ([["counter"], ["replica"], ["counter", "replica"], ["coordinator"], ["counter", "replica", "coordinator"]]);

for (const [size, [width_px, height_px, isLarge]] of Object.entries(STAGES)) {
  for (const sides of KEPT) {
    const layout = layoutOf({ width_px, height_px, isLarge, sides });
    test(`at ${size} the ${sides.join(" and the ")} has a place, and nothing else moves but the middle`, () => {
      const wanted = SIDE_NODES.filter(({ of }) => sides.includes(of)).map(({ name }) => name);
      assert.deepEqual(Object.keys(layout.side.nodes).toSorted(), wanted.toSorted());
      assert.deepEqual(Object.keys(layout.side.docks).toSorted(), wanted.toSorted());
      assert.deepEqual(Object.keys(layout.side.pipes), SIDE_PIPES.filter(({ of }) => sides.includes(of)).map(({ name }) => name));
      const without = layoutOf({ width_px, height_px, isLarge });
      if (layout.orientation === "lying") assert.deepEqual(layout.nodes, without.nodes);
      assert.deepEqual(without.side.names, []);
    });

    test(`at ${size} the ${sides.join(" and the ")} overlaps nothing, and its words and marks are in it`, () => {
      const isOutside = layout.nodes["dead-letters"].box.x < layout.nodes.rabbitmq.box.x;
      const others = NODES.filter(({ name, kind }) => kind !== "part" || (name === "dead-letters" && isOutside)).map(({ name }) => [name, layout.nodes[name].box]);
      const own = Object.entries(layout.side.nodes).map(([name, { box }]) => [name, box]);
      const boxes = /** @type {[string, Box][]} */ ([...others, ...own, ...(layout.middle ? [["middle", layout.middle]] : [])]);
      for (const [[name, box], [other, otherBox]] of pairs(boxes)) assert.ok(!overlap(box, otherBox), `${name} and ${other}`);
      const stage = { x: 0, y: 0, w: layout.width, h: layout.height };
      for (const [name, { box, name: words, says }] of Object.entries(layout.side.nodes)) {
        assert.ok(isIn(box, stage) && isIn({ x: box.x + box.w, y: box.y + box.h }, stage), `${name} is on the stage`);
        assert.ok(isIn(words, box) && isIn(says, box), `${name} has its words in it`);
        const { at, mark } = layout.side.docks[/** @type {keyof typeof layout.side.docks} */ (name)] ?? assert.fail(name);
        const half = MARK_HEIGHT * mark / 2;
        assert.ok(isIn({ x: at.x - half, y: at.y - half }, box) && isIn({ x: at.x + half, y: at.y + half }, box), `${name} has its marks in it`);
      }
      if (layout.middle) assert.ok(layout.middle.w * (width_px / layout.width) > 180, `the middle is ${layout.middle.w} wide`);
    });
  }
}

test("every hop that moves a mark has a route along the pipes", () => {
  for (const [hop, { from, to }] of Object.entries(STEPS)) {
    const way = route(from, to);
    assert.equal(way.length > 0, from !== to, hop);
  }
  assert.deepEqual(route("relay", "outbox"), [{ pipe: "outbox relay", back: true }]);
  assert.deepEqual(route("relay", "projector").map(({ pipe }) => pipe), ["relay queue", "queue projector"]);
  assert.deepEqual(route("outbox", "projector"), []);
});

test("every stretch of a journey has a label", () => {
  for (const leg of LEGS) assert.ok(LABELS.some((name) => name === leg), leg);
});

test("a mark moves evenly along a pipe and round its corners", () => {
  const { track } = rounded([{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 100, y: 100 }]);
  assert.deepEqual(along(track, 0), { x: 0, y: 0 });
  assert.deepEqual(along(track, 1), { x: 100, y: 100 });
  const points = Array.from({ length: 51 }, (_, index) => along(track, index / 50));
  const steps = points.slice(1).map(({ x, y }, index) => Math.hypot(x - points[index].x, y - points[index].y));
  assert.ok(Math.max(...steps) - Math.min(...steps) < 0.1);
  assert.ok(points.every(({ x, y }) => Math.hypot(x - 100, y) > 12), "the corner is cut");
});
