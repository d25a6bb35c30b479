/** Everything that the page keeps is bounded: a day of events leaves no more behind than an hour. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ShownList } from "../../web/static/js/clock/list.js";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Memory } from "../../web/static/js/facts/truths.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { WAY, hop } from "./support.js";

const EVENTS = 50_000;
const LIMIT = 500;

/**
 * The number of entries in all the maps, sets and lists that can be reached from an object.
 * @param {unknown} root
 */
function entriesIn(root) {
  const [known, left] = [new Set(), [root]];
  let count = 0;
  while (left.length) {
    const one = left.pop();
    if (one === null || typeof one !== "object" || known.has(one)) continue;
    known.add(one);
    const isList = Array.isArray(one) || one instanceof Map || one instanceof Set;
    const parts = one instanceof Map ? [...one.keys(), ...one.values()] : isList ? [...one] : Object.values(one);
    if (isList) count += parts.length;
    for (const part of parts) if (typeof part === "object") left.push(part);
  }
  return count;
}

/**
 * A page without its views, after that many events. Every second event gets no further than the outbox,
 * as if the relay had stopped, and every tenth is another version of the same todo.
 * @param {number} events
 * @param {{looks: boolean}} options Whether somebody is looking; otherwise the tab is in the background.
 */
function pageAfter(events, { looks }) {
  const journal = new Journal({ limit: LIMIT });
  const playhead = new Playhead(journal, new Live(journal));
  const [list, memory] = [new ShownList(), new Memory()];
  playhead.live.sync(0, 0);
  for (let index = 0; index < events; index += 1) {
    const [event_id, at_ms] = [`e${index}`, index * 10];
    const [todo_id, version] = index % 10 ? [index, 1] : [-1, index];
    const way = index % 2 ? WAY : WAY.slice(0, 2);
    for (const changed of journal.merge(way.map((name, step) => hop(name, at_ms + step, { event_id, todo_id, version })), at_ms)) {
      const journey = journal.journeys.get(changed);
      if (journey) playhead.follow(journey, at_ms);
    }
    journal.setHolds({ projector: { queue: index } }, at_ms);
    journal.setHealth({ projector: { up: true } }, at_ms);
    journal.addProbes([{ event_id, t_ms: 1, visible: true, asked_ms: at_ms, at_ms }]);
    if (!looks || index % 500) continue;
    const scene = playhead.scene(at_ms);
    list.update(journal, scene);
    const { behind, lanes, truths } = factsOf(journal, scene, memory);
    assert.ok(behind && lanes && truths);
  }
  return { journal, playhead, list, memory };
}

for (const looks of [true, false]) {
  test(`the page's memory is bounded while ${looks ? "somebody looks" : "nobody looks"}`, () => {
    const few = entriesIn(pageAfter(EVENTS / 5, { looks }));
    const many = entriesIn(pageAfter(EVENTS, { looks }));
    assert.ok(many < 1.5 * few, `${EVENTS / 5} events leave ${few} entries, ${EVENTS} leave ${many}`);
    assert.ok(many < 40 * LIMIT, `${many} entries of ${LIMIT} journeys`);
  });
}
