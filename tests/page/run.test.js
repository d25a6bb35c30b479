/** A run as a file: what the page keeps of it, and what it refuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Journal } from "../../web/static/js/journal/journal.js";
import { NotARun, boundsOf, parseRun, runOf } from "../../web/static/js/journal/run.js";
import { hop } from "./support.js";

const RUN = { format: "eventually-run", version: 1, at_ms: 9, journeys: [{ event_id: "e1", hops: [hop("received", 1)] }] };

/** @param {object} [more] */
const parsed = (more = {}) => parseRun(JSON.stringify({ ...RUN, ...more }));

const REFUSED = [
  ["{", /not JSON/],
  ["null", /no run of Eventually/],
  ["[]", /no run of Eventually/],
  ['{"format": "eventually-run", "version": 2, "journeys": []}', /version 2/],
  ['{"format": "eventually-run", "version": 1, "journeys": []}', /no journey/],
  ['{"format": "eventually-run", "version": 1, "journeys": [{"event_id": 7}]}', /no journey/],
];
for (const [text, why] of /** @type {[string, RegExp][]} */ (REFUSED)) {
  test(`a file without a run is refused, with the reason: ${text}`, () => {
    assert.throws(() => parseRun(text), (error) => error instanceof NotARun && why.test(error.message));
  });
}

test("any file is either read as a run or refused", () => {
  fc.assert(fc.property(fc.json(), fc.json(), (journeys, reads) => {
    const text = `{"format": "eventually-run", "version": 1, "journeys": [${journeys}, {"event_id": "e", "hops": ${journeys}}], `
      + `"reads": ${reads}, "probes": ${reads}, "health": ${journeys}, "holds": ${reads}}`;
    const { journeys: kept } = parseRun(text);
    assert.equal(kept.at(-1)?.event_id, "e");
  }));
});

test("a page's own knowledge is the same once saved and opened again", () => {
  const journal = new Journal();
  journal.merge([hop("received", 1), hop("committed", 2), hop("received", 3, { event_id: "e2", todo_id: 2 })]);
  journal.setRead({ asked_ms: 4, at_ms: 5, status: 200, todos: [{ id: 1, title: "a", completed: false }], after: null, more: false, error: null });
  journal.addProbes([{ event_id: "e1", t_ms: 1, visible: true, asked_ms: 2, at_ms: 3 }]);
  journal.setClock(-7);
  const opened = new Journal();
  opened.open(parseRun(JSON.stringify(runOf(journal, 9))));
  const known = (/** @type {Journal} */ { journeys }) => [...journeys.values()].map(({ hops, ...journey }) => [
    journey, hops.map((each) => [each.hop, each.at_ms, each.span_id, each.process]),
  ]);
  assert.deepEqual(known(opened), known(journal));
  assert.deepEqual([opened.run?.at_ms, opened.timeOfDay(opened.run?.at_ms ?? NaN)], [16, 9]);
  assert.deepEqual(opened.read, journal.read);
  assert.deepEqual(opened.probes, journal.probes);
});

test("the page keeps only the parts of a journey that it can show", () => {
  const [journey] = parsed({
    journeys: [{ event_id: "e1", title: { toString: "x" }, version: 2, script: "x", hops: [
      hop("received", 1, { span_id: 7 }), { hop: "committed", at_ms: "soon" }, { at_ms: 2 }, null,
    ] }],
  }).journeys;
  assert.deepEqual([journey.title, journey.version, "script" in journey], [null, 2, false]);
  assert.deepEqual(journey.hops.map((each) => [each.hop, each.span_id]), [["received", "7"]]);
});

test("anything that is not a probe, a read or a sample is left out", () => {
  const run = parsed({
    probes: [{ t_ms: 1, visible: true }, { t_ms: "1", visible: true }, { t_ms: 1 }],
    reads: [{ todos: [] }, { todos: null }],
    holds: [{ at_ms: 1, told: { relay: {} } }, { at_ms: 1 }, { told: {} }],
  });
  assert.deepEqual([run.probes.length, run.reads.length, run.holds.length], [1, 1, 1]);
});

test("a run from before servers were recorded has no past for them", () => {
  assert.deepEqual([parsed().health, parsed().holds], [[], []]);
});

test("a run lasts from its first hop to its last, or until the last report of what waits", () => {
  const run = parsed({ journeys: [{ event_id: "e1", hops: [hop("received", 5), hop("committed", 7)] }] });
  assert.deepEqual(boundsOf(run), { from_ms: 5, to_ms: 7 });
  assert.deepEqual(boundsOf({ ...run, holds: [{ at_ms: 90, told: {} }] }), { from_ms: 5, to_ms: 90 });
});

test("when the first run of a lesson was is kept, as only that is played again", () => {
  const journeys = [{ event_id: "e1", hops: [] }];
  const sheet = { format: "eventually-run", version: 1, journeys, runs: { was: { began_ms: 5, over_ms: null, commands: [] }, now: null } };
  assert.deepEqual(parseRun(JSON.stringify(sheet)).runs, { was: { began_ms: 5, over_ms: null } });
  assert.equal("runs" in parseRun(JSON.stringify({ ...sheet, runs: { was: null } })), false);
});
