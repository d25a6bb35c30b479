/** Events that the command service publishes by itself, as a switch of the lab says: none has a row in the outbox. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { lanesOf } from "../../web/static/js/facts/lanes.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { writtenAt } from "../../web/static/js/facts/rows.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { hop } from "./support.js";

const HOPS = [hop("received", 100, { trace_id: "t1" }), hop("committed", 102), hop("acknowledged", 103)];
const PUBLISH = { id: "f1", fault: "publish", place: "command-service", began_ms: 101, over_ms: 104, trace_id: "t1" };

for (const order of ["the firing first", "the event first"]) {
  test(`a lost event stays in the command service, and in no outbox: ${order}`, () => {
    const journal = new Journal();
    const playhead = new Playhead(journal, new Live(journal));
    playhead.live.sync(200, 200);
    journal.setHolds({ "command-service": { at_ms: 150, todos: 1, outbox: 0 } }, 150);
    const news = [() => journal.mergeFirings([PUBLISH]), () => journal.merge(HOPS, 200)];
    for (const tell of order === "the firing first" ? news : news.toReversed()) tell();
    const journey = journal.journeys.get("e1") ?? assert.fail();
    playhead.follow(journey, 200);
    /** @type {Set<string>} */
    const places = new Set();
    for (let now_ms = 200; now_ms < 5000; now_ms += 100) {
      const scene = playhead.scene(now_ms);
      places.add(scene.shown.get("e1")?.to ?? "none");
      assert.equal(factsOf(journal, scene).counts.outbox, 0, `at ${now_ms}`);
      assert.deepEqual(lanesOf(journal, scene).flatMap(({ segments }) => segments.map(({ name }) => name)).filter((name) => name === "outbox"), []);
    }
    assert.deepEqual([...places], ["command-service"]);
    playhead.seek(180, 5000);
    assert.equal(playhead.scene(5000).shown.get("e1")?.to, "command-service");
  });
}

test("what is published before it is committed was never in PostgreSQL, though MongoDB has it", () => {
  const journal = new Journal();
  const hops = [hop("received", 100, { trace_id: "t1" }), hop("delivered", 102), hop("projected", 104)];
  journal.merge(hops, 200);
  const journey = journal.journeys.get("e1") ?? assert.fail();
  assert.notEqual(writtenAt([journey], journey.version ?? 0), null, "what followed shows that it was written");
  journal.mergeFirings([PUBLISH]);
  assert.equal(writtenAt([journey], journey.version ?? 0), null);
});
