/** The lessons' panel: which step is shown, what may be done there, what the room said, and what is drawn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { barsOf, isDone, measuredSays, openPrediction, rightIs, rightSays, rowsOf, shownStep, timeSays, valueSays } from "../../web/static/js/facts/lesson.js";
import { Answered } from "../../web/static/js/panels/lessons/answered.js";
import { claimSays, isShown } from "../../web/static/js/panels/lessons/claims.js";
import { drawnBefore } from "../../web/static/js/panels/lessons/compared.js";
import { Course } from "../../web/static/js/panels/lessons/course.js";
import { Done } from "../../web/static/js/panels/lessons/done.js";
import { STEP, drawnOn, keyDoes, moved, nothing, whole } from "../../web/static/js/panels/lessons/drawn.js";
import { here } from "../../web/static/js/panels/lessons/here.js";
import { linkTo, linkedIn } from "../../web/static/js/panels/lessons/link.js";
import { newsIn } from "../../web/static/js/panels/lessons/news.js";
import { folded, playedIn } from "../../web/static/js/panels/lessons/sheet-rule.js";
import { readsOf } from "../../web/static/js/panels/lessons/reads.js";
import { parseRun } from "../../web/static/js/journal/run.js";
import { remembering } from "../../web/static/js/page/storage.js";

/** @typedef {import("../../web/static/js/journal/lesson.js").Lesson} Lesson */
/** @typedef {import("../../web/static/js/journal/lesson.js").LessonNow} LessonNow */

/** @type {Lesson} */
const LESSON = {
  lesson: "twice", number: 4, title: "Twice", core: true, minutes: 8, goal: "Say why.",
  facts: { counted: { says: "created", unit: "todos", better: "less" }, late: { says: "median", unit: "ms", better: "less" } },
  steps: [
    { kind: "say", title: "Look here" },
    { kind: "predict", title: "Bet", ask: { question: "How many?", choices: [{ value: "one", says: "1" }, { value: "two", says: "2" }] } },
    { kind: "do", title: "Crash it", button: "Crash it" },
    { kind: "watch", title: "Watch", claims: [{ says: "It is counted twice." }] },
  ],
};

/** @param {Partial<LessonNow>} more @returns {LessonNow} */
const now = (more = {}) => ({ run: "r1", lesson: "twice", began_ms: 0, step: 1, reached: 1, steps: LESSON.steps.map(() => ({})), ...more });

test("a page shows the room's step, or the one to which its reader has gone back", () => {
  assert.equal(shownStep(now({ step: 2, reached: 2 }), null), 2);
  assert.equal(shownStep(now({ step: 2, reached: 2 }), 0), 0);
  assert.equal(shownStep(now({ step: 1, reached: 3 }), 3), 3);
  assert.equal(shownStep(now({ step: 1, reached: 1 }), 3), 1);
});

test("a step is done once what it asks for is, or was left out", () => {
  const [say, predict, act, watch] = LESSON.steps;
  assert.equal(isDone(say, {}), true);
  assert.equal(isDone(predict, { answers: 3 }), false);
  assert.equal(isDone(predict, { locked_ms: 1 }), true);
  assert.equal(isDone(predict, { skipped: true }), true);
  assert.equal(isDone(act, { actions: [{ says: "a", state: "done" }, { says: "b", state: "doing" }] }), false);
  assert.equal(isDone(act, { actions: [{ says: "a", state: "done" }] }), true);
  assert.equal(isDone(watch, { claims: [{ says: "c", state: "open" }] }), false);
  assert.equal(isDone(watch, { claims: [{ says: "c", state: "not-held" }] }), true);
  assert.equal(isDone(watch, { complete: true, claims: [{ says: "c", state: "open" }] }), true, "web knows best");
});

