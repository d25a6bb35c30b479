/** Whether the teacher's bar is shown. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Teaching } from "../../web/static/js/page/teaching.js";

class FakeLook extends EventTarget {
  isOn = false;

  isPresenting() {
    return this.isOn;
  }

  togglePresent() {
    this.isOn = !this.isOn;
    this.dispatchEvent(new Event("change"));
  }
}

function aPage() {
  /** @type {Map<string, string>} */
  const attributes = new Map();
  return /** @type {any} */ ({
    hasAttribute: (/** @type {string} */ name) => attributes.has(name),
    getAttribute: (/** @type {string} */ name) => attributes.get(name) ?? null,
    setAttribute: (/** @type {string} */ name, /** @type {string} */ value) => attributes.set(name, value),
    removeAttribute: (/** @type {string} */ name) => attributes.delete(name),
  });
}

test("the bar is hidden until it is wanted, and stays as it is left", () => {
  const look = new FakeLook();
  const teaching = new Teaching(aPage(), look);
  look.togglePresent();
  assert.equal(teaching.isShown, false);
  teaching.toggle();
  assert.equal(teaching.isShown, true);
  look.togglePresent();
  assert.equal(teaching.isShown, false);
  look.togglePresent();
  assert.equal(teaching.isShown, true);
  teaching.toggle();
  assert.equal(teaching.isShown, false);
});

test("at the desk, asking for the bar leads to the presenter view with the bar", () => {
  const look = new FakeLook();
  const teaching = new Teaching(aPage(), look);
  teaching.toggle();
  assert.ok(look.isPresenting());
  assert.ok(teaching.isShown);
  // Left with the bar open, it is there again at the next time, and one press does not hide it unseen.
  look.togglePresent();
  teaching.toggle();
  assert.ok(teaching.isShown);
});

test("each change is told once", () => {
  const look = new FakeLook();
  const teaching = new Teaching(aPage(), look);
  let told = 0;
  teaching.addEventListener("change", () => { told += 1; });
  teaching.toggle();
  teaching.toggle();
  look.togglePresent();
  assert.equal(told, 3);
});
