/** The lab's panel: what is drawn of what the places describe, and the lines that do the same without the page. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import * as fc from "fast-check";
import { armedIn, leftOf } from "../../web/static/js/facts/armed.js";
import { PLACES, inFlow, placeOf, placesAt } from "../../web/static/js/facts/places.js";
import { choicesAt } from "../../web/static/js/panels/explain/explain.js";
import { LINKS } from "../../web/static/js/panels/explain/words/links.js";
import { commandOf, curlOf, pathOf } from "../../web/static/js/panels/lab/lines.js";
import { quickOf } from "../../web/static/js/panels/lab/quick.js";
import { GROUPS, fieldOf, inGroup, labelOf, settingOf } from "../../web/static/js/panels/lab/settings.js";
import { heldSays } from "../../web/static/js/panels/lab/switch.js";
import { armedSays, changesIn, goneSays, goneWith, kindOf, leftSays, stateSays } from "../../web/static/js/panels/lab/words.js";
import { PIPES } from "../../web/static/js/stage/table.js";

/** @typedef {import("../../web/static/js/journal/types.js").Parameter} Parameter */

/** @type {Parameter} */
const FOR_S = { name: "for_s", does: "It ends by itself.", kind: "number", unit: "s", least: 1, most: 600, default: 600, group: "time" };
/** @type {Parameter} */
const DELAY = { name: "delay_ms", does: "How long.", kind: "number", unit: "ms", least: 0, most: 60_000, default: 1000, group: "setting" };
/** @type {Parameter} */
const AT = {
  name: "at", does: "Where it acts.", kind: "choice", default: "before-write", group: "setting",
  choices: [{ value: "before-write", says: "before the write" }, { value: "after-write", says: "after the write, before the ack" }],
};
/** @type {Parameter[]} */
const MATCH = [
  { name: "todo", does: "Only this.", kind: "number", unit: "id", least: 1, most: 99, default: null, group: "match" },
  { name: "word", does: "Only these.", kind: "text", unit: "characters", least: 1, most: 200, default: null, group: "match" },
];
const CRASH = { does: "Kills the process.", teaches: "What is not durable is lost.", kind: /** @type {const} */ ("fault"), parameters: [AT, ...MATCH, FOR_S] };
const PAUSE = { does: "Takes no new events.", teaches: "They wait.", kind: /** @type {const} */ ("fault"), parameters: [FOR_S] };
const SLOW = { does: "Waits.", teaches: "The slowest sets the pace.", kind: /** @type {const} */ ("fault"), parameters: [DELAY, FOR_S] };
const KILL = { does: "Kills it.", kind: /** @type {const} */ ("action"), parameters: [] };

/** @param {object} more */
const state = (more) => /** @type {import("../../web/static/js/facts/armed.js").Setting} */ ({ on: true, state: "armed", fired: 0, cleared: null, until_ms: null, ...more });

test("places stand in the order of the flow, and those that no picture knows come last", () => {
  const names = inFlow(["replica", "mongodb", "relay-rabbitmq", "projector", "relay"]).map(({ place }) => place);
  assert.deepEqual(names, ["relay", "relay-rabbitmq", "projector", "mongodb", "replica"]);
  assert.deepEqual(placeOf("slow-replica"), { place: "slow-replica", kind: "process", name: "Slow replica", says: "the slow-replica", at: ["slow-replica"] });
});

test("every pipe that is seen is a link of the lab, with an explanation", () => {
  const links = PLACES.filter(({ kind }) => kind === "link").map(({ place }) => place);
  assert.deepEqual(PIPES.flatMap(({ link }) => link ?? []).toSorted(), links.toSorted());
  assert.deepEqual(Object.keys(LINKS).toSorted(), links.toSorted());
});

test("a node offers its own switches, and the links that end there", () => {
  const places = { "relay": { crash: CRASH, pause: PAUSE }, "relay-rabbitmq": { latency: SLOW }, "rabbitmq": { kill: KILL }, "projector": { pause: PAUSE } };
  assert.deepEqual(placesAt("relay", Object.keys(places)).map(({ place }) => place), ["relay", "relay-rabbitmq"]);
  assert.deepEqual(choicesAt("relay", places).map(({ says }) => says), ["Crash", "Pause", "the link relay to RabbitMQ"]);
  assert.deepEqual(choicesAt("dead-letters", places).map(({ place, name }) => [place, name]), [["rabbitmq", "kill"], ["relay-rabbitmq", null]]);
  assert.deepEqual(choicesAt("relay-rabbitmq", places).map(({ says }) => says), ["Latency"]);
  assert.deepEqual(choicesAt("verdict", places), []);
});

