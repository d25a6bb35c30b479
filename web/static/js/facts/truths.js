// @ts-check
/**
 * The two truths at the moment shown: both stores compared, and the verdict on them. A live scene is
 * compared by what is known now. A paused or past scene is compared by what was known when live was left;
 * whatever has reached the stores since then does not count.
 */
import { injectedBy } from "../journal/injected.js";
import { doneBy } from "./fault-words.js";
import { compare, differs } from "./compare.js";
import { Lasting } from "./lasting.js";
import { behindIn, verdict } from "./verdict.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("./compare.js").Compared} Compared */
/** @typedef {import("./verdict.js").Verdict} Verdict */
/** @typedef {import("../journal/types.js").Firing} Firing */

/**
 * @typedef {object} Basis
 * @property {import("../journal/journal.js").Run|null} run The run that is shown; null if it is the
 *   stack.
 * @property {import("../journal/types.js").Truths|null} truths
 * @property {import("../journal/journal.js").Holds} holds
 * @property {number} live_ms Epoch, now.
 */

/**
 * @typedef {object} TwoTruths
 * @property {Compared[]} compared
 * @property {Verdict} verdict
 * @property {number} behind How many todos are behind in all.
 * @property {boolean} isWhole Whether all todos are among those compared here, rather than only the
 *   newest and those that differ.
 */

/** A run from a file has no stores to ask; their contents follow from its journeys. */
const UNASKED = Object.freeze({
  at_ms: 0,
  postgresql: { asked_ms: 0, at_ms: 0, todos: [], error: null },
  mongodb: { asked_ms: 0, at_ms: 0, todos: [], error: null },
});

const STORES = /** @type {const} */ (["postgresql", "mongodb"]);
/** What keeps a store from answering. */
const KEEPS_AWAY = new Set(["stop", "freeze", "kill"]);

/** What the page remembers from one scene to the next. No verdict follows from it. */
export class Memory {
  constructor() {
    /** What was known when the page was last live. @type {Basis|null} */
    this.basis = null;
    /** How long todos have differed, and writes have not been readable, as said last. */
    this.differing = new Lasting();
    this.unreadable = new Lasting();
    /** Whether the stores differed the last time. */
    this.differs = false;
  }
}

/**
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Memory} memory
 * @param {readonly Firing[]} [acting] The firings that act at that moment.
 * @returns {TwoTruths}
 */
export function truthsOf(journal, scene, memory, acting = []) {
  const away = awayBy(acting);
  const basis = unasked(basisOf(journal, scene, memory), away);
  const isOffline = !journal.isConnected && journal.run === null && scene.mode !== "paused";
  const compared = isOffline ? [] : lasting(comparedAt(journal, scene, basis), scene, memory);
  const ofStores = isOffline
    ? /** @type {Verdict} */ ({ state: "unknown", words: "unknown: not connected to web" })
    : verdict(compared, basis.truths, scene.isPast ? null : basis.holds, { away, now_ms: scene.isPast ? scene.at_ms : basis.live_ms });
  memory.differs = ofStores.state === "behind" || ofStores.state === "lost";
  return {
    compared, verdict: ofStores,
    behind: behindIn(compared, scene.isPast ? null : basis.truths),
    isWhole: !isOffline && isWhole(basis.truths),
  };
}

/**
 * The stores that the lab keeps from answering.
 * @param {readonly Firing[]} acting
 * @returns {import("./verdict.js").Away[]}
 */
function awayBy(acting) {
  return STORES.flatMap((name) => {
    const firing = acting.find(({ place, fault }) => place === name && KEEPS_AWAY.has(fault));
    return firing ? [{ name, done: doneBy(firing.fault) }] : [];
  });
}

/**
 * What is known while these stores do not answer: they are not judged by what they held.
 * @param {Basis} basis
 * @param {readonly import("./verdict.js").Away[]} away
 * @returns {Basis}
 */
function unasked(basis, away) {
  if (!basis.truths || !away.length) return basis;
  const { truths } = basis;
  const sides = away.map(({ name, done }) => [name, { ...truths[name], error: truths[name].error ?? done }]);
  return { ...basis, truths: { ...truths, ...Object.fromEntries(sides) } };
}

/**
 * @param {Compared[]} compared
 * @param {Scene} scene
 * @param {Memory} memory
 */
function lasting(compared, scene, memory) {
  const equal = compared.filter(({ state }) => !differs(state));
  const differing = compared.filter(({ state }) => differs(state));
  const floored = memory.differing.floor(differing, ({ id, right }) => `${id} ${right?.version ?? 0}`, scene);
  return [...equal, ...floored].sort((a, b) => a.id - b.id);
}

/** @param {Basis["truths"]} truths */
function isWhole(truths) {
  if (!truths || truths === UNASKED || truths.after) return false;
  return truths.postgresql.error === null && truths.mongodb.error === null;
}

/**
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Memory} memory
 * @returns {Basis}
 */
function basisOf(journal, { mode, at_ms, behind_ms }, memory) {
  const kept = memory.basis;
  if (kept?.truths && kept.run === journal.run && mode !== "live") return kept;
  memory.basis = {
    run: journal.run,
    truths: journal.truths ?? (journal.run ? UNASKED : null),
    holds: journal.told.holds.latest ?? {},
    live_ms: at_ms + behind_ms,
  };
  return memory.basis;
}

/**
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Basis} basis
 */
function comparedAt(journal, scene, { truths, live_ms }) {
  if (!truths) return [];
  const moments = momentsShown(scene);
  const otherwise_ms = scene.isPast ? scene.at_ms : live_ms;
  return compare({
    truths, isPast: scene.isPast, onTheWay: new Set(moments.keys()),
    journeys: journal.journeys.values(), injected: injectedBy(journal.firings),
    momentOf: (id) => moments.get(id) ?? otherwise_ms,
  });
}

/**
 * The moment at which the stage shows each todo whose mark is on its way.
 * @param {Scene} scene
 * @returns {Map<number, number>} Epoch, by todo.
 */
function momentsShown({ shown }) {
  /** @type {Map<number, number>} */
  const moments = new Map();
  for (const { over, at_ms, journey: { todo_id } } of shown.values()) {
    if (over || todo_id === null) continue;
    moments.set(todo_id, Math.min(at_ms, moments.get(todo_id) ?? Infinity));
  }
  return moments;
}
