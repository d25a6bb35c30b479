/** The verdict: the two truths and this page's own reads, summed up in words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { barVerdict, verdict } from "../../web/static/js/facts/verdict.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { journey } from "./support.js";

const ASKED = { asked_ms: 1, at_ms: 1, todos: [], error: null };
const TRUTHS = { at_ms: 1, postgresql: ASKED, mongodb: ASKED };

/**
 * @param {"stale"|"lingering"|"missing"|"equal"} state
 * @param {object} [more]
 * @returns {any}
 */
const compared = (state, more = {}) => ({ id: 1, left: null, right: null, state, versions: 0, for_ms: null, injected_ms: 0, lost: false, ...more });

test("nothing is known before the stores have been asked", () => {
  assert.deepEqual(verdict([], null, {}), { state: "unknown", words: "not asked yet" });
});

test("a store that cannot be asked is named", () => {
  const down = { ...ASKED, error: "down" };
  assert.equal(verdict([], { ...TRUTHS, mongodb: down }, {}).words, "unknown: MongoDB cannot be asked");
  const both = verdict([], { ...TRUTHS, postgresql: down, mongodb: down }, {});
  assert.deepEqual(both, { state: "unknown", words: "unknown: PostgreSQL and MongoDB cannot be asked" });
});

test("of a store that the lab keeps away, or that does not answer any more, it is said of when its contents are", () => {
  const away = (/** @type {"postgresql"|"mongodb"} */ name, /** @type {string} */ done) => ({ away: [{ name, done }], now_ms: 3201 });
  const equal = [compared("equal")];
  assert.equal(verdict(equal, TRUTHS, {}, away("mongodb", "frozen")).words, "unknown: MongoDB is frozen, as of 3.20 s ago");
  const kept = { ...ASKED, error: "down", isKept: true };
  const both = verdict(equal, { ...TRUTHS, postgresql: kept }, {}, away("mongodb", "killed"));
  assert.equal(both.words, "unknown: MongoDB is killed, PostgreSQL cannot be asked, as of 3.20 s ago");
  assert.equal(verdict(equal, { ...TRUTHS, mongodb: kept }, {}, { away: [], now_ms: 601 }).words, "unknown: MongoDB cannot be asked, as of 600 ms ago");
});

test("the last contents of a store stay while it does not answer", () => {
  const row = { id: 1, title: "Milk", completed: false, version: 1 };
  const journal = new Journal();
  const down = { ...ASKED, at_ms: 9, error: "down" };
  journal.setTruths({ ...TRUTHS, mongodb: down });
  assert.equal(journal.truths?.mongodb.isKept, undefined);
  journal.setTruths({ ...TRUTHS, mongodb: { ...ASKED, todos: [row] } });
  journal.setTruths({ ...TRUTHS, mongodb: down });
  journal.setTruths({ ...TRUTHS, mongodb: down });
  assert.deepEqual(journal.truths?.mongodb, { ...ASKED, todos: [row], error: "down", isKept: true });
  journal.setTruths(TRUTHS);
  assert.deepEqual(journal.truths, TRUTHS);
});

test("stores that agree are consistent", () => {
  assert.deepEqual(verdict([compared("equal")], TRUTHS, {}), { state: "consistent", words: "todos consistent" });
});

test("todos that are behind are counted, with how long the oldest has been behind and how many are parked", () => {
  const behind = [compared("stale", { for_ms: 200 }), compared("missing", { for_ms: 900 }), compared("lingering")];
  assert.equal(verdict(behind, TRUTHS, { projector: { dead_letters: 2 } }).words, "3 todos behind, the oldest for 900 ms; 2 dead letters");
  assert.equal(verdict(behind.slice(0, 1), TRUTHS, {}).words, "1 todo behind, for 200 ms");
});

