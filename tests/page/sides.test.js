/** The other read models: an event's ways into them, and what the stage says of them while the lab keeps them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { branchesOf } from "../../web/static/js/journal/branches.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { itinerary } from "../../web/static/js/journal/path.js";
import { Inbox } from "../../web/static/js/wire/inbox.js";
import { hop } from "./support.js";

const LAG_MS = 300;
/** An event's whole way, and its ways into the counts and into a replica that lags. */
const HOPS = [
  hop("received", 100), hop("committed", 102), hop("acknowledged", 103), hop("picked-up", 104), hop("confirmed", 107, { start_ms: 105 }),
  hop("delivered", 108, { process: "projector" }), hop("projected", 110, { process: "projector" }), hop("acked", 111, { process: "projector" }), hop("seen", 130, { process: "web", span_id: undefined }),
];
const ASIDE = [
  hop("counter-delivered", 109, { process: "counter" }), hop("counter-projected", 111, { process: "counter" }), hop("counter-acked", 112, { process: "counter" }),
  hop("replica-delivered", 109, { process: "replica" }), hop("replica-projected", 109 + LAG_MS, { process: "replica" }),
];
const KEPT = { counter: { count: { on: true, until_ms: 60_000 } }, replica: { replicate: { on: true, until_ms: 60_000, lag_ms: LAG_MS } } };

/** @param {object[]} hops */
function page(hops) {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal));
  const inbox = new Inbox(journal, playhead, () => 200);
  playhead.live.sync(200, 200);
  journal.setConnected(true);
  journal.setSwitches(KEPT, 90);
  journal.setHolds({ counter: { created: 1, completed: 0, deleted: 0, queue: 0, unacked: 0, at_ms: 150 }, replica: { todos: 0, queue: 0, unacked: 1, at_ms: 150 } }, 150);
  inbox.takes.hops({ now_ms: 200, hops });
  return { journal, playhead };
}

test("a branch has its own hops after the sending, and the path has none of them", () => {
  const { journal } = page([...HOPS, ...ASIDE]);
  const journey = journal.journeys.get("e1") ?? assert.fail();
  assert.deepEqual(itinerary(journey).map((each) => each.hop), ["received", "committed", "picked-up", "sent", "delivered", "projected", "seen"]);
  const told = branchesOf(journey).map((branch) => [branch.name, branch.todo_id, itinerary(branch).map((each) => each.hop)]);
  assert.deepEqual(told, [["counter", 1, ["sent", "delivered", "projected"]], ["replica", 1, ["sent", "delivered", "projected"]]]);
  assert.equal(branchesOf(journey)[0], branchesOf(journey)[0]);
});

test("with them, the path and its figures are as without", () => {
  const [plain, both] = [page(HOPS), page([...HOPS, ...ASIDE])];
  for (let now_ms = 200; now_ms < 9000; now_ms += 50) {
    const [one, other] = [plain, both].map(({ journal, playhead }) => {
      const scene = playhead.scene(now_ms);
      const facts = factsOf(journal, scene);
      const marks = [...scene.shown.values()].map(({ hop: last, from, to, progress, moving, over, at_ms }) => ({ last, from, to, progress, moving, over, at_ms }));
      const lanes = facts.lanes.map(({ segments, total_ms, ended, words }) => ({ segments, total_ms, ended, words }));
      return { marks, lanes, took: [...facts.took], counts: facts.counts, behind: scene.behind_ms, verdict: facts.verdict };
    });
    assert.deepEqual(other, one, `at ${now_ms}`);
  }
});

test("a copy sets out once its event has been sent, waits where it waits, and ends in its read model", () => {
  const { playhead } = page([...HOPS, ...ASIDE]);
  /** @type {Record<string, string[]>} */
  const seen = { counter: [], replica: [] };
  for (let now_ms = 200; now_ms < 9000; now_ms += 50) {
    const { shown, side } = playhead.scene(now_ms);
    for (const [id, { from, to, moving, progress }] of side ?? []) {
      const places = seen[id.split(" ")[1]];
      const place = moving && progress < 1 ? from : to;
      if (places.at(-1) !== place) places.push(place);
      const mark = shown.get("e1");
      if (places.length === 1 && mark) assert.ok(["queue", "projector", "mongodb"].includes(mark.to), mark.to);
    }
  }
  assert.deepEqual(seen.counter, ["counter-queue", "counter", "counts"]);
  assert.deepEqual(seen.replica, ["replica-queue", "replica", "replica-todos"]);
});

test("the coordinator is on the stage while it has a saga or a switch is on, and a while after it acted", () => {
  const { journal, playhead } = page([]);
  const seen = (/** @type {number} */ now_ms) => {
    const { coordinator, status } = factsOf(journal, playhead.scene(now_ms));
    return [coordinator?.sagas, status["coordinator"]?.says, status["sagas"]?.says];
  };
  assert.deepEqual(seen(1000), [undefined, undefined, undefined]);
  journal.setHealth({ coordinator: { up: true, checks: {} }, relay: { up: true, checks: { postgresql: "ok" } } }, 1000);
  journal.setHolds({ coordinator: { sagas: 1, at_ms: 1000 } }, 1000);
  assert.deepEqual(seen(1100), [1, "1 saga open", "1 open"]);
  journal.setHolds({ coordinator: { at_ms: 2000 } }, 2000);
  assert.deepEqual(seen(2100), [undefined, undefined, undefined]);
  journal.setSwitches({ coordinator: { crash: { on: true } } }, 3000);
  assert.equal(seen(3100)[1], "no saga open");
  journal.setSwitches({ coordinator: { crash: { on: false } } }, 4000);
  journal.mergeFirings([{ id: "f", fault: "crash", place: "coordinator", process: "coordinator", began_ms: 3500, over_ms: 4100, ended: "alive" }]);
  assert.equal(seen(5000)[1], "no saga open");
  assert.equal(seen(40_000)[1], undefined);
});