test("nothing is carried out before the prediction is locked or skipped", () => {
  const withState = (/** @type {object} */ state) => now({ steps: LESSON.steps.map((_, index) => (index === 1 ? state : {})) });
  assert.equal(openPrediction(LESSON, withState({}), 2), 1);
  assert.equal(openPrediction(LESSON, withState({ locked_ms: 5 }), 2), null);
  assert.equal(openPrediction(LESSON, withState({ skipped: true }), 2), null);
  assert.equal(openPrediction(LESSON, withState({}), 1), null, "its own step is not before it");
});

test("what the room said is a bar for each choice, hands and devices together, and only once it is locked", () => {
  const ask = LESSON.steps[1].ask ?? assert.fail();
  assert.equal(barsOf(ask, { of: null, hands: { one: 4 } }, "one"), null);
  const bars = barsOf(ask, { locked_ms: 1, of: { two: 9, one: 3 }, hands: { one: 4 }, right: "two" }, "one") ?? [];
  assert.deepEqual(bars.map(({ value, count, isRight, isMine }) => [value, count, isRight, isMine]), [["one", 7, false, true], ["two", 9, true, false]]);
  assert.equal(bars[1].share, 9 / 16);
  assert.deepEqual(barsOf(ask, { locked_ms: 1 }, null)?.map(({ share }) => share), [0, 0]);
});

test("numbers that were said are bars in their order, with their unit", () => {
  const ask = { question: "How long?", number: { unit: "s", least: 0, most: 20 } };
  assert.deepEqual(barsOf(ask, { locked_ms: 1, of: { 10: 1, 2: 3 } }, 2)?.map(({ says, count, isMine }) => [says, count, isMine]), [["2 s", 3, true], ["10 s", 1, false]]);
});

test("what was right is said only once it is locked, and so is that nothing was", () => {
  const ask = LESSON.steps[1].ask ?? assert.fail();
  assert.equal(rightSays(ask, { right: "two" }), "");
  assert.equal(rightSays(ask, { locked_ms: 1, right: "two" }), "2");
  assert.equal(rightSays(ask, { locked_ms: 1, right: null, judged: true }), "none of these");
  const recall = { question: "Why?", choices: [{ value: "a", says: "Luck" }, { value: "b", says: "One transaction", right: true, because: "All or nothing." }] };
  assert.equal(rightIs(recall), "The answer");
  assert.equal(rightSays(recall, { locked_ms: 1 }), "One transaction. All or nothing.");
  assert.equal(rightSays({ question: "How long?", number: { unit: "s", least: 0, most: 9 } }, { locked_ms: 1, right: 4.123_45 }), "4.12 s");
});

test("Was / Now / Δ has the difference where there is one, and why something is not known", () => {
  const facts = { was: { counted: { value: 2 }, late: { value: 1500 } }, now: { counted: { value: 1 }, late: { value: null, why: "No probe looked." } } };
  const [counted, late] = rowsOf(LESSON, ["counted", "late"], facts);
  assert.deepEqual([counted.was, counted.now, counted.delta, counted.verdict, counted.unit], ["2", "1", "−1", "better", "todos"]);
  assert.deepEqual([late.was, late.now, late.delta, late.verdict, late.why], ["1.50 s", "–", "", null, "No probe looked."]);
  assert.equal(rowsOf(LESSON, ["counted"], { was: { counted: { value: 1 } }, now: { counted: { value: 1 } } })[0].delta, "the same");
  assert.equal(rowsOf(LESSON, ["counted"], undefined)[0].was, "–");
});

test("a value is written as a person would say it", () => {
  assert.equal(valueSays(true), "yes");
  assert.equal(valueSays("1, 3, 2"), "1, 3, 2");
  assert.equal(valueSays(0.123_45, "share"), "12.3 %");
  assert.equal(valueSays(1, "todos"), "1 todo");
  assert.equal(valueSays(1200, "events"), "1,200 events");
  assert.equal(valueSays(-12, "ms"), "−12.0 ms");
  assert.equal(measuredSays(undefined, {}), "–");
  assert.equal(timeSays(190_000, 8), "3 of about 8 min");
});

