/** What each part holds at the moment that the marks show. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, property } from "fast-check";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { hopsOf } from "./support.js";
import { course, courseOf, pictures } from "./world.js";

/**
 * How many marks stand in each place, and have not set out for the next.
 * @param {import("../../web/static/js/clock/shown.js").Scene} scene
 */
function marksIn({ shown, undrawn }) {
  /** @type {Map<string, number>} */
  const marks = new Map();
  for (const { from, moving, progress, last } of [...shown.values(), ...undrawn]) {
    if (!last || (moving && progress > 0)) continue;
    marks.set(from, (marks.get(from) ?? 0) + 1);
  }
  return marks;
}

/**
 * Checks every picture of a world.
 * @param {import("./world.js").Course} world
 */
function checkCounts(world) {
  for (const { facts: { counts, truths }, scene, all } of pictures(world)) {
    const marks = marksIn(scene);
    const at = `${scene.mode} at ${scene.at_ms}`;
    if (counts.queue === null) continue;
    assert.ok(counts.queue >= (marks.get("queue") ?? 0), `the queue, ${at}`);
    assert.ok((counts.outbox ?? 0) >= (marks.get("outbox") ?? 0), `the outbox, ${at}`);
    assert.ok((counts.inHand ?? 0) >= (marks.get("projector") ?? 0), `in hand, ${at}`);
    assert.ok(counts.queue <= all.length && (counts.outbox ?? 0) <= all.length, `more than there are, ${at}`);
    if (!truths.isWhole) continue;
    assert.equal(counts.mongodb, truths.compared.filter(({ right }) => right).length, `MongoDB, ${at}`);
    assert.equal(counts.postgresql, truths.compared.filter(({ left }) => left).length, `PostgreSQL, ${at}`);
  }
}

test("no place is said to hold fewer than the marks drawn there, and no store other than is compared", () => {
  holds(property(course, checkCounts), { numRuns: 50 });
});

test("an event whose commit is heard of last is not counted twice in the outbox", () => {
  checkCounts(courseOf({
    ways: [{ offset: 22, recorded: 7, deletes: { after: 2242, outbox: 40, late: [790, 790, 30, 30, 30, 30, 30, 30] } }],
    looks: [440, 3000, 3000, 100, 100, 3000], samples: [0, 0, 0, 258, 0, 151, 0, 0],
  }));
});

const HELD = {
  "command-service": { at_ms: 1000, todos: 1, outbox: 0 }, "query-service": { at_ms: 1000, todos: 1 },
  "projector": { at_ms: 1000, queue: 0, unacked: 0, dead_letters: 0 },
};
/** A page, live at 1,000 ms of the server's clock, where one event has gone all its way in truth. */
function page() {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal));
  playhead.live.sync(1000, 0);
  journal.setConnected(true);
  const hops = hopsOf("a", [
    ["received", 100], ["committed", 110], ["acknowledged", 112], ["picked-up", 115], ["confirmed", 120],
    ["delivered", 130], ["projected", 140], ["acked", 141],
  ]);
  for (const changed of journal.merge(hops, 1000)) {
    const journey = journal.journeys.get(changed);
    if (journey) playhead.follow(journey, 0);
  }
  journal.setHolds(HELD, 1000);
  return { journal, playhead };
}

test("while a mark is still on its way, the figures are those of the mark's moment, and those of now say so", () => {
  const { journal, playhead } = page();
  journal.setHealth({ projector: { up: true, checks: { rabbitmq: "ok", mongodb: "ok" } }, relay: { up: true, checks: { postgresql: "ok" } } }, 1000);
  /** @type {string[]} */
  const seen = [];
  for (let now_ms = 0; now_ms < 12_000; now_ms += 50) {
    const { status } = factsOf(journal, playhead.scene(now_ms));
    const said = ["postgresql", "outbox", "rabbitmq", "projector", "mongodb"].map((node) => status[node].says.split(" ")[0]).join(" ");
    if (seen.at(-1) !== said) seen.push(said);
    if (said.startsWith("1 0 1")) assert.equal(status.rabbitmq.now, "now 0");
  }
  assert.deepEqual(seen, ["0 0 0 0 0", "1 1 0 0 0", "1 0 1 0 0", "1 0 0 1 0", "1 0 0 0 1"]);
});

test("in the past, the figures are those of that moment", () => {
  const { journal, playhead } = page();
  const at = (/** @type {number} */ at_ms) => {
    playhead.seek(at_ms, 0);
    const { postgresql, outbox, queue, inHand, mongodb } = factsOf(journal, playhead.scene(0)).counts;
    return [postgresql, outbox, queue, inHand, mongodb];
  };
  journal.told.takePast({ holds: [
    { at_ms: 90, told: { ...HELD, "command-service": { at_ms: 90, todos: 0, outbox: 0 }, "query-service": { at_ms: 90, todos: 0 } } },
    { at_ms: 1000, told: HELD },
  ] });
  assert.deepEqual([105, 111, 121, 131, 140, 1000].map(at), [
    [0, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, 1, 0, 0], [1, 0, 0, 1, 0], [1, 0, 0, 0, 1], [1, 0, 0, 0, 1],
  ]);
});

test("what the page knows nothing of is counted as it was told", () => {
  const { journal, playhead } = page();
  journal.setHolds({ ...HELD, "projector": { at_ms: 2000, queue: 7, unacked: 0, dead_letters: 2 } }, 2000);
  const { counts } = factsOf(journal, playhead.scene(1000));
  assert.deepEqual([counts.queue, counts.deadLetters], [7, 2]);
});
