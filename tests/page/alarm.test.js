/** No false alarm: what is only late is never shown as lost, or as a ghost, in whatever order the news comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, property } from "fast-check";
import { course, pictures } from "./world.js";

test("a todo that is created and never deleted is only ever missing or equal, and never lost", () => {
  holds(property(course, (given) => {
    for (const { facts, scene } of pictures(given)) {
      const wrong = facts.truths.compared.filter(({ state, lost }) => lost || (state !== "missing" && state !== "equal"));
      assert.deepEqual(wrong, [], `${scene.mode} at ${scene.at_ms}`);
    }
  }), { numRuns: 200 });
});
