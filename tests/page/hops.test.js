/** The hops of a journey: the order in which they move a mark, and the stretches between them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { itinerary, spansOf } from "../../web/static/js/journal/path.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { hop } from "./support.js";

/** @param {ReturnType<typeof hop>[]} hops */
function journeyOf(hops) {
  const journal = new Journal();
  journal.merge(hops);
  return /** @type {NonNullable<ReturnType<typeof journal.journeys.get>>} */ (journal.journeys.get("e1"));
}

for (const confirmed_ms of [2.5, 3.5]) {
  test(`a mark leaves the relay when the event is sent, not when the confirm comes at ${confirmed_ms} ms`, () => {
    const journey = journeyOf([
      hop("picked-up", 1), hop("confirmed", confirmed_ms, { start_ms: 2 }), hop("delivered", 3), hop("projected", 4),
    ]);
    const got = spansOf(journey).map(({ name, from_ms, to_ms }) => [name, from_ms, to_ms]);
    assert.deepEqual(got, [["relay", 1, 2], ["queue", 2, 3], ["projector", 3, 4]]);
  });
}

test("a confirm without the time of sending moves no mark back", () => {
  const journey = journeyOf([hop("picked-up", 1), hop("delivered", 2), hop("confirmed", 3), hop("projected", 4)]);
  const got = spansOf(journey).map((span) => [span.name, span.hop.hop]);
  assert.deepEqual(got, [["unknown", "delivered"], ["projector", "projected"]]);
});

test("time around a missing hop belongs to no known stretch", () => {
  const journey = journeyOf([hop("committed", 1), hop("delivered", 9), hop("projected", 10)]);
  assert.deepEqual(spansOf(journey).map(({ name }) => name), ["unknown", "projector"]);
});

test("an event that is sent again repeats its way", () => {
  const hops = [
    hop("picked-up", 1, { span_id: "a" }), hop("sent-failed", 2, { span_id: "b" }),
    hop("picked-up", 3, { span_id: "c" }), hop("confirmed", 4, { span_id: "d" }),
  ];
  const got = itinerary(journeyOf(hops.toReversed())).map((each) => each.hop);
  assert.deepEqual(got, ["picked-up", "sent-failed", "picked-up", "confirmed"]);
});
