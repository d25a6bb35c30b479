/** The two truths compared: how rows differ, and since when, at each moment. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chosen, compare, judge, words } from "../../web/static/js/facts/compare.js";
import { quietSince } from "../../web/static/js/facts/quiet.js";
import { verdict } from "../../web/static/js/facts/verdict.js";
import { journey } from "./support.js";

/** @param {object} [more] */
const row = (version = 1, more = {}) => ({ id: 1, title: "a", completed: false, version, ...more });

/** Todo 1 was created and acknowledged, but not yet projected. */
const ACKNOWLEDGED_ONLY = journey(1, { committed: 1100, acknowledged: 1110 });

/**
 * The comparison of both stores' answers at a moment.
 * @param {number} at_ms
 * @param {any} given
 */
function compareAt(at_ms, given) {
  const asked_ms = given.asked_ms ?? 1000;
  return compare({
    truths: {
      at_ms: asked_ms, after: given.after ?? 0, older: given.older,
      postgresql: { at_ms: asked_ms, todos: given.left, error: null },
      mongodb: { at_ms: asked_ms, todos: given.right, error: given.error ?? null },
    },
    journeys: given.journeys ?? [], momentOf: () => at_ms, live_ms: given.live_ms ?? at_ms,
    isPast: given.isPast ?? false, noticed: new Map(given.noticed ?? []), quiet_ms: given.quiet_ms ?? null,
  });
}

/**
 * @param {ReturnType<typeof compare>} compared
 * @param {any} [older]
 */
function verdictOf(compared, older) {
  const asked = { at_ms: 1, todos: [], error: null };
  return verdict(compared, { at_ms: 1, after: 9, older, postgresql: asked, mongodb: asked }, {});
}

const PAIRS = /** @type {const} */ ([
  ["the same", row(), row(), "equal", 0],
  ["nothing on the right", row(), null, "missing", 1],
  ["an older version", row(3), row(1), "stale", 2],
  ["deleted on the right", row(2), row(2, { deleted: true }), "gone", 0],
  ["deleted, then renamed", row(3), row(2, { deleted: true }), "stale", 1],
  ["nothing on the left", null, row(), "ghost", 0],
  ["nothing on the left, deleted on the right", null, row(2, { deleted: true }), "equal", 0],
  ["nothing on either side", null, null, "equal", 0],
  ["a newer version", row(1), row(3), "ahead", 2],
  ["another title", row(), row(1, { title: "b" }), "differs", 0],
]);
for (const [what, left, right, state, versions] of PAIRS) {
  test(`two rows are compared: ${what} is ${state}`, () => {
    assert.deepEqual(judge(left, right), { state, versions });
  });
}

test("a difference dates from the acknowledgement of the missing write", () => {
  const [got] = compareAt(1500, {
    left: [row(3)], right: [row(1)],
    journeys: [
      journey(1, { committed: 100, acknowledged: 110, projected: 130 }),
      journey(2, { committed: 200, acknowledged: 210 }),
      journey(3, { committed: 900, acknowledged: 910 }),
    ],
  });
  assert.deepEqual([got.state, got.versions, got.for_ms], ["stale", 2, 1290]);
  assert.equal(words(got), "stale by 2 versions for 1.29 s");
});

test("a moment before the answer shows the rows as they were then", () => {
  const given = {
    left: [row(2, { title: "title 2" })], right: [row(2, { title: "title 2" })],
    journeys: [
      journey(1, { committed: 100, acknowledged: 110, projected: 130 }),
      journey(2, { committed: 200, acknowledged: 210, projected: 400 }),
    ],
  };
  const [[before], [between], [after]] = [150, 300, 500].map((at_ms) => compareAt(at_ms, given));
  assert.deepEqual([before.state, before.left?.version, before.left?.title], ["equal", 1, "title 1"]);
  assert.deepEqual([between.state, between.right?.version, between.for_ms], ["stale", 1, 90]);
  assert.deepEqual([after.state, after.left?.version], ["equal", 2]);
  assert.deepEqual(compareAt(50, given), []);
});

test("hops after the answer are taken into account", () => {
  const [got] = compareAt(1200, { left: [], right: [], journeys: [ACKNOWLEDGED_ONLY] });
  assert.deepEqual([got.state, got.for_ms], ["missing", 90]);
});

test("a deleted todo is gone from both sides once its deletion is projected", () => {
  const given = {
    left: [], right: [row(2, { deleted: true })],
    journeys: [
      journey(1, { committed: 100, acknowledged: 110, projected: 130 }),
      journey(2, { committed: 200, acknowledged: 210, projected: 400 }, { type: "todo.deleted.v1" }),
    ],
  };
  const [[ghost], nothing] = [300, 500].map((at_ms) => compareAt(at_ms, given));
  assert.deepEqual([ghost.state, ghost.right?.version, ghost.for_ms], ["ghost", 1, 90]);
  assert.deepEqual(nothing, []);
});

const LOSSES = /** @type {[string, any, boolean][]} */ ([
  ["nothing is under way", {}, true],
  ["something is under way", { quiet_ms: null }, false],
  ["something was so a moment ago", { quiet_ms: 8000 }, false],
  ["the stores were asked before it was quiet", { asked_ms: 4000 }, false],
  ["it was found a moment ago", { noticed: [[1, 8000]] }, false],
  ["what is shown is late, and the stores agree by now", {
    journeys: [journey(1, { committed: 100, acknowledged: 110, projected: 8500 })], live_ms: 9100, asked_ms: 8000,
  }, false],
  ["the past is shown", { isPast: true }, false],
]);
for (const [when, changed, lost] of LOSSES) {
  test(`a todo is lost only if no event under way could bring it: ${when}`, () => {
    const [got] = compareAt("live_ms" in changed ? 8400 : 9000, {
      left: [row(1, { title: "title 1" })], right: [], asked_ms: 6000, quiet_ms: 5000, noticed: [[1, 5500]],
      journeys: [journey(1, { committed: 100, acknowledged: 110 })], ...changed,
    });
    assert.deepEqual([got.state, got.lost], ["missing", lost]);
    const said = verdictOf([got]);
    assert.equal(said.state, lost ? "lost" : "behind");
    if (lost) assert.equal(said.words, "1 lost: no event is under way that could bring it");
  });
}

