/** What a page remembers, also in a browser that forbids it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { remembering } from "../../web/static/js/page/storage.js";

test("what is set is kept by the browser", () => {
  const kept = new Map();
  const storage = /** @type {any} */ ({
    getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => kept.set(name, value),
    removeItem: (/** @type {string} */ name) => kept.delete(name),
  });
  remembering(() => storage).setItem("tour", "done");
  assert.equal(kept.get("tour"), "done");
  assert.equal(remembering(() => storage).getItem("tour"), "done");
  remembering(() => storage).removeItem("tour");
  assert.equal(remembering(() => storage).getItem("tour"), null);
});

test("a browser that forbids it makes the page forget, and nothing fails", () => {
  const forbidden = () => { throw new Error("SecurityError"); };
  const storage = remembering(forbidden);
  assert.equal(storage.getItem("tour"), null);
  storage.setItem("tour", "done");
  assert.equal(storage.getItem("tour"), "done");
  assert.equal(remembering(forbidden).getItem("tour"), null);
});

test("a storage that is full is remembered past, until it takes a value again", () => {
  const kept = new Map([["theme", "light"]]);
  let isFull = true;
  const storage = remembering(() => /** @type {any} */ ({
    getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => {
      if (isFull) throw new DOMException("full", "QuotaExceededError");
      kept.set(name, value);
    },
    removeItem: (/** @type {string} */ name) => kept.delete(name),
  }));
  storage.setItem("theme", "dark");
  assert.equal(storage.getItem("theme"), "dark");
  isFull = false;
  storage.setItem("theme", "dim");
  assert.equal(storage.getItem("theme"), "dim");
  isFull = true;
  storage.setItem("theme", "dark");
  storage.removeItem("theme");
  assert.equal(storage.getItem("theme"), null);
});
