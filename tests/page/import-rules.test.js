/** The page's import rules: they report what they should, and nothing else. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { cyclesOf, faultsOf, importsOf, readImports } from "../../lint/import-rules.js";

const ROOMS = new URL("../../web/static/js", import.meta.url).pathname;
const rules = { a: [], b: ["a"], panels: ["a"], "main.js": ["a", "b"] };

test("imports of code and of types are found, and imports from packages are ignored", () => {
  const text = `
    import { one } from "./one.js";
    import "../a/two.js";
    export { three } from "../a/three.js";
    const four = await import("./deep/four.js");
    /** @typedef {import("../a/five.js").Five} Five */
    /** @import { Six } from "../a/six.js" */
    import assert from "node:assert";
  `;
  assert.deepEqual(importsOf("b/here.js", text).map(([, to]) => to), [
    "b/one.js", "a/two.js", "a/three.js", "b/deep/four.js", "a/five.js", "a/six.js",
  ]);
});

test("a file above the rooms is named with two dots", () => {
  assert.deepEqual(importsOf("b/here.js", 'import x from "../../vendor/x.js";'), [["b/here.js", "../vendor/x.js"]]);
});

test("a room may import only itself and the rooms that its rule names", () => {
  assert.deepEqual(faultsOf([["b/x.js", "b/y.js"], ["b/x.js", "a/z.js"], ["main.js", "b/x.js"]], rules), []);
  assert.deepEqual(faultsOf([["a/z.js", "b/x.js"]], rules), ["a/z.js may not import b/x.js"]);
  assert.deepEqual(faultsOf([["b/x.js", "../vendor/x.js"]], rules), ["b/x.js may not import ../vendor/x.js"]);
});

test("a room without a rule may import nothing", () => {
  assert.deepEqual(faultsOf([["new/x.js", "a/z.js"]], rules), ["new/x.js may not import a/z.js"]);
});

test("one panel may not import another", () => {
  assert.deepEqual(faultsOf([["panels/list/list.js", "panels/list/row.js"]], rules), []);
  assert.deepEqual(faultsOf([["panels/list/list.js", "panels/reads/reads.js"]], rules), [
    "panels/list/list.js may not import panels/reads/reads.js",
  ]);
});

test("a circle is found even inside a room, and named once", () => {
  const circle = /** @type {const} */ ([["a/1.js", "a/2.js"], ["a/2.js", "a/3.js"], ["a/3.js", "a/1.js"], ["b/x.js", "a/1.js"]]);
  assert.deepEqual(cyclesOf(circle), [["a/1.js", "a/2.js", "a/3.js"]]);
  assert.deepEqual(faultsOf(circle, rules), ["these import each other in a circle: a/1.js, a/2.js, a/3.js"]);
  assert.deepEqual(cyclesOf([["a/1.js", "a/2.js"], ["a/1.js", "a/3.js"], ["a/2.js", "a/3.js"]]), []);
});

test("the page keeps its rules", () => {
  const imports = readImports(ROOMS);
  assert.ok(imports.length > 80, "its modules are read");
  assert.deepEqual(faultsOf(imports), []);
});

test("main.js leads to every module of the page", () => {
  const imports = readImports(ROOMS);
  const reached = new Set(["main.js"]);
  for (const file of reached) for (const [from, to] of imports) if (from === file) reached.add(to);
  const files = readdirSync(ROOMS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  assert.deepEqual(files.filter((file) => !reached.has(file)), []);
});
