// @ts-check
/** The lab in words: what kinds of switches there are, what one does to the system, and how it stands. Pure. */
import { placeOf, spoken } from "../../facts/places.js";
import { counted } from "../../page/format.js";

/** @typedef {import("../../facts/armed.js").Armed} Armed */
/** @typedef {import("../../facts/armed.js").Setting} Setting */
/** @typedef {import("../../journal/types.js").Description} Description */
/** @typedef {Record<string, Record<string, Setting>|null>} States By place and switch. */
/**
 * @typedef {object} Now What is so now.
 * @property {() => States} switches
 * @property {() => number} at_ms
 * @property {() => boolean} isRun
 * @property {(place: string, name: string) => number|null} gone Epoch, when a switch was gone with its process.
 */
/** @typedef {import("../../journal/types.js").SwitchKind} SwitchKind */

/**
 * The kinds of switches, in their order: a heading, what one of them is, and the words on its buttons.
 * @type {Readonly<Record<SwitchKind, {heading: string, one: string, on: string, off: string}>>}
 */
export const KINDS = Object.freeze({
  fault: { heading: "Break", one: "fault", on: "Arm", off: "Clear" },
  variant: { heading: "Do it another way", one: "variant", on: "Switch on", off: "Switch off" },
  cure: { heading: "Cures", one: "cure", on: "Switch on", off: "Switch off" },
  action: { heading: "Act once", one: "action", on: "Do it", off: "Undo" },
});

/** Why a switch is off again. @type {Readonly<Record<string, string>>} */
const CLEARED = Object.freeze({
  "by-hand": "cleared by hand", "count": "cleared: it was to act no more often", "time": "cleared: its time was over",
  "all-clear": "cleared by All clear",
});

/** @param {Description|undefined} description @returns {SwitchKind} */
export function kindOf(description) {
  const kind = description?.kind ?? "fault";
  return Object.hasOwn(KINDS, kind) ? kind : "fault";
}

/**
 * How a switch stands: "armed, 58 s left", "fired twice, then cleared by hand", "off".
 * @param {Setting|null|undefined} state
 * @param {number|null} left_ms
 */
export function stateSays(state, left_ms) {
  if (!state) return "not heard of";
  const fired = state.fired ? `fired ${timesSays(state.fired)}` : "";
  if (!state.on) {
    const cleared = CLEARED[state.cleared ?? ""] ?? "off";
    return fired && cleared !== "off" ? `${fired}, then ${cleared}` : cleared;
  }
  return [fired || (state.state === undefined ? "on" : "armed"), leftSays(left_ms)].filter(Boolean).join(", ");
}

/**
 * When a switch was gone with its process, which the lab has crashed: it is off again, and nobody has cleared it.
 * @param {readonly import("../../journal/types.js").Firing[]} firings Oldest first.
 * @param {(at_ms: number) => States} statesAt How the switches stood at a moment.
 * @param {{place: string, name: string}} which
 * @returns {number|null} Epoch.
 */
export function goneWith(firings, statesAt, { place, name }) {
  const crash = firings.findLast((firing) => firing.place === place && ENDS_PROCESS.has(firing.fault));
  if (!crash) return null;
  return crash.fault === name || statesAt(crash.began_ms)[place]?.[name]?.on ? crash.began_ms : null;
}

/** The switches that end the process. */
const ENDS_PROCESS = new Set(["crash", "kill"]);

/**
 * How a switch stands that was gone with its process: "off since the process crashed, 12 s ago".
 * @param {number} ago_ms
 */
export function goneSays(ago_ms) {
  const ago_s = Math.max(0, Math.floor(ago_ms / 1000));
  return `gone with the process, which crashed ${ago_s < 120 ? `${ago_s} s` : `${Math.round(ago_s / 60)} min`} ago`;
}

/**
 * What is left of its time, in whole seconds; then in whole minutes, from two on.
 * @param {number|null} left_ms
 */
export function leftSays(left_ms) {
  if (left_ms === null) return "";
  const left_s = Math.ceil(left_ms / 1000);
  return left_s <= 120 ? `${left_s} s left` : `${Math.round(left_s / 60)} min left`;
}

/** @param {number} count */
function timesSays(count) {
  if (count === 1) return "once";
  return count === 2 ? "twice" : counted(count, "time");
}

/**
 * A switch that is on, for the back row: where, which, and at which point.
 * @param {Armed} armed
 */
export function armedSays({ place, name, state }) {
  const at = typeof state.at === "string" ? ` ${state.at.replaceAll("-", " ")}` : "";
  return { where: place.name, which: `${spoken(name).toLowerCase()}${at}`, fired: state.fired ? `fired ${timesSays(state.fired)}` : "" };
}

/**
 * What has changed from one report of the switches to the next, a sentence each, for people who cannot see it.
 * @param {States} before
 * @param {States} now
 * @returns {string[]}
 */
export function changesIn(before, now) {
  return Object.entries(now).flatMap(([place, states]) => Object.entries(states ?? {}).flatMap(([name, state]) => {
    const was = before[place]?.[name];
    // A place that was not heard of has not changed.
    if (!was) return [];
    const subject = `${placeOf(place).name}: ${spoken(name).toLowerCase()}`;
    if (state.on && !was.on) return [`${subject}, armed.`];
    if (!state.on && was.on) return [`${subject}, ${stateSays(state, null)}.`];
    return (state.fired ?? 0) > (was.fired ?? 0) ? [`${subject}, fired ${timesSays(state.fired ?? 0)}.`] : [];
  }));
}
