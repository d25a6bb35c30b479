/** What opening and closing the inspector does with the playhead. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { Standstill } from "../../web/static/js/panels/inspector/standstill.js";
import { Controls } from "../../web/static/js/views/controls.js";
import { hopsOf } from "./support.js";

function looking() {
  const journal = new Journal();
  const playhead = new Playhead(journal, new Live(journal));
  playhead.live.sync(0, 0);
  journal.merge(hopsOf("e1", [["received", 0], ["committed", 400], ["picked-up", 900], ["confirmed", 1500]]));
  const controls = new Controls(journal, playhead, () => 2000, () => {});
  return { playhead, controls, standstill: new Standstill(playhead, controls) };
}

test("what was live is live again, what played plays on, and what was paused stays paused where it was", () => {
  for (const before of /** @type {const} */ (["live", "paused", "playing"])) {
    const { playhead, controls, standstill } = looking();
    if (before !== "live") controls.seek(500);
    if (before === "playing") controls.toggle();
    standstill.begin();
    assert.deepEqual([playhead.mode, standstill.isHolding], ["paused", before !== "paused"]);
    // Another journey is looked at before this one is closed.
    standstill.begin();
    standstill.end();
    assert.equal(playhead.mode, before);
    if (before !== "live") assert.equal(playhead.at_ms, 500);
  }
});

test("whoever moves the playhead meanwhile stays where they went", () => {
  const act = fc.constantFrom("forward", "back", "start", "play", "factor");
  fc.assert(fc.property(fc.array(act, { minLength: 1, maxLength: 6 }), (acts) => {
    const { playhead, controls, standstill } = looking();
    standstill.begin();
    const at_ms = playhead.at_ms;
    for (const each of acts) {
      if (each === "forward" || each === "back") controls.step(each === "forward" ? 1 : -1);
      else if (each === "start") controls.toStart();
      else if (each === "play") controls.toggle();
      else controls.setFactor(10);
    }
    const [mode, went_ms] = [playhead.mode, playhead.at_ms];
    const isUntouched = mode === "paused" && went_ms === at_ms;
    assert.equal(standstill.isHolding, isUntouched);
    standstill.end();
    assert.equal(playhead.mode, isUntouched ? "live" : mode);
    if (!isUntouched) assert.equal(playhead.at_ms, went_ms);
  }));
});