test("a link names the lesson and the step, counted from 1, and nothing else is one", () => {
  assert.deepEqual(linkedIn("#lesson=twice&step=3"), { lesson: "twice", step: 2 });
  assert.deepEqual(linkedIn(linkTo("the window", null)), { lesson: "the window", step: null });
  for (const hash of ["", "#journey=e1", "#lesson="]) assert.equal(linkedIn(hash), null);
  for (const step of ["0", "-1", "x", "1.5"]) assert.equal(linkedIn(`#lesson=twice&step=${step}`)?.step, null);
});

test("a reader goes back by themselves, and is with the room again once it comes there, or with one click", () => {
  const course = new Course();
  course.begin(now({ step: 2, reached: 2 }));
  course.go(0);
  assert.deepEqual(course.link(), { link: "#lesson=twice&step=1", state: { follows: false } });
  course.goOn(now({ step: 3, reached: 3 }));
  assert.equal(course.own, 0);
  course.go(3);
  assert.equal(course.own, null);
  course.go(1);
  course.goOn(now({ step: 1, reached: 3 }));
  assert.deepEqual(course.link(), { link: "#lesson=twice&step=2", state: { follows: true } });
});

test("a link leads to its step, and a page that followed the room and is loaded again follows it still", () => {
  for (const [state, own] of /** @type {[object|null, number|null][]} */ ([[null, 0], [{ follows: false }, 0], [{ follows: true }, null]])) {
    const course = new Course();
    assert.equal(course.follow("#lesson=twice&step=1", state), true);
    course.begin(now({ step: 2, reached: 2 }));
    assert.equal(course.own, own);
  }
});

test("those who cannot see it hear of a new step, of the lock, and of what came true, each once", () => {
  const before = now({ step: 1 });
  assert.equal(newsIn(LESSON, before, now({ step: 2, reached: 2 }), null), "Step 3 of 4, Do it: Crash it");
  assert.equal(newsIn(LESSON, before, now({ step: 2, reached: 2 }), 0), "", "who has gone back is not called away");
  const locked = now({ steps: [{}, { locked_ms: 1, right: "two" }, {}, {}] });
  assert.equal(newsIn(LESSON, before, locked, null), "The answers are locked. What happened: 2");
  assert.equal(newsIn(LESSON, locked, locked, null), "");
  const open = now({ step: 3, reached: 3, steps: [{}, {}, {}, { claims: [{ says: "It is so.", state: "open" }] }] });
  const held = now({ step: 3, reached: 3, steps: [{}, {}, {}, { claims: [{ says: "It is so.", state: "held" }] }] });
  assert.equal(newsIn(LESSON, open, held, null), "So it was: It is so.");
});

test("answers are kept over a reload, and belong to one attempt", () => {
  const kept = remembering(() => { throw new Error("forbidden"); });
  const answered = new Answered(kept);
  answered.follow(now());
  answered.note(1, "two", answered.of);
  assert.match(answered.who, /^[0-9a-f]{24}$/);
  const again = new Answered(kept);
  again.follow(now());
  assert.equal(again.by.get(1), "two");
  assert.equal(again.who, answered.who);
  const before = again.of;
  again.follow(now({ attempt: 2 }));
  again.note(1, "one", before);
  assert.equal(again.by.size, 0);
});

test("a curve is filled in where the pointer was fast, and stays from 0 to 1 whatever is drawn", () => {
  const first = drawnOn(nothing(5), null, { at: 0, share: 1 });
  assert.deepEqual(first, [1, null, null, null, null]);
  assert.deepEqual(drawnOn(first, { at: 0, share: 1 }, { at: 4, share: 0 }), [1, 0.75, 0.5, 0.25, 0]);
  const place = fc.record({ at: fc.double({ min: 0, max: 4, noNaN: true }), share: fc.double({ min: -3, max: 3, noNaN: true }) });
  fc.assert(fc.property(fc.array(place, { minLength: 1 }), (places) => {
    let drawn = nothing(5);
    /** @type {{at: number, share: number}|null} */
    let from = null;
    for (const to of places) {
      drawn = drawnOn(drawn, from, to);
      from = to;
    }
    const all = whole(drawn);
    assert.ok(all?.length === 5 && all.every((share) => share >= 0 && share <= 1));
  }));
});

