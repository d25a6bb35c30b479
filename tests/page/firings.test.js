/** What the lab's switches did: any order of the news gives the same, and one rule tells what was injected. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Live } from "../../web/static/js/clock/live.js";
import { sceneAt } from "../../web/static/js/clock/past.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { causesOf } from "../../web/static/js/facts/fault-words.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { judge, saidOf } from "../../web/static/js/facts/judgement.js";
import { labBy } from "../../web/static/js/facts/lab.js";
import { waitsOf } from "../../web/static/js/facts/lag.js";
import { apartOf } from "../../web/static/js/facts/probes.js";
import { staleShare, untilProjected } from "../../web/static/js/facts/staleness.js";
import { Branch } from "../../web/static/js/journal/branches.js";
import { endsOf, Firings } from "../../web/static/js/journal/firings.js";
import { injectedBy } from "../../web/static/js/journal/injected.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { parseRun, runOf } from "../../web/static/js/journal/run.js";
import { apart, sum } from "../../web/static/js/page/format.js";
import { linesOf, summaryOf } from "../../web/static/js/panels/inspector/lines.js";
import { hopsOf } from "./support.js";

/** @typedef {import("../../web/static/js/journal/types.js").Firing} Firing */

/**
 * @param {string} id
 * @param {number} began_ms
 * @param {Partial<Firing>} [more]
 * @returns {Firing}
 */
function firing(id, began_ms, more = {}) {
  return { id, fault: "slow", place: "projector", process: "projector", began_ms, ...more };
}

/** A second in the projector, of which the lab added 900 ms, and what it did. */
const WAY = /** @type {[string, number][]} */ ([
  ["received", 0], ["committed", 5], ["acknowledged", 6], ["picked-up", 9], ["confirmed", 12], ["delivered", 15],
  ["projected", 1015], ["seen", 1090],
]);
const SLOW = firing("f1", 100, {
  over_ms: 1000, ended: "told", event_id: "e1", todo_id: 1, file: "query_service/projector.py", line: 142,
});

/** @param {Firing[]} firings */
function slowed(firings = [SLOW]) {
  const journal = new Journal();
  journal.merge(hopsOf("e1", WAY));
  journal.mergeFirings(firings);
  return journal;
}

/**
 * @param {Journal} journal
 * @param {number} at_ms
 */
function factsAt(journal, at_ms) {
  return factsOf(journal, sceneAt(journal, at_ms, { factor: 1, limit: 60, now_ms: 1e6, behind_ms: 0 }));
}

test("news of firings in any order, however often repeated, gives the same firings", () => {
  const times = fc.record({ began: fc.nat(900), over: fc.option(fc.nat(900)), isTold: fc.boolean() });
  const news = fc.array(fc.record({ id: fc.constantFrom("a", "b", "c"), times }), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(news, fc.infiniteStream(fc.nat()), (all, chance) => {
    const told = all.map(({ id, times: { began, over, isTold } }) => firing(id, began, over === null ? {} : {
      over_ms: over, ended: /** @type {"told"|"alive"} */ (isTold ? "told" : "alive"),
    }));
    const shuffled = [...told, ...told].map((each) => ({ each, at: chance.next().value })).sort((a, b) => a.at - b.at);
    const [first, second] = [new Firings(), new Firings()];
    first.take(told);
    for (const { each } of shuffled) second.take([each]);
    for (const { each } of shuffled) second.take([each]);
    first.take(told);
    assert.deepEqual(second.inOrder(), first.inOrder());
  }));
});

test("those that began first are let go first", () => {
  const firings = new Firings(2);
  firings.take([firing("a", 3), firing("b", 1), firing("c", 2)]);
  assert.deepEqual(firings.inOrder().map(({ id }) => id), ["c", "a"]);
  assert.equal(firings.byId.size, 2);
});

test("a list of firings stays the same list until something new is known", () => {
  const journal = slowed();
  let heard = 0;
  journal.addEventListener("firings", () => { heard += 1; });
  const before = journal.firings;
  journal.mergeFirings([SLOW]);
  assert.equal(journal.firings, before);
  journal.mergeFirings([firing("f2", 50)]);
  assert.deepEqual([heard, journal.firings.map(({ id }) => id)], [1, ["f2", "f1"]]);
});

