/** What a key does, depending on where the focus is. */
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
  ["k", { focus: "choice", keysOn: true }, null],
]);
for (const [key, where, action] of CASES) {
  const keys = where.keysOn ? "everywhere" : "on the stage";
  test(`a key acts only where the page claims it: ${JSON.stringify(key)}, single keys ${keys}, focus ${where.focus}`, () => {
    assert.equal(actionFor(/** @type {any} */ ({ key, shiftKey: false }), { scrolls: false, presents: false, ...where }), action);
  });
}

const EVERYWHERE = /** @type {const} */ (["field", "choice", "control", "scrubber", "stage", "list", "none"]);
for (const keysOn of [true, false]) {
  const keys = keysOn ? "everywhere" : "on the stage";
  test(`in the presenter view a remote always works, with single keys ${keys}; in a field a period is written`, () => {
    const given = (/** @type {string} */ key) => EVERYWHERE.map((focus) => actionFor(
      /** @type {any} */ ({ key, shiftKey: false }), { focus, keysOn, scrolls: false, presents: true },
    ));
    assert.deepEqual(given("PageDown"), EVERYWHERE.map(() => "forward"));
    assert.deepEqual(given("PageUp"), EVERYWHERE.map(() => "back"));
    assert.deepEqual(given("."), EVERYWHERE.map((focus) => (focus === "field" ? null : "toggle")));
    assert.deepEqual([given("k")[0], given("k")[1]], [null, null]);
  });
}

/** @param {object} event */
const onStage = (event) =>
  actionFor(/** @type {any} */ ({ shiftKey: false, ...event }), { focus: "stage", keysOn: false, scrolls: true, presents: false });

test("a letter acts in upper or lower case, and a sign with or without Shift", () => {
  assert.deepEqual([onStage({ key: "K", shiftKey: true }), onStage({ key: "?", shiftKey: true }), onStage({ key: "+" })], ["toggle", "help", "faster"]);
});

test("an arrow key with Shift moves by one second", () => {
  assert.deepEqual([onStage({ key: "ArrowRight", shiftKey: true }), onStage({ key: "ArrowLeft", shiftKey: true })], ["later", "earlier"]);
});

for (const held of ["ctrlKey", "altKey", "metaKey"]) {
  test(`with ${held} a key belongs to the browser`, () => assert.equal(onStage({ key: "k", [held]: true }), null));
}

test("a key that the page does not know is left alone", () => {
  assert.deepEqual([onStage({ key: "x" }), onStage({ key: "Tab" }), onStage({ key: "Enter" })], [null, null, null]);
});