test("what is left as it would be anyway is not sent", () => {
  assert.deepEqual(settingOf(CRASH.parameters, new Map()), { on: true });
  const typed = new Map([["at", "after-write"], ["todo", "5"], ["word", " milk "], ["for_s", "600"]]);
  assert.deepEqual(settingOf(CRASH.parameters, typed), { on: true, at: "after-write", todo: 5, word: "milk" });
  assert.deepEqual(settingOf([DELAY], new Map([["delay_ms", "0"]])), { on: true, delay_ms: 0 });
});

test("what is sent and shown again is the same setting", () => {
  const value = fc.record({ at: fc.constantFrom("before-write", "after-write"), todo: fc.option(fc.integer({ min: 1, max: 99 })), for_s: fc.integer({ min: 1, max: 600 }) });
  fc.assert(fc.property(value, (values) => {
    const shown = state(values);
    const again = settingOf(CRASH.parameters, new Map(CRASH.parameters.map((each) => [each.name, fieldOf(each, shown)])));
    const { on: _, ...given } = again;
    const usual = Object.fromEntries(CRASH.parameters.flatMap((each) => (each.default === null ? [] : [[each.name, each.default]])));
    const known = Object.fromEntries(Object.entries(values).filter(([, it]) => it !== null));
    assert.deepEqual({ ...usual, ...given }, { ...usual, ...known });
  }));
});

test("a switch that is off shows what it takes usually; every parameter is in a group", () => {
  assert.equal(fieldOf(DELAY, null), "1000");
  assert.equal(fieldOf(DELAY, state({ on: false, delay_ms: 5 })), "1000");
  assert.equal(fieldOf(DELAY, state({ delay_ms: 5 })), "5");
  assert.deepEqual(GROUPS.flatMap(({ group }) => inGroup(CRASH.parameters, group)), CRASH.parameters);
  assert.deepEqual([DELAY, FOR_S, AT].map(labelOf), ["delay", "for", "at"]);
});

test("a process of an older version says less of its switches, and they are drawn all the same", () => {
  const old = { name: "delay_ms", unit: "ms", least: 0, most: 9, default: 1 };
  assert.deepEqual(settingOf([old], new Map([["delay_ms", "3"]])), { on: true, delay_ms: 3 });
  assert.equal(kindOf({ does: "It does.", parameters: [] }), "fault");
  assert.equal(kindOf(/** @type {any} */ ({ does: "It does.", kind: "constructor", parameters: [] })), "fault");
  assert.equal(stateSays(/** @type {any} */ ({ on: true }), null), "on");
});

test("a switch says how it stands", () => {
  assert.equal(stateSays(null, null), "not heard of");
  assert.equal(stateSays(state({ on: false, state: "off" }), null), "off");
  assert.equal(stateSays(state({}), 58_200), "armed, 59 s left");
  assert.equal(stateSays(state({ state: "fired", fired: 2 }), null), "fired twice");
  assert.equal(stateSays(state({ on: false, state: "cleared", cleared: "by-hand" }), null), "cleared by hand");
  assert.equal(stateSays(state({ on: false, state: "cleared", cleared: "count", fired: 3 }), null),
    "fired 3 times, then cleared: it was to act no more often");
  assert.deepEqual([0, 1, 120_000, 120_001, 600_000].map(leftSays), ["0 s left", "1 s left", "120 s left", "2 min left", "10 min left"]);
});

test("what is on is told in the order of the flow, with what is left of its time at the moment shown", () => {
  const switches = {
    "projector": { crash: state({ at: "after-write", until_ms: 61_000 }), pause: state({ on: false }) },
    "relay": { pause: state({}) }, "query-service": null,
  };
  const armed = armedIn(switches, 1000);
  assert.deepEqual(armed.map(({ place, name, left_ms }) => [place.place, name, left_ms]), [["relay", "pause", null], ["projector", "crash", 60_000]]);
  assert.deepEqual(armedSays(armed[1]), { where: "Projector", which: "crash after write", fired: "" });
  assert.equal(leftOf(state({ until_ms: 500 }), 1000), 0);
});

