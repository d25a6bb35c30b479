/** A shell reads the curl command of an action as exactly what the page sends. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import * as fc from "fast-check";
import { curl, serviceUrl, spaced } from "../../web/static/js/send/curl.js";

const JSON_TYPE = { "Content-Type": "application/json" };
/** A curl that only prints its arguments, each with a NUL after it. */
const CURL = `curl() { printf '%s\\0' "$@"; }; `;

/** @param {string} title */
const posted = (title) =>
  curl({ method: "POST", url: serviceUrl("/commands/todos"), headers: JSON_TYPE, body: spaced({ title }) });

/** @param {string} line */
const wordsOf = (line) => execFileSync("sh", ["-c", CURL + line], { encoding: "utf8" }).split("\0").slice(0, -1);

/** @param {string} title */
function assertReadBack(title) {
  const words = wordsOf(posted(title));
  const url = "http://localhost:5001/todos";
  assert.deepEqual(words.slice(0, -1), ["-X", "POST", url, "-H", "Content-Type: application/json", "-d"]);
  assert.deepEqual(JSON.parse(words.at(-1) ?? ""), { title });
}

const TITLES = [
  "Learn CQRS",
  "it's \"quoted\" $HOME `id` \\ !",
  "<script>alert(1)</script> & more",
  "שלום עולם",
  "'; rm -rf / #",
];
for (const title of TITLES) test(`a shell reads back the title: ${title}`, () => assertReadBack(title));

test("a shell reads back any title", () => {
  const title = fc.string({ unit: fc.constantFrom(..."ab '\"$`\\!\n\t\0é🙂-;&|<>*?~#%{}()[]"), maxLength: 40 });
  fc.assert(fc.property(title, assertReadBack), { numRuns: 100 });
});

test("the command reads as in the README", () => {
  assert.equal(posted("Learn CQRS"), 'curl -X POST http://localhost:5001/todos -H "Content-Type: application/json"'
    + ` -d '{"title": "Learn CQRS"}'`);
});

test("a read is a GET with its headers", () => {
  const headers = { "Consistency-Token": "1.2", Prefer: "wait=2" };
  const line = curl({ method: "GET", url: serviceUrl("/queries/todos"), headers });
  assert.equal(line, 'curl http://localhost:5002/todos -H "Consistency-Token: 1.2" -H "Prefer: wait=2"');
});

const PORTS = { "command-service": 8001, "query-service": 8002 };
const PATHS = ["/commands/todos", "/queries/todos/1", "/export"];

for (const origin of ["http://localhost:5003", "http://127.0.0.1:5003", "http://[::1]:5003", "http://room.localhost:5003"]) {
  test(`on the stack's own machine, ${origin}, requests go to the services themselves`, () => {
    const got = PATHS.map((path) => serviceUrl(path, PORTS, origin));
    assert.deepEqual(got, ["http://localhost:8001/todos", "http://localhost:8002/todos/1", `${origin}/export`]);
  });
}

for (const origin of ["https://room.example", "http://192.168.1.5:5003", "http://[fe80::1]:5003", "http://localhost.example"]) {
  test(`from elsewhere, ${origin}, requests go through the page's own address`, () => {
    assert.deepEqual(PATHS.map((path) => serviceUrl(path, PORTS, origin)), PATHS.map((path) => origin + path));
  });
}
