// @ts-check
/** What the lab does at a moment: the switches that are on, where, and what is left of their time. Pure. */
import { inFlow } from "./places.js";

/** @typedef {import("../journal/types.js").Switches} Switches */
/** @typedef {import("./places.js").Place} Place */
/**
 * @typedef {object} SwitchState As the process that has it says it.
 * @property {boolean} on
 * @property {"off"|"armed"|"fired"|"cleared"} [state]
 * @property {number} [fired] How often it has acted since it was armed.
 * @property {"by-hand"|"count"|"time"|"all-clear"|null} [cleared] Why it is off again.
 * @property {number|null} [until_ms] Epoch, when it ends by itself.
 * @property {readonly Held[]} [holding] What it holds.
 */
/** @typedef {SwitchState & Record<string, any>} Setting A state with the parameters as they were set. */
/** @typedef {Record<string, any>} Held */
/** @typedef {{place: Place, name: string, state: Setting, left_ms: number|null}} Armed */

/**
 * The switches that are on, in the order of the flow.
 * @param {Switches} switches
 * @param {number} at_ms Epoch, the moment.
 * @returns {Armed[]}
 */
export function armedIn(switches, at_ms) {
  return inFlow(Object.keys(switches)).flatMap((place) => Object.entries(switches[place.place] ?? {})
    .filter(([, state]) => state?.on)
    .map(([name, state]) => ({ place, name, state, left_ms: leftOf(state, at_ms) })));
}

/**
 * What is left of a switch's time; null if it is off, or has no end.
 * @param {SwitchState} state
 * @param {number} at_ms Epoch, the moment.
 */
export function leftOf({ on, until_ms }, at_ms) {
  return on && typeof until_ms === "number" ? Math.max(0, until_ms - at_ms) : null;
}
