// @ts-check
/** What a step of a lesson can do, put together from what the page has. */
import { armedIn } from "../../facts/armed.js";
import { here } from "./here.js";

/** @typedef {import("./house.js").Ways} Ways */

/**
 * @param {object} house
 * @param {import("../../journal/journal.js").Journal} house.journal
 * @param {import("../../clock/playhead.js").Playhead} house.playhead
 * @param {import("./house.js").Known} house.lessons
 * @param {import("../../page/door.js").Door} house.door To the lab.
 * @param {() => number} house.now The page's clock, in ms.
 * @param {import("./sending.js").Sending} sending
 * @returns {Ways}
 */
export function waysOf({ journal, playhead, lessons, door, now }, sending) {
  return {
    send: (...request) => sending.send(...request),
    answer: (...given) => sending.answer(...given),
    answered: (step) => sending.answered.by.get(step) ?? null,
    openLab: (place, name) => door.open(place, name, true),
    source: (source) => lessons.source(source),
    runs: () => document.querySelector("[data-tab=runs]"),
    here: (line) => here(line, journal.ports, location.origin),
    stage: () => ({ now_ms: playhead.live.trueNow(now()), behind_ms: playhead.isLive() ? playhead.behind(now()) : 0 }),
    armed: () => armedIn(journal.told.switches.latest ?? {}, playhead.live.trueNow(now())),
  };
}
