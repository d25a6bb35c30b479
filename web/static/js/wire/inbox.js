// @ts-check
/** The inbox: what each message from web means for the journal, and for what is played out live. */
import { readAfter, statesOf } from "../journal/deltas.js";
import { isOver } from "../journal/over.js";
import { MOST_LATE_MS } from "../clock/skew.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").News} News */
/** @typedef {import("../journal/types.js").Read} Read */
/** @typedef {import("../clock/playhead.js").Playhead} Playhead */

/**
 * @typedef {object} Welcome What web sends to a page that joins or comes back.
 * @property {number} now_ms
 * @property {number} [day_ahead_ms]
 * @property {boolean} lab
 * @property {number} poll_interval_ms
 * @property {Record<string, number>} ports
 * @property {import("../journal/types.js").Journey[]} journeys
 * @property {import("../journal/types.js").Firing[]} [firings]
 * @property {import("../journal/types.js").Probe[]} probes
 * @property {Record<"health"|"holds"|"switches", import("../journal/types.js").Sample[]>} past
 * @property {Read|null} read
 * @property {import("../journal/types.js").Health} health
 * @property {import("../journal/types.js").Holds} holds
 * @property {import("../journal/types.js").Switches} switches
 * @property {import("../journal/types.js").Burst|null} burst
 * @property {import("../journal/lesson.js").LessonNow|null} [lesson] The lesson that is under way, if there is one.
 * @property {object|null} [rerun] The run that is played again, or the last one that was.
 * @property {import("../journal/types.js").Back|null} [back] The last time that the stack went back, if it has.
 */

export class Inbox {
  /**
   * @param {Journal} journal
   * @param {Playhead} playhead
   * @param {() => number} now The page's clock, in ms.
   */
  constructor(journal, playhead, now) {
    this.journal = journal;
    this.playhead = playhead;
    this.live = playhead.live;
    this.now = now;
    /** The last read; the next one brings only the changes to it. @type {Read|null} */
    this.read = null;
    /** When the stack last went back to an earlier moment; null if it never has. @type {number|null} */
    this.back_ms = null;
    /** What to do with each message, by its name. @type {Readonly<Record<string, (message: any) => void>>} */
    this.takes = {
      welcome: (message) => this.#welcome(message),
      hops: (message) => this.#hops(message),
      firings: ({ firings }) => journal.mergeFirings(firings),
      read: (message) => this.#read(message),
      clock: (message) => this.#clock(message),
      health: (health) => journal.setHealth(health, this.#trueNow()),
      holds: (holds) => journal.setHolds(holds, this.#trueNow()),
      switches: (switches) => journal.setSwitches(switches, this.#trueNow()),
      burst: (burst) => journal.setBurst(burst),
      probes: ({ probes }) => journal.addProbes(probes),
      back: (back) => this.#back(back),
      mending: (mending) => this.#tell("mending", mending),
      rerun: (rerun) => this.#tell("rerun", rerun),
      lesson: (lesson) => this.#tell("lesson", lesson),
      poll: ({ interval_ms }) => journal.setPoll(interval_ms),
    };
  }

  /** The connection is lost: from here on, the state of things is not known. */
  lose() {
    this.journal.setHealth({}, this.#trueNow());
    this.journal.setHolds({}, this.#trueNow());
  }

  /** @param {Welcome} welcome */
  #welcome({
    now_ms, day_ahead_ms = 0, lab, poll_interval_ms, ports, journeys, firings = [], probes, past, read, health,
    holds, switches, burst, back = null, lesson = null, rerun = null,
  }) {
    const { journal } = this;
    this.#agree(now_ms);
    this.#back(back);
    journal.setClock(day_ahead_ms);
    journal.setPoll(poll_interval_ms);
    journal.setPorts(ports);
    journal.setProbes(probes);
    journal.told.takePast({
      health: statesOf(past.health), holds: statesOf(past.holds), switches: statesOf(past.switches),
    });
    journal.setRead((this.read = read));
    journal.setHealth(health, now_ms);
    journal.setHolds(holds, now_ms);
    journal.setSwitches(switches, now_ms);
    journal.setBurst(burst);
    journal.mergeFirings(firings);
    for (const event_id of journal.mergeJourneys(journeys, now_ms)) this.#join(event_id);
    journal.setLab(lab);
    this.#tell("lesson", lesson);
    this.#tell("rerun", rerun);
  }

  /**
   * Forgets what the stack has taken back. A page that was away meanwhile learns it with its welcome.
   * @param {import("../journal/types.js").Back|null} back
   */
  #back(back) {
    if (!back || back.done_ms === this.back_ms) return;
    this.back_ms = back.done_ms;
    this.journal.forgetAfter(back.at_ms);
    this.#tell("back", back.done_ms);
  }

  /**
   * Agrees with web on what time it is. A web that started again after the clock was set back is behind
   * what this page knows; one whose machine slept is only behind what this page took for now.
   * @param {number} now_ms
   */
  #agree(now_ms) {
    if (!this.live.skew.contradicts(now_ms, this.now())) {
      this.#sync(now_ms);
      return;
    }
    this.live.resync(now_ms, this.now());
    this.journal.forgetAfter(now_ms + MOST_LATE_MS);
  }

  /**
   * Follows web's time. If this page has slept, what was under way then is not played out now.
   * @param {number} now_ms
   */
  #sync(now_ms) {
    const [isFirst, before_ms] = [!this.live.skew.isKnown, this.#trueNow()];
    this.live.sync(now_ms, this.now());
    const hasSlept = !isFirst && this.#trueNow() - before_ms > MOST_LATE_MS;
    if (hasSlept && this.playhead.isLive()) this.playhead.goLive(this.now());
  }

  /** @param {{now_ms: number, day_ahead_ms: number, changed_by_ms: number}} message */
  #clock({ now_ms, day_ahead_ms, changed_by_ms }) {
    // The machine may have slept, and its web with it.
    this.live.resync(now_ms, this.now());
    this.journal.setClock(day_ahead_ms, changed_by_ms);
  }

  /**
   * Follows a journey. One that was under way when this page joined is not played from its beginning.
   * @param {string} event_id
   */
  #join(event_id) {
    const { journal, live } = this;
    const journey = journal.journeys.get(event_id);
    if (!journey || !this.playhead.isLive()) return;
    this.playhead.sides.join(journey, this.now());
    if (live.plays.has(event_id)) live.follow(journey, this.now());
    else if (isOver(journal, journey)) live.leave(journey);
    else live.join(journey, this.now());
  }

  /** @param {any} message What has changed since the last read. */
  #read(message) {
    this.journal.setRead((this.read = readAfter(this.read, message)));
  }

  /** @param {{now_ms: number, hops: News[]}} message */
  #hops({ now_ms, hops }) {
    this.#sync(now_ms);
    for (const event_id of this.journal.merge(hops, now_ms)) {
      const journey = this.journal.journeys.get(event_id);
      if (journey) this.playhead.follow(journey, this.now());
    }
  }

  /**
   * Passes on what only views keep.
   * @param {string} what
   * @param {unknown} detail
   */
  #tell(what, detail) {
    this.journal.dispatchEvent(new CustomEvent(what, { detail }));
  }

  #trueNow() {
    return this.live.trueNow(this.now());
  }
}
