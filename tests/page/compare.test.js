/** The two truths compared: how rows differ, and since when, at each moment. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chosen, compare, judge, words } from "../../web/static/js/facts/compare.js";
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
  const answered_ms = asked_ms + (given.took_ms ?? 0);
  return compare({
    truths: {
      at_ms: asked_ms, after: given.after ?? 0, older: given.older, since: given.since, proof: given.proof,
      postgresql: { asked_ms, at_ms: answered_ms, todos: given.left, error: null },
      mongodb: { asked_ms, at_ms: answered_ms, todos: given.right, error: given.error ?? null },
    },
    journeys: given.journeys ?? [], momentOf: () => at_ms, isPast: given.isPast ?? false,
    onTheWay: new Set(given.onTheWay ?? []),
  });
}

/**
 * @param {ReturnType<typeof compare>} compared
 * @param {any} [older]
 */
function verdictOf(compared, older) {
  const asked = { asked_ms: 1, at_ms: 1, todos: [], error: null };
  return verdict(compared, { at_ms: 1, after: 9, older, postgresql: asked, mongodb: asked }, {});
}

const PAIRS = /** @type {const} */ ([
  ["the same", row(), row(), "equal", 0],
  ["nothing on the right", row(), null, "missing", 1],
  ["an older version", row(3), row(1), "stale", 2],
  ["deleted on the right", row(2), row(2, { deleted: true }), "gone", 0],
  ["deleted, then renamed", row(3), row(2, { deleted: true }), "stale", 1],
  ["nothing on the left", null, row(), "lingering", 0],
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
  const [[lingering], nothing] = [300, 500].map((at_ms) => compareAt(at_ms, given));
  assert.deepEqual([lingering.state, lingering.right?.version, lingering.for_ms], ["lingering", 1, 90]);
  assert.equal(words(lingering), "still there for 90.0 ms");
  assert.deepEqual(nothing, []);
});

test("a write that came while a store was being asked is not taken to be in its answer", () => {
  const given = { asked_ms: 1000, took_ms: 200, left: [], right: [], journeys: [ACKNOWLEDGED_ONLY] };
  assert.equal(compareAt(1500, given)[0].state, "missing");
  // This answer has it, although it was asked for before the write.
  assert.equal(compareAt(1500, { ...given, left: [row()] })[0].state, "missing");
});

test("what an answer shows is undone at an earlier moment, even if its hop was recorded later", () => {
  const given = {
    asked_ms: 1000, left: [row()], right: [row()],
    journeys: [journey(1, { committed: 900, acknowledged: 910, projected: 1030 })],
  };
  assert.deepEqual([950, 1020, 1040].map((at_ms) => compareAt(at_ms, given)[0].state), ["missing", "missing", "equal"]);
});

test("a projected write has been written, even if the record of its commit has not come", () => {
  const got = compareAt(1500, {
    left: [], right: [row(1, { title: "title 1" })], journeys: [journey(1, { received: 1090, projected: 1130 })],
  });
  assert.deepEqual(got.map(({ state }) => state), ["equal"]);
});

const PROOF = { settled_ms: 5000, at_ms: 6000, todos: [1] };
const LOSSES = /** @type {[string, any, boolean][]} */ ([
  ["web has proved it", {}, true],
  ["web has not", { proof: null }, false],
  ["the proof names other todos only", { proof: { ...PROOF, todos: [2] } }, false],
  ["the moment shown lies before the proof", { at_ms: 5900 }, false],
  ["something has happened to it since", {
    journeys: [journey(1, { committed: 100, acknowledged: 110 }), journey(2, { received: 6500, committed: 6510 })],
  }, false],
  ["something happens to it later", { journeys: [journey(1, { committed: 100, acknowledged: 110 }), journey(2, { received: 9500 })] }, true],
  ["a past moment after the proof is shown", { isPast: true }, true],
  ["a past moment before the proof is shown", { isPast: true, at_ms: 5900 }, false],
]);
for (const [when, { at_ms = 9000, ...changed }, lost] of LOSSES) {
  test(`a todo is lost only by a proof: ${when}`, () => {
    const [got] = compareAt(at_ms, {
      left: [row(1, { title: "title 1" })], right: [], asked_ms: 5500, proof: PROOF,
      journeys: [journey(1, { committed: 100, acknowledged: 110 })], ...changed,
    });
    assert.equal(got.lost, lost);
    const said = verdictOf([got]);
    assert.equal(said.state, lost ? "lost" : "behind");
    if (lost) assert.equal(said.words, "1 lost: no event is under way that could bring it");
  });
}

test("a todo that MongoDB had and lost is missing from when web noticed", () => {
  const given = {
    left: [row()], right: [], asked_ms: 6000, since: { 1: 5500 },
    journeys: [journey(1, { committed: 100, acknowledged: 110, projected: 130 })],
  };
  const [found] = compareAt(9000, given);
  assert.deepEqual([found.state, found.for_ms], ["missing", 3500]);
  // Nobody has noticed yet, so nobody knows since when.
  const [notFound] = compareAt(9000, { ...given, since: {} });
  assert.equal(words(notFound), "not there");
});

test("what MongoDB alone has is a ghost only by a proof", () => {
  const given = { left: [], right: [row()], asked_ms: 5500, since: { 1: 5500 } };
  const [got] = compareAt(9000, given);
  assert.deepEqual([got.state, words(got)], ["lingering", "still there for 3.50 s"]);
  const [ghost] = compareAt(9000, { ...given, proof: PROOF });
  assert.equal(words(ghost), "a ghost for 3.50 s");
  assert.equal(verdictOf([ghost]).words, "1 ghost: no event is under way that could remove it");
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
  const older = { id: 3, asked_ms: 1000, at_ms: 1000, since_ms: 900, postgresql: row(2, { id: 3 }), mongodb: row(1, { id: 3 }) };
  const got = compareAt(1500, {
    left: [row(1, { id: 300 })], right: [row(1, { id: 300 })], after: 100,
    older: { todos: [older], differing: 1, compared: 100, since_ms: 500 },
  });
  assert.deepEqual(got.map(({ id, state }) => [id, state]), [[3, "stale"], [300, "equal"]]);
  // Not all the todos that differ are listed one by one.
  assert.equal(verdictOf(got, { todos: [older], differing: 40, compared: 100, since_ms: 500 }).words, "40 todos behind, the oldest for 600 ms");
});

test("until the older todos have been compared, the verdict says so", () => {
  const got = compareAt(1500, { left: [row(1, { id: 300 })], right: [row(1, { id: 300 })], after: 100 });
  const begun = { todos: [], differing: 0, compared: 0, since_ms: null };
  assert.equal(verdictOf(got, begun).words, "todos consistent as to the newest; older todos are being compared");
  assert.equal(verdictOf(got, { ...begun, compared: 100, since_ms: 1200 }).words, "todos consistent");
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

test("an older todo stays in the comparison while its mark is on its way", () => {
  const given = {
    left: [row(1, { id: 300 })], right: [row(1, { id: 300 })], after: 100,
    journeys: [journey(1, { committed: 200, acknowledged: 210, projected: 400 })],
  };
  const ids = (/** @type {number[]} */ onTheWay) => compareAt(300, { ...given, onTheWay }).map(({ id }) => id);
  assert.deepEqual([ids([1]), ids([])], [[1, 300], [300]]);
});

test("nothing is judged if one side cannot be asked", () => {
  const [got] = compareAt(9000, { left: [row()], right: [], error: "down", proof: PROOF });
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
