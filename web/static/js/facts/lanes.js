// @ts-check
/** The lanes of time: how far each journey had come at the moment that is shown, in true durations. Pure. */
import { hopOf, itinerary, spansOf, STEPS } from "../journal/hops.js";
import { beganAt } from "../journal/journey.js";
import { isOver } from "../journal/over.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {import("../clock/clock.js").Scene} Scene */
/** @typedef {{name: string, from_ms: number, to_ms: number, open: boolean}} Segment */

/**
 * @typedef {object} Lane
 * @property {Journey} journey
 * @property {Segment[]} segments
 * @property {number} begin_ms Epoch.
 * @property {number} total_ms
 * @property {boolean} ended Whether nothing more is expected of it.
 * @property {string|null} hop The last hop that is shown.
 * @property {[string, string]} words What is said before the total, and after it.
 */

const LANES = 30;

/**
 * The journeys that began last, the newest first.
 * @param {Journal} journal
 * @param {Scene} scene
 * @returns {Lane[]}
 */
export function lanesOf(journal, scene) {
  return recent(journal, scene)
    .map((journey) => laneOf(journal, scene, journey))
    .filter((lane) => lane !== null);
}

/**
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Journey} journey
 * @returns {Lane|null} Null where nothing is to be seen of it yet.
 */
export function laneOf(journal, scene, journey) {
  const shown = scene.shown.get(journey.event_id);
  const hops = itinerary(journey);
  if (!hops.length || (shown && shown.hop === null)) return null;
  const now_ms = scene.isPast ? scene.at_ms : scene.at_ms + scene.behind_ms;
  const ended = shown ? shown.over : isOver(journal, journey, scene.isPast ? now_ms : undefined);
  const until_ms = ended ? Infinity : shown?.at_ms ?? now_ms;
  const begin_ms = hops[0].at_ms;
  /** @type {Segment[]} */
  const segments = spansOf(journey)
    .filter(({ from_ms }) => from_ms <= until_ms)
    .map(({ name, from_ms, to_ms }) => ({ name, from_ms, to_ms: Math.min(to_ms, until_ms), open: to_ms > until_ms }));
  const last = hops[hops.length - 1];
  if (shown?.atEdge && until_ms > last.at_ms) {
    segments.push({ name: shown.span, from_ms: last.at_ms, to_ms: until_ms, open: true });
  }
  const end_ms = segments.at(-1)?.to_ms ?? begin_ms;
  const passed = hops.filter(({ at_ms }) => at_ms <= until_ms);
  return {
    journey, segments, begin_ms, total_ms: Math.max(0, end_ms - begin_ms), ended,
    hop: shown ? shown.hop : passed.at(-1)?.hop ?? null,
    words: ended ? ending(journey) : ["", " so far"],
  };
}

/**
 * How a journey ended, in words round the time that it took.
 * @param {Journey} journey
 * @returns {[string, string]}
 */
function ending(journey) {
  const last = itinerary(journey).at(-1);
  if (hopOf(journey, "seen")) return ["readable after ", ""];
  if (last?.hop === "dead-lettered") return ["dead-lettered after ", ""];
  if (last?.hop === "already-applied") return ["no effect, ", ""];
  return last && STEPS[last.hop].to === "mongodb" ? ["overtaken, ", ""] : ["", ""];
}

/**
 * @param {Journal} journal
 * @param {Scene} scene
 */
function recent(journal, scene) {
  const begun = (/** @type {Journey} */ journey) => beganAt(journey) ?? Infinity;
  const all = [...journal.journeys.values()];
  const known = scene.isPast ? all.filter((journey) => begun(journey) <= scene.at_ms) : all.slice(-2 * LANES);
  return known.sort((a, b) => begun(b) - begun(a)).slice(0, LANES);
}
