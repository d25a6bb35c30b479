/** The past of the processes: their health, their contents and their switches, with times. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { parseRun, runOf } from "../../web/static/js/journal/run.js";
import { hop } from "./support.js";

const PAUSED = { relay: { pause: { on: true } } };
const NOTHING = { relay: { pause: { on: false } } };

/** A journal in which the relay was paused from 2,000 to 4,000 ms. */
function pausedOnce() {
  const journal = new Journal();
  journal.merge([hop("received", 1000)], 1000);
  journal.setHealth({ relay: { up: true } }, 1000);
  journal.setSwitches(NOTHING, 1000);
  journal.setSwitches(PAUSED, 2000);
  journal.setBurst({ sent: 1, wanted: 2, failed: 0, running: true });
  journal.setSwitches(NOTHING, 4000);
  return journal;
}

/**
 * What the relay says the lab is doing to it at a moment.
 * @param {Journal} journal
 * @param {number} at_ms
 */
function labAt(journal, at_ms) {
  const playhead = new Playhead(journal, new Live(journal));
  playhead.live.sync(5000, 0);
  if (journal.run) playhead.open(0, 10_000);
  playhead.seek(at_ms, 0);
  return factsOf(journal, playhead.scene(0)).status.relay.lab;
}

test("a past moment shows what was switched then", () => {
  const journal = pausedOnce();
  assert.deepEqual([1500, 3000, 4500].map((at_ms) => labAt(journal, at_ms)), [null, "paused by the lab", null]);
});

test("an opened run shows its own switches, and no burst", () => {
  const file = JSON.stringify(runOf(pausedOnce(), 5000));
  const journal = new Journal();
  journal.setSwitches({ relay: { slow: { on: true, delay_ms: 9 } } }, 1);
  journal.setBurst({ sent: 1, wanted: 2, failed: 0, running: true });
  /** @type {unknown[]} */
  const bursts = [];
  journal.addEventListener("burst", () => bursts.push(journal.burst));
  journal.open(parseRun(file));
  assert.deepEqual([1500, 3000, 4500].map((at_ms) => labAt(journal, at_ms)), [null, "paused by the lab", null]);
  assert.deepEqual([journal.burst, bursts], [null, [null]]);
});

test("a run from before switches were recorded opens, and shows none", () => {
  const { switches: _, ...older } = runOf(pausedOnce(), 5000);
  const journal = new Journal();
  journal.setSwitches(PAUSED, 1);
  journal.open(parseRun(JSON.stringify(older)));
  assert.equal(labAt(journal, 3000), null);
});

test("a moment before the first word on the processes shows nothing of them", () => {
  const journal = pausedOnce();
  assert.equal(journal.told.health.at(500), undefined);
  assert.deepEqual(journal.told.health.at(1000), { relay: { up: true } });
});

test("only the last entry from before the kept time stays", () => {
  const journal = new Journal({ keep_ms: 100 });
  for (const at_ms of [0, 10, 200]) journal.setHolds({ relay: { outbox: at_ms } }, at_ms);
  assert.deepEqual(journal.told.holds.samples.map(({ at_ms }) => at_ms), [10, 200]);
});

test("older journeys are announced only once the newer ones are back", () => {
  const journal = new Journal();
  journal.merge([hop("received", 5, { event_id: "newer" })], 5);
  /** @type {string[][]} */
  const heard = [];
  journal.addEventListener("hops", () => heard.push([...journal.journeys.keys()]));
  const { event_id, ...known } = hop("received", 1, { event_id: "older" });
  journal.mergeOlder([{ event_id, trace_id: null, ...known, hops: [hop("received", 1, { event_id })] }]);
  assert.deepEqual(heard, [["older", "newer"]]);
});

test("a run that is saved and opened again has the same journeys, hop by hop", () => {
  const { span_id: _, ...seen } = hop("seen", 9, { process: "web" });
  const journal = new Journal();
  journal.merge([hop("projected", 5), seen], 10);
  const again = new Journal();
  again.open(parseRun(JSON.stringify(runOf(journal, 10))));
  const names = (/** @type {Journal} */ { journeys }) =>
    journeys.get("e1")?.hops.map((each) => [each.hop, each.at_ms, each.span_id]);
  assert.deepEqual(names(again), names(journal));
});