test("keys draw it too, one point at a time, and each point begins where its neighbour is", () => {
  assert.equal(whole(nothing(3)), null);
  assert.deepEqual(keyDoes("ArrowUp"), { by: STEP });
  assert.deepEqual(keyDoes("ArrowRight"), { move: 1 });
  assert.equal(keyDoes("a"), null);
  assert.deepEqual(moved([null, 0.4, null], 2, STEP), [null, 0.4, 0.45]);
  assert.deepEqual(moved([0.98, null], 0, STEP), [1, null]);
  assert.deepEqual(whole([null, 0.4, null]), [0.4, 0.4, 0.4]);
});

test("elsewhere than on the stack's machine, a curl line goes through the page's own address", () => {
  const ports = { "command-service": 5001, "query-service": 5002 };
  const line = "curl -X POST http://localhost:5001/todos -d '{}'";
  assert.equal(here(line, ports, "http://localhost:5003"), line);
  assert.equal(here(line, ports, "http://192.168.0.7:5003"), "curl -X POST http://192.168.0.7:5003/commands/todos -d '{}'");
  assert.equal(here("curl http://localhost:5002/todos/1", ports, "https://room.example"), "curl https://room.example/queries/todos/1");
  assert.equal(here("curl -X PUT http://localhost:5003/lab/relay/switches/pause", ports, "https://room.example"), "curl -X PUT https://room.example/lab/relay/switches/pause");
});

test("a sheet is one if it has a whole lesson, and what it lacks is left out", () => {
  for (const told of [null, undefined, {}, { lesson: "twice" }, { lesson: {} }, { sheet: 1 }]) assert.equal(playedIn(told), null);
  const bare = playedIn({ lesson: { title: "Twice" } });
  assert.deepEqual([bare?.took_ms, bare?.steps, bare?.table, bare?.machine, bare?.isCured], [null, [], [], "", false]);
  const row = { fact: "counted", says: "created", unit: "todos", was: "2 todos", now: "1 todo", delta: -1, is_better: true };
  const played = playedIn({
    lesson: LESSON, began_ms: 1, over_ms: 5, steps: [{ kind: "say", title: "Look" }, null], table: [row], facts: { now: {} },
    machine: { cpu: null, cores: 2 }, versions: { postgresql: "15.7" },
  });
  assert.deepEqual([played?.took_ms, played?.steps.length, played?.isCured, played?.machine, played?.versions], [4, 1, true, "cores 2", "PostgreSQL 15.7"]);
  assert.deepEqual([played?.table[0].was, played?.table[0].delta, played?.table[0].verdict], ["2 todos", "−1 todo", "better"]);
});

test("a run that has a lesson brings its sheet, and any other has none", () => {
  const run = { format: "eventually-run", version: 1, journeys: [{ event_id: "e1", hops: [] }] };
  assert.equal("sheet" in parseRun(JSON.stringify(run)), false);
  const { sheet } = parseRun(JSON.stringify({ ...run, sheet: 1, lesson: { title: "Twice" }, began_ms: 1 }));
  assert.equal(playedIn(sheet)?.lesson.title, "Twice");
});