test("what changes is read out, and what is heard of for the first time is not", () => {
  const [off, on] = [{ relay: { pause: state({ on: false, state: "off" }) } }, { relay: { pause: state({}) } }];
  assert.deepEqual(changesIn({}, on), []);
  assert.deepEqual(changesIn(off, on), ["Relay: pause, armed."]);
  assert.deepEqual(changesIn(on, { relay: { pause: state({ state: "fired", fired: 1 }) } }), ["Relay: pause, fired once."]);
  assert.deepEqual(changesIn(on, { relay: { pause: state({ on: false, state: "cleared", cleared: "time" }) } }), ["Relay: pause, cleared: its time was over."]);
  assert.deepEqual(changesIn(on, { relay: null }), []);
});

test("what is held is named, with how long it has been", () => {
  assert.equal(heldSays({ todo: 5, title: "Buy milk", at: "after-write", since_ms: 1000 }, 13_400), "Buy milk (#5), after write, for 12 s");
  assert.equal(heldSays({ event: "0a1b2c3d-4e5f" }, 0), "event 0a1b2c3d");
  assert.equal(heldSays({ since_ms: 1000 }, 900), "the work, for less than 1 s");
});

test("the bar's own buttons are faults that need no setting", () => {
  assert.deepEqual(quickOf({ "projector": { crash: CRASH, slow: SLOW, pause: PAUSE }, "relay": { pause: PAUSE }, "rabbitmq": { kill: KILL } }),
    [{ place: "relay", name: "pause" }, { place: "projector", name: "pause" }]);
});

test("the lines read as in the README", () => {
  const setting = { on: true, at: "after-write", todo: 5 };
  assert.equal(curlOf("projector", "crash", setting, "http://localhost:5003"),
    'curl -X PUT http://localhost:5003/lab/projector/switches/crash -H "Authorization: Bearer $HOST_KEY"'
    + ` -H "Content-Type: application/json" -d '{"on": true, "at": "after-write", "todo": 5}'`);
  assert.equal(commandOf("projector", "crash", setting, "python -m web.lab"), "python -m web.lab set projector crash on at=after-write todo=5");
  assert.equal(commandOf("projector", "crash", { on: false }, "python -m web.lab"), "python -m web.lab set projector crash off");
  assert.equal(pathOf("a/b", "c?"), "/lab/a%2Fb/switches/c%3F");
});

test("a shell puts the host key into the line, and reads back any setting", () => {
  const word = fc.string({ unit: fc.constantFrom(..."ab '\"$`\\!é-;&|<>*?~#%{}()[]"), minLength: 1, maxLength: 20 });
  const words = (/** @type {string} */ line) => execFileSync("sh", ["-c", `curl() { printf '%s\\0' "$@"; }; lab() { printf '%s\\0' "$@"; }; ${line}`],
    { encoding: "utf8", env: { HOST_KEY: "k7mq-x2vn" } }).split("\0").slice(0, -1);
  fc.assert(fc.property(word, (text) => {
    const setting = { on: true, word: text };
    const sent = words(curlOf("projector", "crash", setting, "http://localhost:5003"));
    assert.equal(sent[4], "Authorization: Bearer k7mq-x2vn");
    assert.deepEqual(JSON.parse(sent.at(-1) ?? ""), setting);
    assert.deepEqual(words(commandOf("projector", "crash", setting, "lab")), ["set", "projector", "crash", "on", `word=${text}`]);
  }), { numRuns: 40 });
});

test("a switch that was gone with its process is not merely off", () => {
  const firings = [
    { id: "a", fault: "slow", place: "relay", began_ms: 50 }, { id: "b", fault: "crash", place: "relay", began_ms: 100 },
    { id: "c", fault: "crash", place: "projector", began_ms: 200 },
  ];
  const statesAt = () => ({ relay: { slow: state({}), pause: state({ on: false }) } });
  const gone = (/** @type {string} */ place, /** @type {string} */ name) => goneWith(firings, statesAt, { place, name });
  assert.deepEqual(["crash", "slow", "pause"].map((name) => gone("relay", name)), [100, 100, null]);
  assert.equal(gone("query-service", "crash"), null);
  assert.equal(goneSays(12_300), "gone with the process, which crashed 12 s ago");
});
