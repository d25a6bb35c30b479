/** The lag of the read model: of what is not finished, its age so far counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { lagAt, waitsOf } from "../../web/static/js/facts/lag.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { hopsOf } from "./support.js";

/** @typedef {[string, number][]} Way */

/** @param {Way[]} ways Of the events of one todo each. */
function journalOf(...ways) {
  const journal = new Journal();
  ways.forEach((way, index) => journal.merge(hopsOf(`e${index}`, way, { todo_id: index + 1 })));
  return journal;
}

test("a thousand events that have waited for 13 s make a lag of 13 s, whatever the last one took", () => {
  const waiting = Array.from({ length: 1000 }, (_, at) => /** @type {Way} */ ([["committed", at / 1000]]));
  const journal = journalOf(...waiting, [["committed", 5], ["projected", 16.6]]);
  assert.deepEqual(lagAt(waitsOf(journal, { now_ms: 13_000 }), [13_000]), [13_000]);
});

test("at each moment the lag is the age of the oldest event that was not in MongoDB", () => {
  const time = fc.integer({ min: 0, max: 100 });
  const ways = fc.array(fc.tuple(time, fc.option(fc.integer({ min: 1, max: 60 }))), { maxLength: 30 });
  fc.assert(fc.property(ways, fc.array(time, { maxLength: 10 }), time, (events, looks, now_ms) => {
    const journal = journalOf(...events.map(([at_ms, took_ms]) => /** @type {Way} */ (
      took_ms === null ? [["committed", at_ms]] : [["committed", at_ms], ["projected", at_ms + took_ms]])));
    const times = looks.filter((at_ms) => at_ms <= now_ms).sort((a, b) => a - b);
    const expected = times.map((look_ms) => {
      const ages = events
        .filter(([at_ms, took_ms]) => at_ms <= look_ms && (took_ms === null || at_ms + took_ms > look_ms))
        .map(([at_ms]) => look_ms - at_ms);
      return ages.length ? Math.max(...ages) : null;
    });
    assert.deepEqual(lagAt(waitsOf(journal, { now_ms }), times), expected);
  }));
});

test("the lag of an event is measured from its commit", () => {
  const waits = waitsOf(journalOf([["committed", 100], ["projected", 107]]), { now_ms: 200 });
  assert.deepEqual(waits, [{ from_ms: 100, to_ms: 107, lag_ms: 7, injected_ms: 0 }]);
});

test("a dead letter waits for nobody, and is not counted for ever", () => {
  const journal = journalOf([["committed", 0], ["delivered", 5], ["dead-lettered", 9]]);
  assert.deepEqual(lagAt(waitsOf(journal, { now_ms: 5000 }), [8, 5000]), [8, null]);
});

test("an event that may have arrived unheard does not count yet", () => {
  const journal = journalOf([["committed", 1000]]);
  assert.deepEqual(waitsOf(journal, { now_ms: 1500, news_ms: 1000 }), []);
  assert.deepEqual(lagAt(waitsOf(journal, { now_ms: 2001, news_ms: 1000 }), [2001]), [1001]);
});
