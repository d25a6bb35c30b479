// @ts-check
/**
 * The playhead: which moment is shown. It is live, or paused, or playing on from a moment in the past, on
 * the true axis. It only looks: it touches neither the journal nor the system, so nothing is ever lost.
 * Pure: the time is passed in.
 *
 * On the true axis the stretch is exact, except that a time in which nothing happens at all is cut to
 * CAP_MS.
 */
import { HISTORY_MS } from "../journal/history.js";
import { indexAt } from "../journal/order.js";
import { isOver } from "../journal/over.js";
import { sceneAt } from "./past.js";
import { CAP_MS } from "./rule.js";
import { Sides } from "./sides.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Hop} Hop */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("./live.js").Live} Live */
/** @typedef {import("./shown.js").Scene} Scene */
/** @typedef {"live"|"paused"|"playing"} Mode */

/** The least step between two moments: times are exact to the microsecond. */
const TICK_MS = 0.0005;

export class Playhead extends EventTarget {
  /**
   * @param {Journal} journal
   * @param {Live} live
   */
  constructor(journal, live) {
    super();
    this.journal = journal;
    this.live = live;
    this.sides = new Sides(journal, live);
    /** @type {Mode} */
    this.mode = "live";
    /** Epoch: the moment shown. Null while live, and while a live scene is paused. */
    /** @type {number|null} */
    this.at_ms = null;
    /** The page's clock when `at_ms` was last moved on. */
    this.moved_ms = 0;
    /** @type {Scene|null} The scene that a pause keeps still. */
    this.kept = null;
    /** @type {{from_ms: number, to_ms: number}|null} The bounds of a run that was opened. */
    this.run = null;
  }

  /** The factor by which time is stretched. */
  get factor() {
    return this.live.rule.stretch;
  }

  /**
   * The least and the most time for which a stretch is shown in the current mode. Live, the rule of the
   * factor sets both; on the true axis, only times in which nothing happens are cut.
   * @returns {{floor_ms: number, cap_ms: number, late_ms: number}}
   */
  get limits() {
    return this.isLive() ? this.live.rule : { floor_ms: 0, cap_ms: CAP_MS, late_ms: Infinity };
  }

  isLive() {
    return this.mode === "live";
  }

  /** Whether the scene stands still, so that nothing may change by itself. */
  isPaused() {
    return this.mode === "paused";
  }

  /**
   * What there is to see now.
   * @param {number} now_ms The page's clock.
   * @returns {Scene}
   */
  scene(now_ms) {
    if (this.mode === "live") {
      this.live.advance(now_ms);
      return { ...this.live.scene(now_ms), side: this.sides.shown(now_ms) };
    }
    if (this.mode === "playing") this.#moveOn(now_ms);
    if (this.isLive()) return this.scene(now_ms);
    if (this.kept && this.at_ms === null) return this.kept;
    const at_ms = this.at_ms ?? this.live.trueNow(now_ms);
    const options = { factor: this.factor, limit: this.live.limit, now_ms, behind_ms: this.behind(now_ms), mode: this.mode };
    return { ...sceneAt(this.journal, at_ms, options), side: this.sides.shownAt(at_ms, options) };
  }

  /**
   * Follows a journey about which there is news.
   * @param {Journey} journey
   * @param {number} now_ms
   */
  follow(journey, now_ms) {
    if (this.mode !== "live") return;
    this.live.follow(journey, now_ms);
    this.sides.follow(journey, now_ms);
  }