test("a todo that MongoDB had and lost is missing from when that was noticed", () => {
  const given = {
    left: [row()], right: [], asked_ms: 6000, noticed: [[1, 5500]],
    journeys: [journey(1, { committed: 100, acknowledged: 110, projected: 130 })],
  };
  const [found] = compareAt(9000, given);
  assert.deepEqual([found.state, found.for_ms], ["missing", 3500]);
  // Nobody has noticed yet, so nobody knows since when.
  const [notFound] = compareAt(9000, { ...given, noticed: [] });
  assert.equal(words(notFound), "not there");
});

test("a ghost has to be removed, so it is not called lost", () => {
  const [got] = compareAt(9000, { left: [], right: [row()], asked_ms: 6000, quiet_ms: 5000, noticed: [[1, 5500]] });
  assert.deepEqual([got.state, got.lost], ["ghost", true]);
  assert.equal(words(got), "a ghost for 3.50 s");
  assert.equal(verdictOf([got]).words, "1 ghost: no event is under way that could remove it");
});

test("a difference has no duration before the acknowledgement", () => {
  const [got] = compareAt(1105, { left: [], right: [], journeys: [ACKNOWLEDGED_ONLY] });
  assert.equal(words(got), "not there");
  assert.equal(verdictOf([got]).words, "1 todo behind");
});

test("MongoDB does not have a write before PostgreSQL does", () => {
  // The trace of its projection is lost, and the scene is shown late.
  assert.deepEqual(compareAt(400, { left: [row()], right: [row()], journeys: [journey(1, { committed: 500 })] }), []);
});

test("the compared todos include the older ones that differ", () => {
  const older = { id: 3, at_ms: 1000, postgresql: row(2, { id: 3 }), mongodb: row(1, { id: 3 }) };
  const got = compareAt(1500, {
    left: [row(1, { id: 300 })], right: [row(1, { id: 300 })], after: 100,
    older: { todos: [older], differing: 1, compared: 100, since_ms: 500 },
  });
  assert.deepEqual(got.map(({ id, state }) => [id, state]), [[3, "stale"], [300, "equal"]]);
  // Not all the todos that differ are listed one by one.
  assert.equal(verdictOf(got, { todos: [older], differing: 40, compared: 100, since_ms: 500 }).words, "40 todos behind");
});

test("until the older todos have been compared, the verdict says so", () => {
  const got = compareAt(1500, { left: [row(1, { id: 300 })], right: [row(1, { id: 300 })], after: 100 });
  const begun = { todos: [], differing: 0, compared: 0, since_ms: null };
  assert.equal(verdictOf(got, begun).words, "consistent as to the newest; older todos are being compared");
  assert.equal(verdictOf(got, { ...begun, compared: 100, since_ms: 1200 }).words, "consistent");
});

test("in the past, older todos are known from their journeys", () => {
  // Newer todos have pushed it out of the window for which both stores are asked.
  const given = {
    left: [row(1, { id: 300 })], right: [row(1, { id: 300 })], after: 100, isPast: true,
    journeys: [journey(1, { committed: 200, acknowledged: 210, projected: 400 })],
  };
  const states = [150, 300, 500].map((at_ms) =>
    compareAt(at_ms, given).filter(({ id }) => id === 1).map(({ state }) => state));
  assert.deepEqual(states, [[], ["missing"], []]);
  const [untold] = compareAt(300, { ...given, journeys: [journey(1, { committed: 200, acknowledged: 210 })] });
  assert.deepEqual([untold.id, untold.state], [1, "unknown"]);
});

const SAMPLES = /** @type {[(number|null)[], number|null][]} */ ([
  [[0, 1, 0, 0], 3], [[0, 0], 1], [[0, 1], null], [[1, null], null], [[], null],
]);
for (const [outboxes, quiet_ms] of SAMPLES) {
  test(`quiet begins at the first of the last empty samples: ${JSON.stringify(outboxes)}`, () => {
    const projector = { queue: 0, unacked: 0, dead_letters: 0 };
    const samples = outboxes.map((outbox, index) => ({ at_ms: index + 1, told: { "command-service": { outbox }, projector } }));
    assert.equal(quietSince(samples), quiet_ms);
  });
}

test("nothing is judged if one side cannot be asked", () => {
  const [got] = compareAt(9000, { left: [row()], right: [], error: "down", quiet_ms: 1 });
  assert.deepEqual([got.state, got.lost], ["unknown", false]);
});

const NINE = Array.from({ length: 9 }, (_, index) => row(1, { id: index + 1 }));

test("the newest todos are shown if nothing can be judged", () => {
  const got = compareAt(9000, { left: NINE, right: [], error: "down" });
  assert.deepEqual(chosen(got, 3, 0).map(({ id }) => id), [7, 8, 9]);
});

test("todos that differ are shown before the newest", () => {
  const got = compareAt(9000, { left: NINE, right: NINE.filter(({ id }) => id !== 2) });
  assert.deepEqual(chosen(got, 3, 0).map(({ id }) => id), [2, 8, 9]);
  assert.deepEqual(chosen(got, 3, 2).map(({ id }) => id), [2, 8, 9, 7, 6]);
});