test("if web stopped counting, the verdict says that there may be more", () => {
  const older = { todos: [], differing: 40, or_more: true, compared: 100, since_ms: 5 };
  assert.equal(verdict([], { ...TRUTHS, older }, {}).words, "40 todos or more behind");
});

test("losses come before todos that are behind, with what would mend them", () => {
  const lost = (/** @type {("missing"|"lingering")[]} */ ...states) => verdict([compared("stale"), ...states.map((state) => compared(state, { lost: true }))], TRUTHS, {});
  assert.equal(lost("missing").words, "1 lost: no event is under way that could bring it");
  assert.equal(lost("missing", "missing").words, "2 lost: no event is under way that could bring them");
  assert.equal(lost("lingering", "lingering").words, "2 ghosts: no event is under way that could remove them");
  assert.deepEqual(lost("missing", "lingering"), { state: "lost", words: "1 lost, 1 ghost: no event is under way that could mend them" });
});

test("losses that web counts and does not name are counted too", () => {
  const todo = { id: 1, asked_ms: 1, at_ms: 1, since_ms: 1, postgresql: null, mongodb: null };
  const older = { todos: [todo], differing: 800, lost: 400, ghosts: 400, compared: 900, since_ms: 5 };
  const proof = { settled_ms: 1, at_ms: 1, todos: [1] };
  const words = verdict([compared("lingering", { lost: true })], { ...TRUTHS, older, proof }, {}).words;
  assert.equal(words, "400 lost, 400 ghosts: no event is under way that could mend them");
});

test("in the past, what web counts now does not count", () => {
  const older = { todos: [], differing: 40, lost: 40, compared: 100, since_ms: 5 };
  assert.equal(verdict([compared("stale")], { ...TRUTHS, older }, null).words, "1 todo behind");
});

const CONSISTENT = /** @type {const} */ ({ state: "consistent", words: "todos consistent" });
const UNKNOWN = /** @type {const} */ ({ state: "unknown", words: "not asked yet" });
const READ = { asked_ms: 1, at_ms: 2, status: 200, todos: [], after: null, more: false, error: null };
const KNOWN = { isConnected: true, isAsked: true, read: READ };
const BEHIND = [
  { journey: journey(1, {}), for_ms: 300, injected_ms: 0, shown: null }, { journey: journey(2, {}), for_ms: 500, injected_ms: 0, shown: null },
];

test("a page that has lost web says so before anything else", () => {
  const lost = /** @type {const} */ ({ state: "lost", words: "1 lost" });
  assert.equal(barVerdict(lost, BEHIND, { ...KNOWN, isConnected: false }).state, "offline");
  assert.equal(barVerdict(lost, BEHIND, KNOWN), lost);
});

test("while the stores agree, or have never been asked, the bar says what reads have shown", () => {
  assert.deepEqual(barVerdict(CONSISTENT, BEHIND, KNOWN), { state: "behind", words: "1 todo not yet readable, for 500 ms" });
  assert.equal(barVerdict(UNKNOWN, BEHIND, { ...KNOWN, isAsked: false }).state, "behind");
  assert.equal(barVerdict(UNKNOWN, BEHIND, KNOWN), UNKNOWN);
  const two = [...BEHIND, { journey: journey(1, {}, { todo_id: 2 }), for_ms: 100, injected_ms: 0, shown: null }];
  assert.equal(barVerdict(CONSISTENT, two, KNOWN).words, "2 todos not yet readable, the oldest for 500 ms");
});

test("the page has seen nothing until a read is answered", () => {
  assert.equal(barVerdict(CONSISTENT, [], { ...KNOWN, read: null }).words, "unknown: no read has been answered yet");
  assert.equal(barVerdict(CONSISTENT, [], { ...KNOWN, read: { ...READ, error: "timed out" } }).words, "unknown: reads fail");
  assert.deepEqual(barVerdict(CONSISTENT, [], KNOWN), { state: "consistent", words: "todos consistent, as far as seen here" });
});
