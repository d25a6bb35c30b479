/** The loop: when it draws each view, and what happens to a view that fails. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Loop, turnsOf } from "../../web/static/js/views/loop.js";

/** @typedef {import("../../web/static/js/views/view.js").View} View */

/** The callbacks that wait for the next frame. @type {(() => void)[]} */
let frames = [];
let now_ms = 0;
/** The page as the loop sees it: a playhead, and a scene with a moving mark or with none. */
const playhead = { mode: "live", isMoving: true, isPaused: () => playhead.mode === "paused", scene: () => scene() };
/** @type {string[]} */
let drawn = [];
/** @type {string[]} */
let failed = [];

function scene() {
  return { now_ms, shown: new Map(playhead.isMoving ? [["e1", { moving: true }]] : []) };
}

/** @param {number} after_ms */
function frame(after_ms = 16) {
  now_ms += after_ms;
  const due = frames;
  frames = [];
  for (const each of due) each();
}

/** @returns {any} */
function aLoop() {
  return new Loop(/** @type {any} */ ({
    playhead, judge: () => ({}), now: () => now_ms, steps: () => false,
    failed: (/** @type {string} */ name) => failed.push(name),
  }));
}

/**
 * @param {string} name
 * @param {object} [more]
 */
function aView(name, more = {}) {
  return { name, view: /** @type {any} */ ({ root: {}, draw: () => drawn.push(name), ...more }) };
}

beforeEach(() => {
  Object.assign(globalThis, { requestAnimationFrame: (/** @type {() => void} */ draw) => frames.push(draw) });
  [frames, drawn, failed, now_ms] = [[], [], [], 0];
  Object.assign(playhead, { mode: "live", isMoving: true });
});

test("all views are drawn first, and then one per frame while marks move", () => {
  aLoop().add([aView("list"), aView("rule")]);
  frame();
  assert.deepEqual(drawn, ["list", "rule"]);
  drawn = [];
  frame();
  assert.deepEqual(drawn, ["list"]);
  frame();
  assert.deepEqual(drawn, ["list", "rule"]);
});

test("views of a group share a frame, wherever they are in the list", () => {
  const both = { group: "both" };
  const views = [aView("truths", both), aView("list"), aView("verdict", both), aView("tabs", { draw: undefined })];
  assert.deepEqual(turnsOf(views).map((turn) => turn.map(({ name }) => name)), [["truths", "verdict"], ["list"]]);
});

test("moving parts are drawn in every frame", () => {
  aLoop().add([aView("list"), aView("stage", { draw: undefined, move: () => drawn.push("stage") })]);
  for (let count = 0; count < 3; count += 1) frame();
  assert.equal(drawn.filter((name) => name === "stage").length, 3);
});

test("while the page is paused, nothing is drawn unless a redraw is asked for", () => {
  const loop = aLoop();
  loop.add([aView("list")]);
  playhead.mode = "paused";
  frame();
  clearTimeout(loop.timer);
  drawn = [];
  loop.wake();
  assert.equal(frames.length, 0);
  loop.redraw();
  frame();
  clearTimeout(loop.timer);
  assert.deepEqual(drawn, ["list"]);
});

for (const where of ["draw", "move", "isMoving"]) {
  test(`a view that throws in ${where} is dropped, and the others go on`, () => {
    const breaks = aView("breaks", { [where]: () => { throw new Error("as it was meant to"); } });
    const loop = aLoop();
    loop.add([aView("before"), breaks, aView("after")]);
    for (let count = 0; count < 5; count += 1) frame();
    assert.deepEqual(failed, ["breaks"]);
    assert.deepEqual(loop.views.map((/** @type {{name: string}} */ { name }) => name), ["before", "after"]);
    assert.ok(drawn.includes("before") && drawn.includes("after"));
    assert.equal(frames.length, 1, "the next frame is asked for");
  });
}

test("a view that throws while the page is paused is dropped, and the others go on", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const loop = aLoop();
  const breaks = aView("breaks", { tick: () => { throw new Error("as it was meant to"); } });
  loop.add([breaks, aView("clocks", { tick: () => drawn.push("tick") })]);
  playhead.mode = "paused";
  frame();
  for (let count = 0; count < 2; count += 1) context.mock.timers.tick(1000);
  assert.deepEqual(failed, ["breaks"]);
  assert.equal(drawn.filter((name) => name === "tick").length, 2);
});