test("a browser remembers which lessons were played to their end, and how long each took", () => {
  const kept = remembering(() => { throw new Error("forbidden"); });
  new Done(kept).note("twice", 8.6 * 60_000);
  const done = new Done(kept);
  done.note("order", 59_000);
  assert.deepEqual(["twice", "order", "poison"].map((lesson) => done.says(lesson)), ["Done here, in 9 min", "Done here, in under a minute", ""]);
  for (const spoilt of ["{", "null", "[]", '{"twice": "long"}']) {
    kept.setItem("lessons-done", spoilt);
    assert.equal(new Done(kept).says("twice"), "");
  }
});

test("a claim is told once the stage has shown the moment at which it was decided", () => {
  const claim = { says: "It is counted twice.", state: /** @type {const} */ ("held"), at_ms: 5000 };
  assert.equal(isShown(claim, { now_ms: 8000, behind_ms: 4000 }), false);
  assert.equal(isShown(claim, { now_ms: 9000, behind_ms: 4000 }), true);
  assert.equal(isShown(claim, { now_ms: 5000, behind_ms: 0 }), true);
  // A stage that is far behind, as after a burst, keeps nobody waiting for long.
  assert.equal(isShown(claim, { now_ms: 14_999, behind_ms: 60_000 }), false);
  assert.equal(isShown(claim, { now_ms: 15_000, behind_ms: 60_000 }), true);
  assert.equal(isShown({ ...claim, state: "open" }, { now_ms: 5000, behind_ms: 4000 }), true);
  assert.equal(isShown({ ...claim, at_ms: null }, { now_ms: 5000, behind_ms: 4000 }), true);
});

test("a curve comes back once, where it is explained or changed", () => {
  const curve = { question: "Draw it.", curve: { at_ms: [1, 10] } };
  /** @type {import("../../web/static/js/journal/lesson.js").Step[]} */
  const steps = [
    { kind: "predict", title: "First", ask: curve }, { kind: "watch", title: "Watch" }, { kind: "explain", title: "Why" },
    { kind: "predict", title: "Second", ask: curve }, { kind: "cure", title: "Again" }, { kind: "explain", title: "Why, too" },
  ];
  assert.deepEqual(steps.map((_, at) => drawnBefore(steps, at)?.at ?? null), [null, null, 0, null, 3, null]);
});

test("what the lab did again and again is said once on the sheet", () => {
  assert.deepEqual(folded(["slow", "slow", "crash", "slow"]), ["slow (2 times)", "crash", "slow"]);
});

test("a claim that is not decided says what is looked at, and not what is to come of it", () => {
  const claim = { says: "One todo was counted twice.", seen: "1 todo" };
  assert.deepEqual(claimSays("open", claim, "created"), ["created", "So far: 1 todo"]);
  assert.deepEqual(claimSays("open", { ...claim, seen: null }, ""), ["What comes of it", ""]);
});

test("a claim that is decided says of what its figure is", () => {
  const claim = { says: "She saw her Milk each time.", seen: "0 reads" };
  assert.deepEqual(claimSays("held", claim, "reads without it"), [claim.says, "reads without it: 0 reads"]);
  assert.deepEqual(claimSays("not-held", { ...claim, seen: "no" }, "it is there"), [claim.says, "it is there: no"]);
  assert.deepEqual(claimSays("held", { ...claim, seen: "yes" }, "it is there"), [claim.says, ""]);
  assert.deepEqual(claimSays("unknown", { ...claim, seen: "Nobody has read." }, "reads"), [claim.says, "Nobody has read."]);
});

test("what several reads of a step were shown is told apart; other answers are not for the eye", () => {
  const step = /** @type {const} */ ({ kind: "do", title: "Read", actions: [{ create: "Milk" }, { read: {} }, { read: {} }, { read: {} }] });
  const actions = ["201 · 1", "todos: Milk · replica: nothing", "200, []", null]
    .map((answer, index) => ({ says: `does ${index}`, state: /** @type {const} */ ("done"), answer }));
  assert.deepEqual(readsOf(step, actions), [{ says: "does 1", reads: ["todos: Milk", "replica: nothing"] }]);
  assert.deepEqual(readsOf(undefined, actions), []);
});
