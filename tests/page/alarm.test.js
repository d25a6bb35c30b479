/** No false alarm: what is only late is never shown as lost, or as a ghost, in whatever order the news comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, property } from "fast-check";
import { words } from "../../web/static/js/facts/compare.js";
import { course, pictures } from "./world.js";

test("a todo that is only late is missing or still there, and never lost or a ghost", () => {
  holds(property(course, (given) => {
    for (const { facts, scene, all } of pictures(given)) {
      const deleted = new Set(all.filter(({ version }) => version === 2).map(({ id }) => id));
      const wrong = facts.truths.compared.filter(({ id, state, lost }) =>
        lost || !["missing", "equal", ...(deleted.has(id) ? ["lingering"] : [])].includes(state));
      assert.deepEqual(wrong, [], `${scene.mode} at ${scene.at_ms}`);
      assert.doesNotMatch(facts.truths.compared.map((each) => words(each)).join(), /lost|ghost/);
    }
  }), { numRuns: 100 });
});
