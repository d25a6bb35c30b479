/** The explanations: nothing on the page lacks one, and each is true of this repository. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { WORDS } from "../../web/static/js/panels/explain/words/words.js";
import { nowOf } from "../../web/static/js/panels/explain/now.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { NODES, SIDE_NODES } from "../../web/static/js/stage/table.js";

const ROOT = new URL("../../", import.meta.url);
const FIGURES = [
  "verdict", "behind", "queue-depth", "factor", "live", "t-visibility", "lag", "two-truths", "figure", "two-databases",
  "guarantee-none", "guarantee-token", "guarantee-wait", "guarantee-seen",
];
const LONGEST = 520

/** @param {string} path In the repository. */
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");

test("every node of the stage and every figure has an explanation", () => {
  for (const key of [...[...NODES, ...SIDE_NODES].map(({ name }) => name), ...FIGURES]) assert.ok(key in WORDS, key);
});

test("whatever the page's markup and code ask to have explained has an explanation", () => {
  const files = /** @type {string[]} */ (readdirSync(new URL("web/static/js", ROOT), { recursive: true }))
    .filter((name) => /\.(js|html)$/.test(name)).map((name) => read(`web/static/js/${name}`));
  const keys = files.flatMap((text) => [...text.matchAll(/"?data-explain"?(?:=|: )"([\w-]+)"/g)].map(([, key]) => key));
  assert.ok(keys.includes("figure"));
  for (const key of keys) assert.ok(key in WORDS, key);
});

test("every explanation is complete and short, and names code that exists", () => {
  for (const [key, { name, does, why, gone, code, see = [] }] of Object.entries(WORDS)) {
    for (const words of [name, does, why, ...gone]) assert.ok(words.trim(), key);
    for (const words of [does, why, gone[1]]) assert.match(words, /^[A-Z◂].*\.$/, key);
    assert.ok([does, why, ...gone].join(" ").length <= LONGEST, `${key} is too long`);
    assert.ok(existsSync(new URL(code, ROOT)), `${key}: ${code}`);
    for (const other of see) assert.ok(other in WORDS && other !== key, `${key}: ${other}`);
  }
});

test("an explanation says what there is now", () => {
  const journal = new Journal();
  journal.told.health.add(1000, { "command-service": { up: true, checks: { postgresql: "ok" } } });
  journal.told.holds.add(1000, { "command-service": { todos: 3, outbox: 2 } });
  journal.told.switches.add(1000, { relay: { pause: { on: true }, slow: { on: false } }, projector: { slow: { on: true, delay_ms: 250 } },
    "relay-rabbitmq": { reset_peer: { on: true }, latency: { on: false } } });
  const scene = /** @type {any} */ ({ at_ms: 2000, behind_ms: 0, isPast: false, now_ms: 2000, shown: new Map(), undrawn: [], wentBy: 0 });
  const shown = { scene, facts: factsOf(journal, scene), journal, factor: 300 };
  const said = (/** @type {string} */ key) => nowOf(key, shown);
  assert.equal(said("outbox"), "2 waiting");
  assert.equal(said("relay-rabbitmq"), "reset peer by the lab");
  assert.equal(said("relay-postgresql"), "");
  assert.equal(said("factor"), "300× slower");
  assert.equal(said("behind"), "0 writes");
  assert.equal(said("guarantee-none"), "");
  assert.match(said("relay"), /not heard of yet, paused by the lab/);
});
