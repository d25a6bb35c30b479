// @ts-check
/**
 * Live: plays out what has just happened, many times slower, and catches up with the present. Pure: the
 * time is passed in, and nothing here draws or waits.
 */
import { isOver } from "../journal/over.js";
import { itinerary } from "../journal/path.js";
import { Play } from "./play.js";
import { injectedBy } from "../journal/injected.js";
import { DWELL_MS, FACTOR, ruleOf } from "./rule.js";
import { shownOf } from "./shown.js";
import { Skew } from "./skew.js";

/**
 * @typedef {object} Further What is played: the journeys of the journal, or their branches.
 * @property {{get: (event_id: string) => Journey|undefined}} journeys
 * @property {readonly import("../journal/types.js").Firing[]} firings
 * @property {number} limit How many are kept.
 */
/** @typedef {import("../journal/over.js").Known & Further} Journal */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("./shown.js").Scene} Scene */
/** @typedef {import("./shown.js").Shown} Shown */

/** How many marks are drawn at once. */
const MOST_MARKS = 60;

export class Live {
  /**
   * @param {Journal} journal
   * @param {object} [options]
   * @param {number} [options.limit] How many marks are drawn at once.
   */
  constructor(journal, { limit = MOST_MARKS } = {}) {
    this.journal = journal;
    this.limit = limit;
    this.rule = ruleOf(FACTOR);
    /** By how much the page's clock is ahead of the server's. */
    this.skew = new Skew();
    /** @type {Map<string, Play>} */
    this.plays = new Map();
    /** @type {Map<string, Journey>} Under way, but beyond the number that is drawn. */
    this.undrawn = new Map();
    /** How many journeys have gone by undrawn since the marks were last at rest. */
    this.wentBy = 0;
    /** Those among them: late news of one does not make it go by again. @type {WeakSet<Journey>} */
    this.gone = new WeakSet();
    /** @type {WeakMap<Journey, number>} How many hops had been shown of each journey, or lay before
     * this page's time, when it was left. It forgets a journey when the journal does. */
    this.past = new WeakMap();
  }

  /**
   * Sets the factor by which time is stretched.
   * @param {number} factor
   */
  setFactor(factor) {
    this.rule = ruleOf(factor);
  }

  /** Forgets what is being played. */
  restart() {
    this.plays.clear();
    this.undrawn.clear();
    this.past = new WeakMap();
    this.#startCounting();
  }

