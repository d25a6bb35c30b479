// @ts-check
/**
 * The branches of a journey: the ways of the same event into the other read models, while the lab keeps these.
 * Their hops are among those of the journey, with the name of the branch before their own, and are no part of
 * its path. Seen by itself, a branch is a journey like any other, which begins in the queue. Pure.
 */
import { hopOf } from "./journey.js";

/** @typedef {import("./types.js").Firing} Firing */
/** @typedef {import("./types.js").Hop} Hop */
/** @typedef {import("./types.js").Journey} Journey */
/** @typedef {"counter"|"replica"} BranchName The process that keeps the read model. */
/** @typedef {Readonly<Record<BranchName, number>>} Queued Epoch. */
/** @typedef {{get: (event_id: string) => Journey|undefined, values: () => Iterable<Journey>}} Journeys */

/** In the order in which they stand on the stage. */
export const BRANCHES = Object.freeze(/** @type {BranchName[]} */ (["counter", "replica"]));
/** After these, nothing more is expected of a branch. */
const ENDS = new Set(["projected", "already-applied", "dead-lettered"]);

/** @implements {Journey} */
export class Branch {
  /**
   * @param {Journey} whole
   * @param {BranchName} name
   */
  constructor(whole, name) {
    this.whole = whole;
    this.name = name;
    this.event_id = `${whole.event_id} ${name}`;
    /** What the branch was made from, and its hops. @type {{of: readonly Hop[], hops: readonly Hop[]}} */
    this.kept = { of: [], hops: [] };
  }

  get trace_id() { return this.whole.trace_id; }
  get type() { return this.whole.type; }
  get todo_id() { return this.whole.todo_id; }
  get version() { return this.whole.version; }
  get title() { return this.whole.title; }
  get completed() { return this.whole.completed; }

  /** Its hops by the names that they have on the path, after the sending, which all branches share. */
  get hops() {
    const { whole, name } = this;
    if (this.kept.of !== whole.hops) {
      const own = whole.hops.filter((hop) => hop.process === name).map((hop) => ({ ...hop, hop: hop.hop.slice(name.length + 1) }));
      const sent = hopOf(whole, "confirmed");
      this.kept = { of: whole.hops, hops: sent ? [sent, ...own] : own };
    }
    return this.kept.hops;
  }
}

/**
 * The branches of a journey of which anything is known.
 * @param {Journey} journey
 * @param {Queued} [queued] Which queues get a copy of what is sent. Where it is given, what waits there is known, too.
 * @returns {readonly Branch[]}
 */
export function branchesOf(journey, queued) {
  const sent_ms = sentAt(journey) ?? -Infinity;
  const waits = queued ? BRANCHES.filter((name) => sent_ms >= queued[name]) : NO_NAMES;
  const kept = known.get(journey);
  if (kept?.of === journey.hops && waits.every((name) => kept.branches.some((branch) => branch.name === name))) return kept.branches;
  const branches = BRANCHES.filter((name) => waits.includes(name) || journey.hops.some((hop) => hop.process === name))
    .map((name) => kept?.branches.find((branch) => branch.name === name) ?? new Branch(journey, name));
  known.set(journey, { of: journey.hops, branches });
  return branches;
}

/** Every frame asks; a branch stays the same object, as its journey does. @type {WeakMap<Journey, {of: readonly Hop[], branches: readonly Branch[]}>} */
const known = new WeakMap();
/** @type {readonly BranchName[]} */
const NO_NAMES = Object.freeze([]);

/**
 * When an event was sent to all queues at once, if the broker has confirmed that.
 * @param {Journey} journey
 * @returns {number|undefined} Epoch.
 */
function sentAt(journey) {
  const confirmed = hopOf(journey, "confirmed");
  return confirmed && (confirmed.start_ms ?? confirmed.at_ms);
}

/**
 * Since when each queue has got a copy of what is sent; Infinity for one that gets none now. Of a process that does not
 * answer, the last word counts: its queue is in the broker.
 * @param {readonly import("./types.js").Sample<import("./types.js").Holds>[]} samples Oldest first.
 * @returns {Queued}
 */
function queuedSince(samples) {
  const last = samples.at(-1);
  const before = last && sinces.get(last);
  if (before) return before;
  const since = Object.fromEntries(BRANCHES.map((name) => [name, sinceIn(samples, name)]));
  const queued = /** @type {Queued} */ (since);
  if (last) sinces.set(last, queued);
  return queued;
}

/** Every frame asks. @type {WeakMap<import("./types.js").Sample<import("./types.js").Holds>, Queued>} */
const sinces = new WeakMap();

/**
 * @param {readonly import("./types.js").Sample<import("./types.js").Holds>[]} samples
 * @param {BranchName} name
 */
function sinceIn(samples, name) {
  let since_ms = Infinity;
  for (const { at_ms, told } of samples) {
    const held = told[name];
    if (!held) continue;
    if (!("queue" in held)) since_ms = Infinity;
    else if (since_ms === Infinity) since_ms = at_ms;
  }
  return since_ms;
}

/**
 * The branch on which a place is; null if that is on the path.
 * @param {string} place In the lab.
 * @returns {BranchName|null}
 */
export function branchAt(place) {
  return BRANCHES.find((name) => name === place) ?? null;
}

/** All branches, as what plays journeys looks at them: no read is expected to show them. */
export class AllBranches {
  /** @param {{journeys: ReadonlyMap<string, Journey>, limit: number, told: import("./history.js").Told}} journal */
  constructor(journal) {
    this.journal = journal;
    this.read = null;
    /** Only the path tells apart what was injected. @type {readonly Firing[]} */
    this.firings = Object.freeze([]);
  }

  get limit() {
    return this.journal.limit;
  }

  /**
   * The branches of a journey, with those that wait in a queue.
   * @param {Journey} journey
   */
  of(journey) {
    const queued = queuedSince(this.journal.told.holds.samples);
    return branchesOf(journey, BRANCHES.some((name) => queued[name] < Infinity) ? queued : undefined);
  }

  /** @returns {Journeys} */
  get journeys() {
    const { journeys } = this.journal;
    return {
      get: (event_id) => {
        const whole = journeys.get(event_id.split(" ")[0]);
        return whole && this.of(whole).find((branch) => branch.event_id === event_id);
      },
      values: () => [...journeys.values()].flatMap((journey) => this.of(journey)),
    };
  }

  /**
   * When a branch came to its end.
   * @param {Pick<Journey, "hops">} branch
   * @returns {number|undefined} Epoch; undefined if it is not there yet.
   */
  shownSince({ hops }) {
    return hops.findLast(({ hop }) => ENDS.has(hop))?.at_ms;
  }
}
