/** What each node on the stage says: whether it is up, down or waiting, and what it contains. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { faults, reports, toldAt } from "../../web/static/js/facts/status.js";
import { Journal } from "../../web/static/js/journal/journal.js";

const CHECKS = { postgresql: "ok", rabbitmq: "ok", mongodb: "ok" };
const UP = {
  "command-service": { up: true, checks: { postgresql: "ok" } },
  "relay": { up: true, checks: { postgresql: "ok", rabbitmq: "ok" } },
  "projector": { up: true, checks: { rabbitmq: "ok", mongodb: "ok" } },
  "query-service": { up: true, checks: { mongodb: "ok" } },
};
const HOLDS = {
  "command-service": { todos: 1200, outbox: 3 }, "relay": { leader: true, outbox: 4 },
  "projector": { queue: 2, unacked: 1, dead_letters: 0 }, "query-service": { todos: 1 },
};

test("a node that is up says what it contains", () => {
  const all = reports(UP, HOLDS);
  const said = Object.fromEntries(Object.entries(all).map(([node, { state, says }]) => [node, `${state}: ${says}`]));
  assert.deepEqual(said, {
    "browser": "up: you, or curl",
    "command-service": "up: service",
    "postgresql": "up: 1,200 todos",
    "outbox": "up: 3 waiting",
    "relay": "up: leads",
    "rabbitmq": "up: 2 in the queue",
    "dead-letters": "up: 0",
    "projector": "up: 1 in hand",
    "mongodb": "up: 1 todo",
    "query-service": "up: service",
  });
  const holding = Object.keys(all).filter((node) => all[node].holding);
  assert.deepEqual(holding, ["outbox", "rabbitmq"]);
  assert.deepEqual(faults(all), []);
});

test("an unknown value is a dash, with the reason", () => {
  const all = reports({}, {});
  for (const [node, { state, why }] of Object.entries(all)) {
    if (node === "browser") continue;
    assert.equal(state, "unknown", node);
    if (!["outbox", "dead-letters"].includes(node)) assert.equal(why, "not heard of yet", node);
  }
  assert.deepEqual([all.outbox.says, all.relay.says, all.mongodb.says], ["–", "–", "–"]);
});

test("the relay reports the outbox while the command service cannot be reached", () => {
  assert.equal(reports(UP, { ...HOLDS, "command-service": null }).outbox.says, "4 waiting");
});

test("a process that cannot be reached is down, and one without its server is waiting for it", () => {
  const all = reports({
    ...UP, "relay": { up: false, error: "connection refused" },
    "projector": { up: false, checks: { ...CHECKS, rabbitmq: "no route", mongodb: "timed out" } },
  }, HOLDS);
  assert.deepEqual([all.relay.state, all.relay.why], ["down", "connection refused"]);
  assert.deepEqual([all.projector.state, all.projector.says], ["waiting", "no RabbitMQ, MongoDB"]);
});

test("a server and its parts are down as soon as one process that uses it says so", () => {
  const all = reports({ ...UP, projector: { up: false, checks: { rabbitmq: "no route", mongodb: "ok" } } }, HOLDS);
  assert.deepEqual([all.rabbitmq.state, all.rabbitmq.why], ["down", "no route"]);
  assert.equal(all["dead-letters"].state, "unknown");
  assert.equal(all.mongodb.state, "up");
  assert.deepEqual(faults(all), ["RabbitMQ is down: no route"]);
});

test("a fault is a full sentence, with or without a known reason", () => {
  const all = reports({ ...UP, "relay": { up: false }, "query-service": { up: false, error: "timed out" } }, HOLDS);
  assert.deepEqual(faults(all), ["The relay is down", "The query service is down: timed out"]);
});

test("a relay that does not lead stands by", () => {
  assert.equal(reports(UP, { ...HOLDS, relay: { leader: false } }).relay.says, "stands by");
});

test("a node says what the lab does to it", () => {
  const switches = {
    relay: { pause: { on: true }, slow: { on: true, delay_ms: 250 } }, projector: { pause: { on: false } },
  };
  const all = reports(UP, HOLDS, switches);
  assert.equal(all.relay.lab, "paused, slowed 250 ms by the lab");
  assert.deepEqual(all.relay.acts, { long: "paused by the lab", short: "paused" }, "what is paused is not slowed too");
  assert.deepEqual([all.projector.lab, all.projector.acts], [null, null]);
  assert.equal(all["query-service"].lab, null);
});

test("a past moment shows what the processes had said by then", () => {
  const journal = new Journal();
  journal.setHealth(UP, 100);
  journal.setHealth({ relay: { up: false } }, 200);
  journal.setHolds({ relay: { outbox: 1 } }, 100);
  journal.setHolds({ relay: { outbox: 2 } }, 200);
  const at = (/** @type {number} */ at_ms) => toldAt(journal, /** @type {any} */ ({ isPast: true, at_ms, behind_ms: 0 }));
  assert.deepEqual([at(50).health, at(50).holds], [{}, {}]);
  assert.deepEqual([at(199).health, at(199).holds], [UP, { relay: { outbox: 1 } }]);
  assert.deepEqual([at(200).health, at(200).holds], [{ relay: { up: false } }, { relay: { outbox: 2 } }]);
});
