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

test("only the port comes from the addresses at which web reaches the services", () => {
  const ports = { "command-service": 8001, "query-service": 8002 };
  const got = ["/commands/todos", "/queries/todos/1", "/export"].map((path) => serviceUrl(path, ports, "https://room.example"));
  assert.deepEqual(got, ["http://localhost:8001/todos", "http://localhost:8002/todos/1", "https://room.example/export"]);
});
