/** `seen`: web may correct it or take it back, and its newest message counts, in whatever order they come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Journal } from "../../web/static/js/journal/journal.js";
import { isOver, overSince } from "../../web/static/js/journal/over.js";
import { hop } from "./support.js";

/** @typedef {import("../../web/static/js/journal/types.js").News} News */
/** @typedef {{told_ms: number, news: News[]}} Message */

/**
 * A `seen` as web sends it, without a span.
 * @param {number} at_ms
 * @param {object} [more]
 */
function seen(at_ms, more = {}) {
  const { span_id: _, ...record } = hop("seen", at_ms, { start_ms: at_ms - 1, ...more });
  return record;
}

/** @type {News} */
const WITHDRAWN = { event_id: "e1", hop: "seen", withdrawn: true };

/** @param {Message[]} messages */
function journalOf(messages) {
  const journal = new Journal();
  for (const { told_ms, news } of messages) journal.merge(news, told_ms);
  return journal;
}

/** @param {Journal} journal */
function shown(journal) {
  const journey = journal.journeys.get("e1");
  assert.ok(journey);
  return journey.hops.map((each) => `${each.hop} ${each.at_ms}`);
}

test("a seen that is sent later replaces the one before it, whether its time is earlier or later", () => {
  for (const at_ms of [20, 40]) {
    const journal = journalOf([
      { told_ms: 1, news: [hop("projected", 10), seen(30)] }, { told_ms: 2, news: [seen(at_ms)] },
    ]);
    assert.deepEqual(shown(journal), ["projected 10", `seen ${at_ms}`]);
    assert.deepEqual(journal.inOrder().map((each) => each.at_ms), [10, at_ms]);
    assert.equal(journal.shownSince({ todo_id: 1, version: 1 }), at_ms);
  }
});

test("a withdrawn seen is taken back, and may come again", () => {
  const journal = journalOf([{ told_ms: 1, news: [hop("projected", 10), seen(30)] }, { told_ms: 2, news: [WITHDRAWN] }]);
  const journey = journal.journeys.get("e1");
  assert.ok(journey);
  assert.deepEqual(shown(journal), ["projected 10"]);
  assert.equal(isOver(journal, journey), false);
  journal.merge([seen(50)], 3);
  assert.equal(overSince(journal, journey), 50);
});

test("a whole journey without a seen takes back an earlier one", () => {
  const journal = journalOf([{ told_ms: 1, news: [hop("projected", 10), seen(30)] }]);
  const journey = journal.journeys.get("e1");
  assert.ok(journey);
  journal.mergeJourneys([{ ...journey, hops: [hop("projected", 10)] }], 2);
  assert.deepEqual(shown(journal), ["projected 10"]);
});

test("hops at the same moment are sorted by name, then by span", () => {
  const hops = [seen(5), hop("projected", 5), hop("acked", 5, { span_id: "b" }), hop("acked", 5, { span_id: "a" })];
  fc.assert(fc.property(fc.shuffledSubarray(hops, { minLength: hops.length }), (shuffled) => {
    const journal = journalOf([{ told_ms: 1, news: shuffled }]);
    const order = journal.journeys.get("e1")?.hops.map((each) => `${each.hop} ${each.span_id ?? ""}`);
    assert.deepEqual(order, ["acked a", "acked b", "projected projected", "seen "]);
    assert.deepEqual(journal.inOrder(), journal.journeys.get("e1")?.hops);
  }));
});

/** Messages about two versions of a todo, as web sends them: each once, and each with its own time. */
const MESSAGES = fc.array(fc.oneof(
  fc.record({ version: fc.constantFrom(1, 2), name: fc.constantFrom("received", "committed", "projected"), at_ms: fc.nat(50) }),
  fc.record({ version: fc.constantFrom(1, 2), name: fc.constant("seen"), at_ms: fc.nat(50) }),
  fc.record({ version: fc.constantFrom(1, 2), name: fc.constant("withdrawn"), at_ms: fc.constant(0) }),
), { minLength: 1, maxLength: 12 }).map((words) => words.map(({ version, name, at_ms }, told_ms) => {
  const more = { event_id: `e${version}`, version };
  if (name === "withdrawn") return { told_ms, news: [{ ...WITHDRAWN, ...more }] };
  return { told_ms, news: [name === "seen" ? seen(at_ms, more) : hop(name, at_ms, { ...more, span_id: `${name} ${at_ms}` })] };
}));

test("messages give the same journeys in any order and with any repetition", () => {
  const told = MESSAGES.chain((messages) => fc.tuple(
    fc.constant(messages), fc.shuffledSubarray(messages, { minLength: messages.length }), fc.array(fc.constantFrom(...messages)),
  ));
  fc.assert(fc.property(told, ([messages, shuffled, again]) => {
    const [once, anyhow] = [journalOf(messages), journalOf([...shuffled, ...again])];
    for (const [event_id, journey] of once.journeys) {
      const other = anyhow.journeys.get(event_id);
      assert.deepEqual(other?.hops, journey.hops);
      assert.ok(other);
      assert.equal(overSince(anyhow, other), overSince(once, journey));
    }
    assert.deepEqual(anyhow.inOrder(), once.inOrder());
  }), { numRuns: 500 });
});
