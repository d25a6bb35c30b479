/** No false alarm: what is only late is never shown as lost, or as a ghost, in whatever order the news comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, property } from "fast-check";
import { words } from "../../web/static/js/facts/compare.js";
import { course, courseOf, pictures } from "./world.js";

/**
 * Checks every picture of a world.
 * @param {import("./world.js").Course} world
 */
function checkStates(world) {
  for (const { facts, scene, all } of pictures(world)) {
    const deleted = new Set(all.filter(({ version }) => version === 2).map(({ id }) => id));
    const wrong = facts.truths.compared.filter(({ id, state, lost }) =>
      lost || !["missing", "equal", ...(deleted.has(id) ? ["lingering"] : [])].includes(state));
    assert.deepEqual(wrong, [], `${scene.mode} at ${scene.at_ms}`);
    assert.doesNotMatch(facts.truths.compared.map((each) => words(each)).join(), /lost|ghost/);
  }
}

test("a todo that is only late is missing or still there, and never lost or a ghost", () => {
  holds(property(course, checkStates), { numRuns: 100 });
});

test("a row of which only the version is known does not differ from one of the same version", () => {
  const ways = [
    { late: [810, 796, 795, 810, 808, 764, 382, 62], deletes: { after: 1, outbox: 1, late: [30, 416, 30, 30, 30, 30, 30, 30] } },
    {},
  ];
  checkStates(courseOf({ ways, looks: [117, 3000, 100, 100, 100, 3000], right: [2] }));
});
