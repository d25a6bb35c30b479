/** What is added while the page is paused is counted, so that it can say so. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Journal } from "../../web/static/js/journal/journal.js";
import { News } from "../../web/static/js/panels/bar/news.js";
import { hopsOf } from "./support.js";

test("each journey that comes while paused counts once, whatever else happens", () => {
  const act = fc.record({
    what: fc.constantFrom("hop", "hop", "hop", "pause", "live", "older"), id: fc.nat(8),
    hop: fc.constantFrom("received", "committed", "projected"),
  });
  fc.assert(fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
    const journal = new Journal();
    const news = new News(journal);
    /** @type {Set<string>|null} */
    let unseen = null;
    for (const each of acts) {
      if (each.what === "pause" || each.what === "live") {
        news.follow(each.what === "live");
        unseen = each.what === "live" ? null : unseen ?? new Set();
      } else if (each.what === "older") {
        // Older journeys are fetched only once some are known.
        if (!journal.journeys.size) continue;
        const event_id = `older ${each.id}`;
        journal.mergeOlder([{ event_id, trace_id: null, type: null, todo_id: 1, version: 1, title: null, completed: null, hops: hopsOf(event_id, [["received", 1]]) }]);
      } else {
        const event_id = `e${each.id}`;
        if (!journal.journeys.has(event_id)) unseen?.add(event_id);
        journal.merge(hopsOf(event_id, [[each.hop, 5]]));
      }
      assert.equal(news.count, unseen?.size ?? 0);
    }
  }));
});

test("if more come than are kept, all that are kept are new", () => {
  const journal = new Journal({ limit: 3 });
  const news = new News(journal);
  journal.merge(hopsOf("e0", [["received", 0]]));
  news.follow(false);
  for (const id of [1, 2, 3, 4]) journal.merge(hopsOf(`e${id}`, [["received", id]]));
  assert.equal(news.count, 3);
});
