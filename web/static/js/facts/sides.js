// @ts-check
/**
 * The other read models, while the lab keeps them: which are kept at the moment shown, and what their queues,
 * their processes and they themselves hold. Pure.
 */
import { BRANCHES, branchesOf } from "../journal/branches.js";
import { hopOf, kindOf } from "../journal/journey.js";
import { indexAt } from "../journal/order.js";
import { counted, duration } from "../page/format.js";

/** @typedef {import("../journal/branches.js").Branch} Branch */
/** @typedef {import("../journal/branches.js").BranchName} BranchName */
/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Holds} Holds */
/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../clock/shown.js").AnyPlace} AnyPlace */
/** @typedef {import("../clock/shown.js").SidePlace} SidePlace */
/** @typedef {"created"|"completed"|"deleted"} Counted */

/**
 * @typedef {object} Side
 * @property {BranchName} name
 * @property {number|null} queue Null for what is not known.
 * @property {number|null} inHand
 * @property {number|null} lag_ms By how much it is to lag.
 * @property {Readonly<Record<Counted, number>>|null} counts Of the counter.
 * @property {number|null} todos Of the replica.
 */

/** The switch that has each kept. @type {Readonly<Record<BranchName, string>>} */
export const KEPT_BY = Object.freeze({ counter: "count", replica: "replicate" });
/** @type {Readonly<Record<BranchName, readonly [queue: SidePlace, process: SidePlace, model: SidePlace]>>} */
export const SIDE_PLACES = Object.freeze({
  counter: ["counter-queue", "counter", "counts"],
  replica: ["replica-queue", "replica", "replica-todos"],
});

/**
 * The read models that are kept at the moment shown.
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Holds} holds
 * @param {number} told_ms Epoch, the moment that the nodes show.
 * @returns {Side[]}
 */
export function sidesAt(journal, scene, holds, told_ms) {
  return BRANCHES.flatMap((name) => {
    const state = stateAt(journal, name, told_ms);
    return state ? [sideOf(journal, scene, name, { told: holds[name] ?? {}, told_ms, state })] : [];
  });
}

/**
 * The state of the switch that has a read model kept; null if it is off. While its process is down nobody says so, and
 * the last word counts until the switch's time is up.
 * @param {Journal} journal
 * @param {BranchName} name
 * @param {number} told_ms
 * @returns {Record<string, any>|null}
 */
function stateAt(journal, name, told_ms) {
  const last = journal.told.switches.samples.findLast(({ at_ms, told }) => at_ms <= told_ms && told[name]?.[KEPT_BY[name]]);
  const state = last?.told[name]?.[KEPT_BY[name]];
  return state?.on && (typeof state.until_ms !== "number" || state.until_ms > told_ms) ? state : null;
}

/**
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {BranchName} name
 * @param {{told: Record<string, unknown>, told_ms: number, state: Record<string, any>}} known
 * @returns {Side}
 */
function sideOf(journal, scene, name, { told, told_ms, state }) {
  const [queue, process] = SIDE_PLACES[name];
  const counted_ms = numberIn(told, "at_ms") ?? told_ms;
  const since = (/** @type {string} */ kind) => changeSince(journal, scene, { name, kind, counted_ms, told_ms });
  const [created, completed, deleted] = ["created", "completed", "deleted"].map((kind) => numberIn(told, kind));
  const todos = numberIn(told, "todos");
  const least = (/** @type {number|null} */ count, /** @type {SidePlace} */ place) => (count === null ? null : Math.max(count, marksAt(scene, place)));
  return {
    name, queue: least(numberIn(told, "queue"), queue), inHand: least(numberIn(told, "unacked"), process),
    lag_ms: typeof state.lag_ms === "number" ? state.lag_ms : null,
    counts: created === null || completed === null || deleted === null ? null : {
      created: Math.max(0, created + since("created")), completed: Math.max(0, completed + since("completed")), deleted: Math.max(0, deleted + since("deleted")),
    },
    todos: todos === null ? null : Math.max(0, todos + since("created") - since("deleted")),
  };
}

/**
 * How many events of a kind have reached the read model since it was asked, as the marks show it; negative for those
 * whose marks have yet to get there.
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {{name: BranchName, kind: string, counted_ms: number, told_ms: number}} of
 */
function changeSince(journal, { side }, { name, kind, counted_ms, told_ms }) {
  /** @type {Set<Branch>} */
  const moved = new Set();
  const hops = journal.inOrder();
  for (let index = indexAt(hops, counted_ms) + 1; index < hops.length && hops[index].at_ms <= told_ms; index += 1) {
    const whole = hops[index].process === name ? journal.journeys.get(hops[index].event_id) : undefined;
    for (const branch of whole ? branchesOf(whole) : []) if (branch.name === name) moved.add(branch);
  }
  for (const shown of side?.values() ?? []) {
    const branch = /** @type {Branch} */ (shown.journey);
    if (branch.name === name) moved.add(branch);
  }
  return [...moved].filter((branch) => kindOf(branch) === kind).reduce((sum, branch) => {
    const there_ms = hopOf(branch, "projected")?.at_ms ?? Infinity;
    const mark = side?.get(branch.event_id);
    const at_ms = mark && !mark.over ? mark.at_ms : told_ms;
    return sum + Number(there_ms <= at_ms && !isBefore(mark)) - Number(there_ms <= counted_ms);
  }, 0);
}

/**
 * Whether a mark is still on its way, so that nothing has happened yet at its end.
 * @param {import("../clock/shown.js").AnyShown} [mark]
 */
function isBefore(mark) {
  return mark !== undefined && mark.moving;
}

/**
 * @param {Scene} scene
 * @param {AnyPlace} place
 */
function marksAt({ side }, place) {
  return [...side?.values() ?? []].filter(({ from, to, moving }) => (moving ? from : to) === place).length;
}

/**
 * @param {Record<string, unknown>} told
 * @param {string} name
 */
function numberIn(told, name) {
  const value = told[name];
  return typeof value === "number" ? value : null;
}

/**
 * What the nodes of a read model say.
 * @param {Side} side
 * @returns {{queue: string, process: string, model: string}}
 */
export function sideSays({ name, queue, inHand, lag_ms, counts, todos }) {
  const model = name === "counter"
    ? counts && `${counts.created.toLocaleString("en-GB")} created`
    : todos !== null && counted(todos, "todo");
  return {
    queue: queue === null ? "–" : queue.toLocaleString("en-GB"),
    process: lag_ms ? `lags ${duration(lag_ms)}` : inHand === null ? "–" : `${inHand.toLocaleString("en-GB")} in hand`,
    model: model || "–",
  };
}

/**
 * All that is known of what a read model holds, in a sentence.
 * @param {Side} side
 */
export function sideTells({ name, inHand, counts, todos }) {
  const hand = inHand ? [`${inHand.toLocaleString("en-GB")} in hand`] : [];
  if (name === "replica") return [...(todos === null ? [] : [counted(todos, "todo")]), ...hand].join(", ");
  return [...(counts ? Object.entries(counts).map(([kind, count]) => `${count.toLocaleString("en-GB")} ${kind}`) : []), ...hand].join(", ");
}
