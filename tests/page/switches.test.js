/** The lab's switches: what is drawn of what a process describes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { choicesOf, nameOf, switchesOf, valueSays, verbOf } from "../../web/static/js/panels/switches/settings.js";

const DELAY = { name: "delay_ms", unit: "ms", least: 0, most: 60_000, default: 1000 };
const LAB = {
  "relay": { descriptions: {
    pause: { does: "Takes no new events.", parameters: [] }, slow: { does: "Waits before each.", parameters: [DELAY] },
  } },
  "projector": null,
  "command-service": { descriptions: {} },
};

test("the switches are those that the processes describe, in their order", () => {
  const found = switchesOf(LAB, ["relay", "projector"]);
  assert.deepEqual(found.map(({ process, name }) => `${process}-${name}`), ["relay-pause", "relay-slow"]);
  assert.equal(found[0].does, "Takes no new events.");
  assert.deepEqual(found[1].parameters, [DELAY]);
});

test("a process that is away, or describes no switches, has none", () => {
  assert.deepEqual(switchesOf({}, ["relay"]), []);
  assert.deepEqual(switchesOf({ relay: {} }, ["relay"]), []);
  assert.deepEqual(switchesOf(LAB, ["projector", "command-service"]), []);
});

test("a delay is chosen among round values around its default", () => {
  assert.deepEqual(choicesOf(DELAY), [100, 200, 500, 1000, 2000, 5000, 10_000]);
  assert.deepEqual(choicesOf(DELAY).map((value) => valueSays(value, "ms")),
    ["100 ms", "200 ms", "500 ms", "1 s", "2 s", "5 s", "10 s"]);
});

test("a value that was set elsewhere is among the choices", () => {
  assert.deepEqual(choicesOf(DELAY, 250), [100, 200, 250, 500, 1000, 2000, 5000, 10_000]);
  assert.equal(valueSays(1250, "ms"), "1.25 s");
  assert.equal(valueSays(0, "ms"), "0 ms");
  assert.equal(valueSays(60_000, "ms"), "60 s");
});

test("whatever the bounds, the choices lie within them, in order, with the default and the value set", () => {
  const parameters = fc.tuple(fc.nat(100_000), fc.nat(100_000), fc.nat(100_000))
    .map((values) => values.toSorted((a, b) => a - b))
    .map(([least, middle, most]) => ({ name: "n", unit: "times", least, default: middle, most }));
  fc.assert(fc.property(parameters, fc.double({ min: 0, max: 1, noNaN: true }), (parameter, share) => {
    const { least, most } = parameter;
    const now = Math.round(least + share * (most - least));
    const choices = choicesOf(parameter, now);
    assert.ok(choices.includes(parameter.default) && choices.includes(now));
    assert.ok(choices.every((value) => value >= least && value <= most));
    assert.ok(choices.every((value, index) => index === 0 || value > choices[index - 1]));
    assert.ok(choices.length <= 12);
  }));
});

test("a switch is named for the system, so that nobody takes it for the picture's pause", () => {
  assert.equal(nameOf("pause", "the relay"), "Pause the relay");
  assert.equal(nameOf("slow", "the projector"), "Slow the projector down");
  assert.equal(nameOf("deliver-twice", "the relay"), "Deliver twice: the relay");
  assert.equal(verbOf("hold_back"), "Hold back");
  assert.equal(valueSays(1000, "times"), "1,000 times");
});