test("a copy waits in its queue, before its process has it, for as long as the queue is there", () => {
  const { journal, playhead } = page([]);
  const inbox = new Inbox(journal, playhead, () => 200);
  const waiting = (/** @type {number} */ now_ms) => [...playhead.scene(now_ms).side?.values() ?? []].map(({ journey, to, atEdge }) => [journey.event_id, to, atEdge]);
  const sent = (/** @type {string} */ id, /** @type {number} */ after_ms) => HOPS.map((each) => ({ ...each, event_id: id, at_ms: each.at_ms + after_ms, start_ms: each.start_ms && each.start_ms + after_ms }));
  const holds = (/** @type {object} */ counter, /** @type {number} */ at_ms) => journal.setHolds({ counter: { ...counter, at_ms }, replica: { at_ms } }, at_ms);
  holds({ queue: 0, unacked: 0 }, 160);
  const play = (/** @type {number} */ from_ms) => { for (let at = 0; at < 6000; at += 50) playhead.scene(from_ms + at); return waiting(from_ms + 6000); };
  inbox.takes.hops({ now_ms: 400, hops: sent("e1", 200) });
  assert.deepEqual(play(400), [["e1 counter", "counter-queue", true]]);
  // Its process dies, and says nothing; then it goes on.
  journal.setHolds({ counter: null, replica: { at_ms: 6500 } }, 6500);
  assert.equal(play(6500).length, 1);
  inbox.takes.hops({ now_ms: 13_000, hops: [hop("counter-delivered", 12_900, { process: "counter" }), hop("counter-projected", 12_910, { process: "counter" })] });
  assert.deepEqual(play(13_000), []);
  // Whose queue was deleted meanwhile never gets it.
  holds({}, 20_000);
  holds({ queue: 0 }, 20_100);
  inbox.takes.hops({ now_ms: 20_200, hops: sent("e2", 19_900) });
  assert.deepEqual(play(20_200), []);
});

test("in the past, a copy is where it was, and the read model holds what it did", () => {
  const { journal, playhead } = page([...HOPS, ...ASIDE]);
  const at = (/** @type {number} */ at_ms) => {
    playhead.seek(at_ms, 1000);
    const scene = playhead.scene(1000);
    const { counts, todos } = Object.fromEntries(factsOf(journal, scene).sides.flatMap((side) => [["counts", side.counts?.created], ["todos", side.todos]].filter(([, value]) => value !== undefined && value !== null)));
    return [scene.side?.get("e1 counter")?.to, scene.side?.get("e1 replica")?.to, counts, todos];
  };
  assert.deepEqual(at(109.5).slice(0, 2), ["counts", "replica-todos"]);
  assert.deepEqual(at(200).slice(1), ["replica-todos", 1, 0]);
  assert.deepEqual(at(109 + LAG_MS + 1).slice(2), [1, 1]);
});

test("a read model is on the stage while it is kept, also while its process is down, and not longer", () => {
  const { journal, playhead } = page(HOPS);
  const kept = () => {
    const { sides, status } = factsOf(journal, playhead.scene(20_000));
    return [sides.map(({ name }) => name).join(" "), status["replica"]?.says, status["counts"]?.says];
  };
  assert.deepEqual(kept(), ["counter replica", "–", "1 created"]);
  journal.setHealth({ counter: { up: true, checks: {} }, replica: { up: false, checks: null, error: "refused" } }, 15_000);
  journal.setSwitches({ counter: KEPT.counter, replica: null }, 16_000);
  assert.deepEqual(kept(), ["counter replica", "down", "1 created"]);
  journal.setSwitches({ counter: { count: { on: false } }, replica: null }, 17_000);
  assert.deepEqual(kept(), ["replica", "down", undefined]);
  assert.equal(factsOf(journal, playhead.scene(70_000)).sides.length, 0);
});

test("what the lab does to a copy does not mark its event, and the other way round", () => {
  const { journal, playhead } = page([...HOPS, ...ASIDE]);
  journal.mergeFirings([
    { id: "f1", fault: "hold", place: "counter", began_ms: 109, over_ms: 5000, event_id: "e1" },
    { id: "f2", fault: "hold", place: "projector", began_ms: 108, over_ms: 5000, event_id: "e1" },
  ]);
  const { injected } = factsOf(journal, playhead.scene(200));
  const journey = journal.journeys.get("e1") ?? assert.fail();
  const [counter, replica] = branchesOf(journey);
  assert.deepEqual([journey, counter, replica].map((each) => injected.actingOn(each, 110)?.id), ["f2", "f1", undefined]);
  assert.equal(factsOf(journal, playhead.scene(200)).lab("counter").lab, "hold at the counter by the lab");
});
