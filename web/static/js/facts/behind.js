// @ts-check
/**
 * The writes that are acknowledged but not yet readable at the moment shown. Pure.
 */
import { acknowledgedAt, beganAt } from "../journal/journey.js";
import { injectedBy } from "../journal/injected.js";
import { readableSince } from "../journal/over.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../clock/shown.js").Shown} Shown */

/**
 * @typedef {object} Behind
 * @property {Journey} journey
 * @property {number} for_ms How long it has been acknowledged but not readable.
 * @property {number} injected_ms How much of that the lab has injected.
 * @property {Shown|null} shown
 */

/**
 * The journeys that are acknowledged but not yet readable, oldest first.
 * @param {Journal} journal
 * @param {Scene} scene
 * @returns {Behind[]}
 */
export function behindOf(journal, scene) {
  /** @type {Behind[]} */
  const behind = [];
  const injected = injectedBy(journal.firings);
  for (const journey of journal.journeys.values()) {
    const acknowledged_ms = acknowledgedAt(journey);
    if (acknowledged_ms === undefined) continue;
    const shown = scene.shown.get(journey.event_id) ?? null;
    if (isReadable(journal, journey, shown, scene)) continue;
    const isLost = shown?.over && shown.hop === "dead-lettered";
    const at_ms = shown && !isLost ? shown.at_ms : scene.at_ms + (scene.isPast ? 0 : scene.behind_ms);
    if (at_ms < acknowledged_ms || (shown && shown.hop === null)) continue;
    const injected_ms = injected.between(journey, acknowledged_ms, at_ms);
    behind.push({ journey, for_ms: at_ms - acknowledged_ms, injected_ms, shown });
  }
  return behind.sort((a, b) => (beganAt(a.journey) ?? 0) - (beganAt(b.journey) ?? 0));
}

/**
 * @param {Journal} journal
 * @param {Journey} journey
 * @param {Shown|null} shown
 * @param {Scene} scene
 */
function isReadable(journal, journey, shown, scene) {
  if (scene.isPast) return readableSince(journal, journey) <= scene.at_ms;
  if (shown && !shown.over) return false;
  return readableSince(journal, journey) < Infinity;
}
