// @ts-check
/**
 * The sides: what there is to see of events on their ways into the other read models. They are played like
 * the path, in the same time, and leave it as it is: their marks are not among those of the scene. Pure.
 */
import { AllBranches, Branch } from "../journal/branches.js";
import { STEPS } from "../journal/hops.js";
import { isOver } from "../journal/over.js";
import { Live } from "./live.js";
import { sceneAt } from "./past.js";

/** @typedef {import("../journal/branches.js").BranchName} BranchName */
/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/hops.js").Place} Place */
/** @typedef {import("./shown.js").AnyShown} AnyShown */
/** @typedef {import("./shown.js").Shown} Shown */
/** @typedef {import("./shown.js").SidePlace} SidePlace */

/** Where a mark of a branch stands, by where it would on the path. @type {Readonly<Record<BranchName, Readonly<Partial<Record<Place, SidePlace>>>>>} */
const PLACES = Object.freeze({
  counter: { relay: "counter-queue", queue: "counter-queue", projector: "counter", mongodb: "counts" },
  replica: { relay: "replica-queue", queue: "replica-queue", projector: "replica", mongodb: "replica-todos" },
});

export class Sides {
  /**
   * @param {Journal} journal
   * @param {Live} path What plays the path; its time and its factor count.
   */
  constructor(journal, path) {
    this.branches = new AllBranches(journal);
    this.path = path;
    this.live = new Live(this.branches, { limit: path.limit });
    this.live.skew = path.skew;
    /** Those that begin once the mark of their event has been sent. @type {Map<string, Branch>} */
    this.waiting = new Map();
  }

  /**
   * Follows the branches of a journey about which there is news.
   * @param {Journey} journey
   * @param {number} now_ms
   */
  follow(journey, now_ms) {
    for (const branch of this.branches.of(journey)) {
      if (this.live.plays.has(branch.event_id) || this.live.past.has(branch)) this.live.follow(branch, now_ms);
      else this.waiting.set(branch.event_id, branch);
    }
  }

  /**
   * Joins the branches of a journey where they are.
   * @param {Journey} journey
   * @param {number} now_ms
   */
  join(journey, now_ms) {
    for (const branch of this.branches.of(journey)) {
      if (this.live.plays.has(branch.event_id)) this.live.follow(branch, now_ms);
      else if (isOver(this.branches, branch)) this.live.leave(branch);
      else this.live.join(branch, now_ms);
    }
  }

  /** Forgets what is being played. */
  restart() {
    this.waiting.clear();
    this.live.restart();
  }

  /**
   * What there is to see now, by the branch's id.
   * @param {number} now_ms
   */
  shown(now_ms) {
    this.live.rule = this.path.rule;
    for (const [event_id, branch] of this.waiting) {
      if (!this.#isSent(branch, now_ms)) continue;
      this.waiting.delete(event_id);
      this.live.join(branch, now_ms, 1);
    }
    this.live.advance(now_ms);
    return aside(this.live.scene(now_ms).shown);
  }

  /**
   * Whether the mark of a branch's event, if it has one, is in the queue or further: all queues get their copy at once.
   * @param {Branch} branch
   * @param {number} now_ms
   */
  #isSent({ whole }, now_ms) {
    const mark = this.path.shown(whole.event_id, now_ms);
    if (!mark || mark.over) return true;
    return mark.hop !== null && STEPS[mark.hop].rank >= STEPS.sent.rank;
  }

  /**
   * What there was to see at a moment in the past.
   * @param {number} at_ms Epoch.
   * @param {{factor: number, limit: number, now_ms: number, behind_ms: number}} options
   */
  shownAt(at_ms, options) {
    return aside(sceneAt(this.branches, at_ms, options).shown);
  }
}

/**
 * @param {ReadonlyMap<string, Shown>} shown
 * @returns {Map<string, AnyShown>}
 */
function aside(shown) {
  return new Map([...shown].map(([id, each]) => [id, { ...each, from: placeOf(each, each.from), to: placeOf(each, each.to) }]));
}

/**
 * @param {Shown} shown
 * @param {Place} place
 */
function placeOf({ journey }, place) {
  return (journey instanceof Branch && PLACES[journey.name][place]) || place;
}