test("a firing of which nothing more is heard acts until its process crashes, or no switch could be on any more", () => {
  const [hold, crash, later] = [firing("a", 100), firing("b", 300, { fault: "crash", over_ms: 900, ended: "alive" }), firing("c", 1000)];
  const ends = endsOf([hold, crash, later]);
  assert.deepEqual([hold, crash, later].map((each) => ends.get(each)), [300, 900, 601_000]);
});

test("what was injected is told apart wherever the page gives a time", () => {
  const journal = slowed();
  const journey = [...journal.journeys.values()][0];
  const facts = factsAt(journal, 1015);
  const projector = facts.took.get("projector");
  assert.deepEqual([projector?.true_ms, projector?.injected_ms], [1000, 900]);
  assert.deepEqual([...facts.took].filter(([name, { injected_ms }]) => name !== "projector" && injected_ms), []);
  const [lane] = factsAt(journal, 5000).lanes;
  assert.deepEqual([lane.total_ms, lane.injected_ms], [1090, 900]);
  const lines = linesOf(journey, injectedBy(journal.firings));
  assert.deepEqual(lines.filter(({ injected }) => injected?.length).map(({ name, note, from_ms, to_ms }) => [name, note, from_ms, to_ms]), [
    ["in the projector", "900 ms of it was injected", 15, 1015],
    ["slow at the projector", "query_service/projector.py:142", 100, 1000],
  ]);
  assert.match(summaryOf(journey, injectedBy(journal.firings)), /not readable for 1.01 s after the answer, of which 900 ms was injected/);
});

test("an event waits for who is away, also in the other read models, until that is back", () => {
  const journal = new Journal();
  journal.merge(hopsOf("e1", WAY.slice(0, 6)));
  const gone = (/** @type {string} */ place, /** @type {string} */ fault) => firing(place, 100, { place, fault, process: "stack", over_ms: 900 });
  const rule = injectedBy([gone("projector", "kill"), gone("counter", "stop")]);
  const [journey] = journal.journeys.values();
  const held = [99, 100, 899, 900].map((at_ms) => rule.holdingUp(journey, "projector", at_ms)?.fault);
  assert.deepEqual(held, [undefined, "kill", "kill", undefined]);
  assert.equal(rule.holdingUp(journey, "outbox", 500), undefined);
  const copy = (/** @type {"counter"|"replica"} */ name) => new Branch(journey, name);
  assert.equal(rule.holdingUp(copy("counter"), "queue", 500)?.fault, "stop");
  assert.equal(rule.holdingUp(copy("replica"), "queue", 500), undefined);
  const broker = injectedBy([gone("rabbitmq", "freeze")]);
  assert.equal(broker.holdingUp(copy("replica"), "queue", 500)?.fault, "freeze");
});

test("at a moment in the past, only what had been injected by then counts", () => {
  const journal = slowed();
  const facts = factsAt(journal, 600);
  assert.deepEqual([facts.took.get("projector")?.true_ms, facts.took.get("projector")?.injected_ms], [585, 500]);
  assert.deepEqual(facts.behind.map(({ for_ms, injected_ms }) => [for_ms, injected_ms]), [[594, 500]]);
  assert.equal(facts.lanes[0].injected_ms, 500);
  assert.equal(factsAt(journal, 50).took.get("projector")?.injected_ms, 0);
});

test("one thing after another: what holds up one event there holds up those behind it, and no others", () => {
  const rule = injectedBy(slowed().firings);
  const behind = { event_id: "e2", trace_id: null };
  assert.equal(rule.within(behind, "queue", 0, 500), 400);
  assert.equal(rule.within(behind, "read", 0, 500), 0);
  const aside = injectedBy([firing("a", 0, { fault: "reorder", over_ms: 100, ended: "told", event_id: "e3" })]);
  assert.deepEqual([aside.within(behind, "projector", 0, 500), aside.within({ ...behind, event_id: "e3" }, "projector", 0, 500)], [0, 100]);
  const own = firing("f", 0, { place: "command-service", fault: "hold", over_ms: 100, ended: "told", trace_id: "t1" });
  const held = injectedBy([own]);
  assert.equal(held.within(behind, "commit", 0, 500), 0);
  assert.equal(held.within({ event_id: "e3", trace_id: "t1" }, "commit", 0, 500), 100);
});

