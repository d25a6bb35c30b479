// @ts-check
/** The lanes of time: how far each journey had got at the moment shown, in true durations. Pure. */
import { waitsNowhere } from "../journal/direct.js";
import { STEPS } from "../journal/hops.js";
import { injectedBy } from "../journal/injected.js";
import { lengthOf } from "../journal/pieces.js";
import { beganAt, hopOf } from "../journal/journey.js";
import { cameInAt, itinerary, spansOf } from "../journal/path.js";
import { isOver } from "../journal/over.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../journal/pieces.js").Piece} Piece */
/** @typedef {{name: string, from_ms: number, to_ms: number, open: boolean, injected: readonly Piece[]}} Segment */

/**
 * @typedef {object} Lane
 * @property {Journey} journey
 * @property {Segment[]} segments
 * @property {number} begin_ms Epoch, when the command came in: the zero of its times.
 * @property {number} total_ms How long after that it ended, or how long it has lasted so far.
 * @property {number} injected_ms How much of that the lab has injected.
 * @property {number} parked_ms How much of it the event was among the dead letters, until somebody sent it again.
 * @property {boolean} ended Whether the journey is over.
 * @property {string|null} hop The last hop shown.
 * @property {[string, string]} words The words before the total, and after it.
 */

const LANES = 30;

/**
 * The journeys that began last, newest first.
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
 * @returns {Lane|null} Null if there is nothing to see of it yet.
 */
function laneOf(journal, scene, journey) {
  const shown = scene.shown.get(journey.event_id);
  const hops = itinerary(journey);
  if (!hops.length || (shown && shown.hop === null)) return null;
  const until_ms = shownUntil(journal, scene, journey);
  const ended = until_ms === Infinity;
  const begin_ms = cameInAt(journey) ?? hops[0].at_ms;
  const rule = injectedBy(journal.firings);
  const segments = segmentsOf(journey, until_ms, shown?.atEdge && !waitsNowhere(journey) ? shown.span : null)
    .map((segment) => ({ ...segment, injected: rule.pieces(journey, segment.name, segment.from_ms, segment.to_ms) }));
  return {
    journey, segments, begin_ms, ended,
    total_ms: Math.max(0, (segments.at(-1)?.to_ms ?? begin_ms) - begin_ms),
    injected_ms: segments.reduce((sum, { injected }) => sum + lengthOf(injected), 0),
    hop: shown ? shown.hop : hops.findLast(({ at_ms }) => at_ms <= until_ms)?.hop ?? null,
    words: ended ? ending(journey) : lasting(journey),
    parked_ms: segments.reduce((sum, { name, from_ms, to_ms }) => sum + (name === "parked" ? to_ms - from_ms : 0), 0),
  };
}

/**
 * The moment at which a journey is shown.
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Journey} journey
 * @returns {number} Epoch; Infinity if it is over.
 */
function shownUntil(journal, scene, journey) {
  const shown = scene.shown.get(journey.event_id);
  if (shown) return shown.over ? Infinity : shown.at_ms;
  if (isOver(journal, journey, scene.mode === "live" ? undefined : endOf(scene))) return Infinity;
  return endOf(scene);
}

/**
 * The latest moment of which a scene shows anything: a live scene that was paused ends with what was then the
 * present.
 * @param {Scene} scene
 * @returns {number} Epoch.
 */
function endOf({ isPast, at_ms, behind_ms }) {
  return isPast ? at_ms : at_ms + behind_ms;
}

/**
 * @param {Journey} journey
 * @param {number} until_ms Epoch, the moment at which it is shown; Infinity if it is over.
 * @param {string|null} waits The stretch in which it is waiting for something that has not happened yet.
 * @returns {Omit<Segment, "injected">[]}
 */
function segmentsOf(journey, until_ms, waits) {
  const segments = spansOf(journey)
    .filter(({ from_ms }) => from_ms <= until_ms)
    .map(({ name, from_ms, to_ms }) => ({ name, from_ms, to_ms: Math.min(to_ms, until_ms), open: to_ms > until_ms }));
  const last = itinerary(journey).at(-1);
  if (waits === null || !last || until_ms <= last.at_ms) return segments;
  return [...segments, { name: waits, from_ms: last.at_ms, to_ms: until_ms, open: true }];
}

/**
 * How a journey goes on, as words before and after how long it has lasted.
 * @param {Journey} journey
 * @returns {[string, string]}
 */
function lasting(journey) {
  return waitsNowhere(journey) ? ["nothing more after ", ""] : ["", " so far"];
}

/**
 * How a journey ended, as words before and after the time at which it did.
 * @param {Journey} journey
 * @returns {[string, string]}
 */
function ending(journey) {
  const last = itinerary(journey).at(-1);
  if (hopOf(journey, "seen")) return ["first seen at ", ""];
  if (last?.hop === "dead-lettered") return ["dead-lettered at ", ""];
  if (last?.hop === "already-applied") return ["no effect, at ", ""];
  return last && STEPS[last.hop].to === "mongodb" ? ["in MongoDB at ", ", then overtaken"] : ["", ""];
}

/**
 * @param {Journal} journal
 * @param {Scene} scene
 */
function recent(journal, scene) {
  const begun = (/** @type {Journey} */ journey) => beganAt(journey) ?? Infinity;
  const all = [...journal.journeys.values()];
  const known = scene.mode === "live"
    ? all.slice(-2 * LANES) : all.filter((journey) => begun(journey) <= endOf(scene));
  return known.sort((a, b) => begun(b) - begun(a)).slice(0, LANES);
}
