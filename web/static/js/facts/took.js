// @ts-check
/**
 * How long each stretch of one journey took, up to the moment shown: the figures on the arrows of the
 * stage. Pure.
 */
import { waitsNowhere } from "../journal/direct.js";
import { LEGS, SPAN_FROM, STEPS } from "../journal/hops.js";
import { hopOf } from "../journal/journey.js";
import { injectedBy } from "../journal/injected.js";
import { isOver } from "../journal/over.js";
import { itinerary, spansOf } from "../journal/path.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../clock/rule.js").Pace} Pace */
/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {{name: string, from_ms: number, to_ms: number}} Stretch `to_ms`: Infinity if it has not ended. */

/**
 * @typedef {object} Took
 * @property {number|null} true_ms Null if the event has passed the stretch, but its times are not known.
 * @property {number} injected_ms How much of it the lab has injected.
 * @property {boolean} isSoFar Whether the event is still in that stretch.
 * @property {Pace} pace How fast the stretch was shown, if it was played.
 */

/**
 * The stretches that a journey has reached, by name; `acknowledged` is one too. A stretch gone through
 * twice has the times of the last.
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Journey|null} journey
 * @returns {Map<string, Took>}
 */
export function tookBy(journal, scene, journey) {
  /** @type {Map<string, Took>} */
  const took = new Map();
  if (!journey) return took;
  const until_ms = shownUntil(journal, scene, journey);
  for (const span of passedBy(journey, until_ms)) took.set(span, { true_ms: null, injected_ms: 0, isSoFar: false, pace: "to-scale" });
  const injected = injectedBy(journal.firings);
  const paces = scene.shown.get(journey.event_id)?.paces;
  for (const { name, from_ms, to_ms } of [...stretchesOf(journey), ...waitOf(journal, scene, journey)]) {
    if (to_ms > until_ms && from_ms >= until_ms) continue;
    took.set(name, {
      true_ms: Math.min(to_ms, until_ms) - from_ms, injected_ms: injected.within(journey, name, from_ms, Math.min(to_ms, until_ms)),
      isSoFar: to_ms > until_ms, pace: paces?.get(name) ?? "to-scale",
    });
  }
  return took;
}

/**
 * The moment up to which a journey is shown.
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Journey} journey
 * @returns {number} Epoch; Infinity if it is over, and all of it is shown.
 */
function shownUntil(journal, { isPast, at_ms, behind_ms, shown }, journey) {
  if (isPast) return at_ms;
  const mark = shown.get(journey.event_id);
  if (mark) return mark.over ? Infinity : mark.at_ms;
  return isOver(journal, journey) ? Infinity : at_ms + behind_ms;
}

/**
 * The stretches that have ended, whether or not they are shown yet.
 * @param {Journey} journey
 * @returns {Stretch[]}
 */
function stretchesOf(journey) {
  const [received, acknowledged] = [hopOf(journey, "received"), hopOf(journey, "acknowledged")];
  const answer = received && acknowledged
    ? [{ name: "acknowledged", from_ms: received.at_ms, to_ms: acknowledged.at_ms }] : [];
  return [...spansOf(journey), ...answer];
}

/**
 * The stretch that a journey is in now, if it is waiting for something that has not happened yet.
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Journey} journey
 * @returns {Stretch[]}
 */
function waitOf(journal, { isPast, at_ms, shown }, journey) {
  const last = itinerary(journey).at(-1);
  const isEnded = shown.get(journey.event_id)?.over ?? isOver(journal, journey, isPast ? at_ms : undefined);
  if (!last || isEnded || waitsNowhere(journey)) return [];
  return [{ name: SPAN_FROM[STEPS[last.hop].to], from_ms: last.at_ms, to_ms: Infinity }];
}

/**
 * The stretches that an event has passed by a moment. If a hop is missing, their times are not known.
 * @param {Journey} journey
 * @param {number} until_ms Epoch.
 */
function passedBy(journey, until_ms) {
  const passed = itinerary(journey).filter(({ at_ms }) => at_ms <= until_ms);
  const furthest = Math.max(-1, ...passed.map(({ hop }) => LEGS.indexOf(STEPS[hop].span)));
  return LEGS.slice(0, furthest + 1);
}
