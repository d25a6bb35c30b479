// @ts-check
/** What the lab does at each place at the moment shown: what is armed there, and what acts. Pure. */
import { branchAt } from "../journal/branches.js";
import { injectedBy } from "../journal/injected.js";
import { duration } from "../page/format.js";
import { doneBy, nameOf } from "./fault-words.js";
import { KEPT_BY } from "./sides.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Firing} Firing */
/** @typedef {import("../journal/types.js").Switches} Switches */
/** @typedef {import("../clock/shown.js").Scene} Scene */

/** @typedef {{long: string, short: string}} Words "slowed 200 ms by the lab", and "slowed". */
/**
 * @typedef {object} AtPlace What the lab does at one place.
 * @property {string|null} lab All of it, in words; null if that is nothing.
 * @property {Words|null} acts The part of it that counts, because what is paused is not slowed too.
 * @property {readonly Firing[]} acting The firings that have begun and are not over.
 */
/** @typedef {{acting: readonly Firing[], been: number}} Fired `been`: how many are over. */

/** @type {AtPlace} */
const NOTHING = Object.freeze({ lab: null, acts: null, acting: Object.freeze([]) });

/** These have a read model kept, which the stage shows for itself. */
const KEEPS = new Set(Object.values(KEPT_BY));

/** What a state says besides what the switch was set to. */
const NOT_SET = new Set([
  "on", "state", "fired", "cleared", "until_ms", "holding", "todo", "word", "sender", "nth", "times", "percent", "seed", "for_s",
]);

/**
 * The firings that act at the moment shown. What concerns an event that is drawn acts while its mark shows so,
 * whenever that was; all else acts at the moment that the nodes show.
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {number} told_ms Epoch, the moment that the nodes show.
 * @returns {Fired}
 */
export function firedAt({ firings }, { shown, side }, told_ms) {
  const { ends } = injectedBy(firings);
  /** @type {Firing[]} */
  const acting = [];
  let been = 0;
  for (const firing of firings) {
    if (firing.began_ms > told_ms) break;
    const event_id = firing.event_id ?? "";
    const branch = branchAt(firing.place);
    const mark = branch ? side?.get(`${event_id} ${branch}`) : shown.get(event_id);
    const at_ms = mark && !mark.over ? mark.at_ms : told_ms;
    if (firing.began_ms > at_ms) continue;
    if ((ends.get(firing) ?? Infinity) > at_ms) acting.push(firing);
    else been += 1;
  }
  return { acting, been };
}

/**
 * What the lab does, by place.
 * @param {Switches} switches The states of the switches, by place.
 * @param {readonly Firing[]} [acting] The firings that act.
 * @returns {(place: string) => AtPlace}
 */
export function labBy(switches, acting = []) {
  /** @type {Map<string, AtPlace>} */
  const known = new Map();
  const told = acting.filter(({ fault }) => !KEEPS.has(fault));
  for (const place of new Set([...Object.keys(switches), ...told.map((firing) => firing.place)])) {
    known.set(place, atPlace(switches[place], told.filter((firing) => firing.place === place)));
  }
  return (place) => known.get(place) ?? NOTHING;
}

/**
 * @param {Record<string, any>|null|undefined} switches
 * @param {Firing[]} acting
 * @returns {AtPlace}
 */
function atPlace(switches, acting) {
  const on = Object.entries(switches ?? {}).filter(([name, value]) => value?.on && !KEEPS.has(name));
  const [first] = acting;
  if (!on.length && !first) return NOTHING;
  const words = new Map(on.map(([name, state]) => [name, wordsOf(name, state)]));
  const isKnown = first && words.has(first.fault);
  const all = [...words.values(), ...(first && !isKnown ? [nameOf(first)] : [])].join(", ");
  const most = words.get("pause") ?? (isKnown ? words.get(first.fault) : first && doneBy(first.fault)) ?? all;
  return { lab: `${all} by the lab`, acts: { long: `${most} by the lab`, short: shortOf(most, isKnown ? first.fault : on[0]?.[0]) }, acting };
}

/**
 * What a switch is set to, in words: "slowed 200 ms", "holding 1 at before-write", "crash after-write".
 * @param {string} name
 * @param {Record<string, any>} state
 */
function wordsOf(name, state) {
  const { at, holding } = state;
  if (["pause", "stop", "freeze"].includes(name)) return doneBy(name);
  if (name === "slow") return `slowed ${duration(state.delay_ms)}`;
  const set = Object.entries(state).find(([key, value]) => !NOT_SET.has(key) && value !== null);
  // A time of 0 stands for none.
  const value = String(at ?? (set?.[1] ? valueOf(...set) : "")).replaceAll("-", " ");
  const does = name === "hold" && holding?.length ? `holding ${holding.length}` : name;
  return `${does.replaceAll("-", " ").replaceAll("_", " ")} ${value}`.trim();
}

/**
 * Whether a parameter is in ms. Those of links have Toxiproxy's names, which do not say so.
 * @param {string} key
 */
function isTime(key) {
  return key.endsWith("_ms") || ["latency", "timeout", "delay"].includes(key);
}

/**
 * @param {string} key
 * @param {unknown} value
 */
function valueOf(key, value) {
  return isTime(key) && typeof value === "number" ? duration(value) : String(value);
}

/**
 * The first word; of a switch whose name has several, all of the name: "no guard" is not "no".
 * @param {string} words
 * @param {string} [name]
 */
function shortOf(words, name = "") {
  const spoken = doneBy(name);
  return words.startsWith(spoken) && spoken ? spoken : words.split(/[ ,]/)[0];
}