  /**
   * How far the page is behind the present, in ms.
   * @param {number} now_ms
   */
  behind(now_ms) {
    if (this.mode === "live") return this.live.behind(now_ms);
    return Math.max(0, this.#end(now_ms) - this.moment(now_ms));
  }

  /**
   * Stops the scene. What happens meanwhile is kept, but not shown.
   * @param {number} now_ms
   */
  pause(now_ms) {
    if (this.mode === "paused") return;
    const scene = this.scene(now_ms);
    if (this.mode === "live") this.kept = { ...scene, mode: "paused" };
    this.#become("paused");
  }

  /**
   * Plays on from the moment that is shown.
   * @param {number} now_ms
   */
  play(now_ms) {
    if (this.mode !== "paused") return;
    this.#leaveLive(now_ms);
    this.moved_ms = now_ms;
    this.#become("playing");
  }

  /**
   * Returns to live in one step; what was missed is not played.
   * @param {number} now_ms
   */
  goLive(now_ms) {
    if (this.run) {
      // An opened run has no live; its end is as far as it goes.
      this.#settle(this.run.to_ms);
      return;
    }
    this.at_ms = null;
    this.kept = null;
    this.live.restart();
    this.sides.restart();
    for (const journey of this.journal.journeys.values()) {
      this.sides.join(journey, now_ms);
      if (isOver(this.journal, journey)) this.live.leave(journey);
      else this.live.join(journey, now_ms);
    }
    this.#become("live");
  }

  /**
   * Steps one hop forward or back, over all journeys, in true order. Pauses.
   * @param {1|-1} by
   * @param {number} now_ms
   * @returns {Hop|null} The hop stepped to; null if there is none.
   */
  step(by, now_ms) {
    const from_ms = this.moment(now_ms);
    const hops = this.journal.inOrder();
    const here = indexAt(hops, by > 0 ? from_ms + TICK_MS : from_ms - TICK_MS);
    const hop = hops[by > 0 ? here + 1 : here] ?? null;
    this.#settle(hop ? hop.at_ms : from_ms);
    return hop;
  }

  /**
   * Goes to a moment within the kept time. Pauses.
   * @param {number} at_ms Epoch.
   * @param {number} now_ms
   */
  seek(at_ms, now_ms) {
    const { from_ms, to_ms } = this.bounds(now_ms);
    this.#settle(Math.min(to_ms, Math.max(from_ms, at_ms)));
  }

  /**
   * @param {number} factor One of FACTORS.
   * @param {number} now_ms
   */
  setFactor(factor, now_ms) {
    if (this.mode === "playing") this.#moveOn(now_ms);
    this.live.setFactor(factor);
    this.#tell();
  }

  /**
   * Shows an opened run instead of live; its moments are in the journal.
   * @param {number} from_ms Epoch.
   * @param {number} to_ms Epoch.
   */
  open(from_ms, to_ms) {
    this.run = { from_ms, to_ms };
    this.#settle(from_ms);
  }

  /**
   * The range of moments that can be shown, and how many journeys there are.
   * @param {number} now_ms
   * @returns {{from_ms: number, to_ms: number, journeys: number}}
   */
  bounds(now_ms) {
    const journeys = this.journal.journeys.size;
    if (this.run) return { ...this.run, journeys };
    const to_ms = this.live.trueNow(now_ms);
    const first_ms = this.journal.inOrder()[0]?.at_ms ?? to_ms;
    return { from_ms: Math.min(to_ms, Math.max(first_ms, to_ms - HISTORY_MS)), to_ms, journeys };
  }

  /** @param {number} now_ms */
  #end(now_ms) {
    return this.run?.to_ms ?? this.live.trueNow(now_ms);
  }

  /**
   * The true moment that is shown.
   * @param {number} now_ms
   */
  moment(now_ms) {
    if (this.at_ms !== null) return this.at_ms;
    if (this.kept) return this.kept.at_ms;
    return this.live.trueNow(now_ms) - this.live.behind(now_ms);
  }

  /** @param {number} now_ms */
  #leaveLive(now_ms) {
    this.at_ms = this.moment(now_ms);
    this.kept = null;
  }

  /** @param {number} at_ms */
  #settle(at_ms) {
    this.at_ms = at_ms;
    this.kept = null;
    this.#become("paused");
  }

  /**
   * Moves on along the true axis. At the end of what has happened, it goes live again; at the end of a
   * run, it stops.
   * @param {number} now_ms
   */
  #moveOn(now_ms) {
    let left_ms = now_ms - this.moved_ms;
    this.moved_ms = now_ms;
    const hops = this.journal.inOrder();
    let at_ms = this.moment(now_ms);
    let index = indexAt(hops, at_ms);
    while (left_ms > 0) {
      const since_ms = Math.max(hops[index]?.at_ms ?? at_ms, this.bounds(now_ms).from_ms);
      const next_ms = hops[index + 1]?.at_ms ?? this.#end(now_ms);
      const true_ms = Math.max(0, next_ms - since_ms);
      const rate = Math.max(1 / this.factor, true_ms / CAP_MS);
      const needed_ms = (next_ms - at_ms) / rate;
      if (needed_ms > left_ms) {
        at_ms += left_ms * rate;
        break;
      }
      at_ms = Math.max(at_ms, next_ms);
      left_ms -= Math.max(0, needed_ms);
      index += 1;
      if (index >= hops.length) {
        this.#ended(at_ms, now_ms);
        return;
      }
    }
    this.at_ms = at_ms;
  }

  /**
   * @param {number} at_ms
   * @param {number} now_ms
   */
  #ended(at_ms, now_ms) {
    if (this.run) this.#settle(at_ms);
    else this.goLive(now_ms);
  }

  /** @param {Mode} mode */
  #become(mode) {
    this.mode = mode;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