  /** Counts from now on how many go by undrawn. */
  #startCounting() {
    this.wentBy = 0;
    this.gone = new WeakSet();
  }

  /**
   * Works out the server's clock from a message.
   * @param {number} server_ms Epoch, when the server sent it.
   * @param {number} now_ms The page's clock.
   */
  sync(server_ms, now_ms) {
    this.skew.note(server_ms, now_ms);
  }

  /**
   * Works out the server's clock anew, from this message alone.
   * @param {number} server_ms Epoch, when the server sent it.
   * @param {number} now_ms The page's clock.
   */
  resync(server_ms, now_ms) {
    this.skew.restart();
    this.sync(server_ms, now_ms);
  }

  /**
   * The true moment now, on the server's clock.
   * @param {number} now_ms
   */
  trueNow(now_ms) {
    return now_ms - this.skew.ms;
  }

  /**
   * Follows a journey from its beginning, as its hops come in.
   * @param {Journey} journey
   * @param {number} now_ms
   */
  follow(journey, now_ms) {
    const play = this.plays.get(journey.event_id);
    if (play?.journey === journey) {
      play.learn(now_ms);
      return;
    }
    const shown = this.past.get(journey);
    if (shown === undefined) this.#start(journey, now_ms);
    // An event that is delivered again goes on from where it stood.
    else if (goesFurther(journey, shown)) this.join(journey, now_ms, shown);
  }

  /**
   * Joins a journey where it stands now: what happened before is not played.
   * @param {Journey} journey
   * @param {number} now_ms
   * @param {number} [count] How many of its hops are in the past; by default all that are known.
   */
  join(journey, now_ms, count = Infinity) {
    this.#start(journey, now_ms)?.stand(now_ms, count);
  }

  /**
   * Leaves a journey in the past: it is not played.
   * @param {Journey} journey
   */
  leave(journey) {
    this.past.set(journey, itinerary(journey).length);
  }

  /**
   * Brings every play up to a moment. A page that comes back from the background catches up here,
   * in one step.
   * @param {number} now_ms
   */
  advance(now_ms) {
    const isDone = (/** @type {Journey} */ journey) => isOver(this.journal, journey);
    for (const [event_id, play] of this.plays) {
      play.advance(this.#now(now_ms), isDone);
      if (!this.#isKept(play.journey)) this.plays.delete(event_id);
      if (play.over_ms === null || now_ms < play.over_ms + DWELL_MS) continue;
      this.plays.delete(event_id);
      this.leave(play.journey);
    }
    this.#moveUp(now_ms, isDone);
    if (this.plays.size === 0) this.#startCounting();
  }

  /**
   * Everything that there is to see now, for all journeys.
   * @param {number} now_ms
   * @returns {Scene}
   */
  scene(now_ms) {
    /** @type {Map<string, Shown>} */
    const shown = new Map();
    for (const [event_id, play] of this.plays) shown.set(event_id, play.show(this.#now(now_ms)));
    const live_ms = this.trueNow(now_ms);
    const undrawn = [...this.undrawn.values()].map((journey) => standing(journey, live_ms));
    const behind_ms = this.behind(now_ms);
    return { now_ms, mode: "live", at_ms: live_ms - behind_ms, isPast: false, shown, undrawn, wentBy: this.wentBy, behind_ms };
  }

  /**
   * What there is to see of a journey now; null if it is not being played.
   * @param {string} event_id
   * @param {number} now_ms
   * @returns {Shown|null}
   */
  shown(event_id, now_ms) {
    return this.plays.get(event_id)?.show(this.#now(now_ms)) ?? null;
  }

  /**
   * How far the page is behind the present, at most, in ms.
   * @param {number} now_ms
   */
  behind(now_ms) {
    let behind_ms = 0;
    for (const play of this.plays.values()) {
      const { over, atEdge, at_ms } = play.show(this.#now(now_ms));
      if (!over && !atEdge) behind_ms = Math.max(behind_ms, this.trueNow(now_ms) - at_ms);
    }
    return behind_ms;
  }

  /**
   * @param {Journey} journey
   * @param {number} now_ms
   * @returns {Play|null} Null if there are too many already.
   */
  #start(journey, now_ms) {
    const { event_id } = journey;
    if (this.plays.size < this.limit || this.plays.has(event_id)) {
      const play = new Play(journey, now_ms);
      this.plays.set(event_id, play);
      return play;
    }
    this.undrawn.set(event_id, journey);
    // In a background tab nothing is drawn for a long time, so drop what the journal has dropped.
    const [oldest] = this.undrawn.keys();
    if (this.undrawn.size > this.journal.limit) this.undrawn.delete(oldest);
    return null;
  }

  /**
   * Goes through the journeys that are not drawn: draws the next ones, and counts those that have arrived
   * as gone by.
   * @param {number} now_ms
   * @param {(journey: Journey) => boolean} isDone
   */
  #moveUp(now_ms, isDone) {
    for (const [event_id, journey] of this.undrawn) {
      if (!this.#isKept(journey)) this.undrawn.delete(event_id);
      else if (isDone(journey)) {
        this.undrawn.delete(event_id);
        this.leave(journey);
        if (!this.gone.has(journey)) this.wentBy += 1;
        this.gone.add(journey);
      } else if (this.plays.size < this.limit) {
        this.undrawn.delete(event_id);
        this.join(journey, now_ms);
      }
    }
  }

  /** @param {Journey} journey */
  #isKept(journey) {
    return this.journal.journeys.get(journey.event_id) === journey;
  }

  /** @param {number} now_ms */
  #now(now_ms) {
    return { now_ms, live_ms: this.trueNow(now_ms), rule: this.rule, injected: injectedBy(this.journal.firings) };
  }
}

/**
 * Whether a journey that has been shown to its end goes on, as it does when an event is delivered again.
 * News about what came before its end does not count.
 * @param {Journey} journey
 * @param {number} shown How many of its hops have been shown.
 */
function goesFurther(journey, shown) {
  const hops = itinerary(journey);
  return hops.length > shown && hops[shown].at_ms > hops[shown - 1]?.at_ms && hops[shown].hop !== "seen";
}

/**
 * A journey that is not drawn, where it truly is.
 * @param {Journey} journey
 * @param {number} live_ms
 * @returns {Shown}
 */
function standing(journey, live_ms) {
  return shownOf({ journey, last: itinerary(journey).at(-1) ?? null, at_ms: live_ms, atEdge: true });
}
