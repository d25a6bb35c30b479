/** What a key does, by where the focus is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { actionFor } from "../../web/static/js/page/keys.js";

const CASES = /** @type {const} */ ([
  ["k", { focus: "stage", keysOn: false }, "toggle"],
  ["k", { focus: "none", keysOn: false }, null],
  ["k", { focus: "field", keysOn: true }, null],
  [" ", { focus: "control", keysOn: true }, null],
  [".", { focus: "control", keysOn: true }, "toggle"],
  ["PageDown", { focus: "none", keysOn: false }, "forward"],
  ["PageDown", { focus: "none", keysOn: true, scrolls: true }, null],
  ["ArrowLeft", { focus: "scrubber", keysOn: false }, "back"],
  ["ArrowLeft", { focus: "list", keysOn: true }, null],
  ["ArrowLeft", { focus: "control", keysOn: false }, "back"],
]);
for (const [key, where, action] of CASES) {
  const keys = where.keysOn ? "everywhere" : "on the stage";
  test(`a key acts only where it is ours: ${JSON.stringify(key)}, single keys ${keys}, focus ${where.focus}`, () => {
    assert.equal(actionFor(/** @type {any} */ ({ key, shiftKey: false }), { scrolls: false, ...where }), action);
  });
}