test("a switch that adds no time injects none, however long it is on", () => {
  const guard = firing("f", 0, { fault: "no-guard" });
  assert.equal(injectedBy([guard]).within({ event_id: "e1", trace_id: null }, "projector", 0, 500), 0);
});

test("two firings at once are injected once, and nothing is injected twice", () => {
  const span = fc.record({ from: fc.nat(500), took: fc.nat(300), place: fc.constantFrom("projector", "mongodb", "relay", "command-service") });
  fc.assert(fc.property(fc.array(span, { maxLength: 12 }), fc.nat(600), fc.nat(600), (spans, a, b) => {
    const firings = spans.map(({ from, took, place }, index) => firing(`f${index}`, from, { place, over_ms: from + took, ended: "told" }))
      .sort((one, other) => one.began_ms - other.began_ms);
    const [from_ms, to_ms] = [Math.min(a, b), Math.max(a, b)];
    const blocked = Array.from({ length: to_ms - from_ms }, (_, at) => firings.some(({ place, began_ms, over_ms = 0 }) => (
      ["projector", "mongodb"].includes(place) && began_ms <= from_ms + at && from_ms + at < over_ms
    )));
    const journey = { event_id: "e9", trace_id: null };
    assert.equal(injectedBy(firings).within(journey, "projector", from_ms, to_ms), blocked.filter(Boolean).length);
  }));
});

test("an export opened again has the same firings, and an old one has none", () => {
  const journal = slowed([SLOW, firing("f2", 2000, { fault: "crash", at: "after-write" })]);
  const opened = new Journal();
  opened.open(parseRun(JSON.stringify(runOf(journal, 9))));
  assert.deepEqual(opened.firings, journal.firings);
  const { firings: _, ...old } = runOf(journal, 9);
  assert.deepEqual(parseRun(JSON.stringify(old)).firings, []);
  const odd = { ...old, firings: [null, { id: 1 }, { ...SLOW, line: "x", over_ms: null }] };
  assert.deepEqual(parseRun(JSON.stringify(odd)).firings.map(({ id, line, over_ms }) => [id, line, over_ms]), [["f1", undefined, undefined]]);
});

test("a time that is told apart has its unit, and one that is not looks as ever", () => {
  assert.equal(apart(1210, 1000), "1.21 s, of which 1.00 s was injected");
  assert.equal(apart(1210, 0), "1.21 s");
  assert.deepEqual([apart(1000.4, 1000), apart(1000, 1000)], ["1.00 s, nearly all of it injected", "1.00 s, all of it injected"]);
  assert.deepEqual([sum(1011, 1000), sum(-1, 0)], [
    { natural: "11.0 ms", injected: "1.00 s" }, { natural: "~0 ms", injected: "" },
  ]);
});

test("causes are named once, with how often they acted", () => {
  const pieces = [1, 2].map((at) => ({ from_ms: at, to_ms: at + 1, firings: [{ ...SLOW, id: `f${at}` }] }));
  assert.equal(causesOf(pieces), "slow at the projector, query_service/projector.py:142, 2 times");
});

test("the charts know what was injected: the curve without it, the lag with its part, and the probes apart", () => {
  const journal = slowed();
  const [journeys, rule] = [[...journal.journeys.values()], injectedBy(journal.firings)];
  const moment = { now_ms: 5000 };
  const window = untilProjected(journeys, moment, { rule });
  const without = untilProjected(journeys, moment, { rule, isWithout: true });
  assert.deepEqual([window.samples_ms, window.held, without.samples_ms], [[1009], 1, [109]]);
  assert.deepEqual(waitsOf(journal, moment).map(({ lag_ms, injected_ms }) => [lag_ms, injected_ms]), [[1010, 900]]);
  const probe = (/** @type {number} */ t_ms) => ({ event_id: "e1", t_ms, visible: false, asked_ms: 6 + t_ms, at_ms: 7 + t_ms });
  const { held, others } = apartOf([probe(20), probe(500)], journal.journeys, rule);
  assert.deepEqual([held.map(({ t_ms }) => t_ms), others.map(({ t_ms }) => t_ms)], [[500], [20]]);
  assert.deepEqual([staleShare(journeys, 0, 2000), staleShare(journeys, 0, 2000, rule)], [1009 / 2000, 109 / 2000]);
});

