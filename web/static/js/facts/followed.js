// @ts-check
/**
 * The followed journey: all figures on the arrows of the stage are its own. It is the one that was
 * chosen, or else the newest. In a burst, the stage does not jump to each new one: it stays with a journey
 * for as long as its mark is there, and then goes to the newest.
 */
import { STEPS } from "../journal/hops.js";
import { beganAt } from "../journal/journey.js";
import { itinerary } from "../journal/path.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../clock/followed.js").Followed} Followed */
/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../clock/shown.js").Shown} Shown */

/**
 * The journey that the stage follows at the moment shown. In the past it depends only on the moment and
 * on what was followed when live was left, so a step forward and back gives the same figures.
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Followed} followed A live scene sets what was followed last.
 * @returns {Journey|null} Null if none had begun.
 */
export function followedOf(journal, scene, followed) {
  const chosen = journal.journeys.get(followed.chosen ?? "");
  if (chosen) return chosen;
  const begun = begunBy(journal, scene);
  const isStuck = stuckAmong(begun, scene);
  const kept = scene.shown.get(followed.live ?? "");
  if (kept && hasSetOut(kept) && !isStuck(kept)) return kept.journey;
  const going = [...scene.shown.values()].filter((each) => hasSetOut(each) && !each.over && !isStuck(each));
  const found = newest(going.map(({ journey }) => journey)) ?? newest(begun);
  if (!scene.isPast) followed.live = found?.event_id ?? null;
  return found;
}

/**
 * The journeys that had begun, except those whose marks are not drawn.
 * @param {Journal} journal
 * @param {Scene} scene
 */
function begunBy(journal, { isPast, at_ms, shown, undrawn }) {
  const hidden = new Set(undrawn.map(({ journey }) => journey));
  return [...journal.journeys.values()].filter((journey) => {
    const mark = shown.get(journey.event_id);
    if (hidden.has(journey) || (mark && !hasSetOut(mark))) return false;
    return !isPast || (beganAt(journey) ?? Infinity) <= at_ms;
  });
}

/**
 * Events go through the stack in order. So a mark that waits is stuck, perhaps for ever, if an event that
 * began later has got further.
 * @param {Journey[]} begun
 * @param {Scene} scene
 * @returns {(mark: Shown) => boolean}
 */
function stuckAmong(begun, { isPast, at_ms }) {
  /** By rank, when the last journey began that has got there. @type {Map<number, number>} */
  const reached = new Map();
  for (const journey of begun) {
    const last = itinerary(journey).findLast((hop) => !isPast || hop.at_ms <= at_ms);
    const began_ms = beganAt(journey);
    if (!last || began_ms === undefined) continue;
    const { rank } = STEPS[last.hop];
    reached.set(rank, Math.max(reached.get(rank) ?? -Infinity, began_ms));
  }
  return ({ atEdge, last, journey }) => {
    if (!atEdge || !last) return false;
    const began_ms = beganAt(journey) ?? Infinity;
    return [...reached].some(([rank, since_ms]) => rank > STEPS[last.hop].rank && since_ms > began_ms);
  };
}

/**
 * Whether there is something to see of a journey.
 * @param {Shown} shown
 */
function hasSetOut({ last, moving }) {
  return last !== null || moving;
}

/** @param {Journey[]} journeys */
function newest(journeys) {
  /** @type {Journey|null} */
  let found = null;
  for (const journey of journeys) {
    if (!found || (beganAt(journey) ?? -Infinity) >= (beganAt(found) ?? -Infinity)) found = journey;
  }
  return found;
}