test("a read that waits for what the lab holds up says how much of its time was injected", () => {
  const journal = slowed();
  const todo = { id: 1, title: "a", completed: false };
  const got = { asked_ms: 50, answered_ms: 1050, status: 200, todos: [todo], more: false, problem: "" };
  const judged = (/** @type {boolean} */ waits) => judge(got, journal.journeys.values(), { rule: injectedBy(journal.firings), waits });
  assert.deepEqual([judged(true).injected_ms, judged(false).injected_ms], [900, 0]);
  assert.equal(saidOf({ got, judgement: judged(true), wait_s: 10 }).says, "200 after 1.00 s, of which 900 ms was injected: 1 todo");
});

test("a node and a mark say what acts at the moment shown, and a link does too", () => {
  const link = firing("f2", 300, { fault: "latency", place: "relay-rabbitmq", over_ms: 800, ended: "told" });
  const crash = firing("f3", 2000, { fault: "crash", at: "after-write" });
  const journal = slowed([SLOW, link, crash]);
  const at = (/** @type {number} */ at_ms) => {
    const { lab, fired, status } = factsAt(journal, at_ms);
    return [status.projector.acts?.long, lab("relay-rabbitmq").acts?.short, fired.acting.map(({ id }) => id).join(" "), fired.been];
  };
  assert.deepEqual(at(50), [undefined, undefined, "", 0]);
  assert.deepEqual(at(500), ["slowed by the lab", "latency", "f1 f2", 0]);
  assert.deepEqual(at(1500), [undefined, undefined, "", 2]);
  assert.deepEqual(at(3000), ["crashed by the lab", undefined, "f3", 2]);
  assert.equal(factsAt(journal, 500).injected.actingOn({ event_id: "e1", trace_id: null }, 500)?.id, "f1");
});

test("a switch says what it is set to, and what it holds", () => {
  const says = (/** @type {object} */ state, name = "hold") => labBy({ relay: { [name]: { on: true, state: "armed", fired: 0, ...state } } })("relay").lab;
  assert.equal(says({ at: "before-write", until_ms: 5 }), "hold before write by the lab");
  assert.equal(says({ at: "before-write", holding: [{ todo: 5 }] }), "holding 1 before write by the lab");
  assert.equal(says({ latency_ms: 200, percent: 5, seed: 7 }, "latency"), "latency 200 ms by the lab");
  assert.equal(says({ latency: 1000, jitter: 0, stream: "downstream" }, "latency"), "latency 1.00 s by the lab", "as a link's names say no unit");
  assert.equal(labBy({ relay: { "no-guard": { on: true } } })("relay").acts?.short, "no guard");
  assert.equal(says({ how: "before-commit" }, "publish"), "publish before commit by the lab");
});

test("a mark that is held up stands where it is held, and then moves", () => {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal));
  playhead.live.sync(0, 0);
  journal.merge(hopsOf("e1", WAY));
  journal.mergeFirings([SLOW]);
  const journey = journal.journeys.get("e1");
  assert.ok(journey);
  playhead.follow(journey, 0);
  let stood = 0;
  let moved = 0;
  for (let now_ms = 0; now_ms < 20_000; now_ms += 50) {
    const shown = playhead.scene(now_ms).shown.get("e1");
    if (shown?.from !== "projector" || shown.to !== "mongodb") continue;
    if (shown.progress > 0) moved += 1;
    else stood += 1;
  }
  assert.ok(stood > 2 * moved && moved > 0, `${stood} ${moved}`);
});
