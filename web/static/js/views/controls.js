// @ts-check
/**
 * What keys, buttons and lessons do with the playhead. Each action has a name, acts now, and is announced
 * for people who cannot see the page.
 */
import { kindOf } from "../journal/journey.js";
import { FACTORS } from "../clock/rule.js";
import { timeOf } from "../page/format.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../clock/playhead.js").Playhead} Playhead */

export class Controls {
  /**
   * @param {Journal} journal
   * @param {Playhead} playhead
   * @param {() => number} now The page's clock, in ms.
   * @param {(text: string) => void} announce
   */
  constructor(journal, playhead, now, announce) {
    this.journal = journal;
    this.playhead = playhead;
    this.now = now;
    this.announce = announce;
  }

  pause() {
    this.playhead.pause(this.now());
  }

  /** Pauses, or plays on. */
  toggle() {
    if (this.playhead.isPaused()) this.playhead.play(this.now());
    else this.playhead.pause(this.now());
    this.announce(this.playhead.isPaused() ? "Paused." : "Playing on.");
  }

  /** Back to what is happening now. */
  toLive() {
    this.playhead.goLive(this.now());
    this.announce("Live.");
  }

  /**
   * One hop forward or back.
   * @param {1|-1} by
   */
  step(by) {
    const hop = this.playhead.step(by, this.now());
    const none = by > 0 ? "Nothing later has happened yet." : "Nothing earlier is held.";
    this.announce(hop ? `${hopWords(this.journal, hop)}, ${timeOf(this.journal.timeOfDay(hop.at_ms))}` : none);
  }

  /** @param {number} by_ms True time. */
  skip(by_ms) {
    this.seek(this.playhead.moment(this.now()) + by_ms);
  }

  /** To the oldest kept moment. */
  toStart() {
    this.seek(0);
  }

  /** @param {number} at_ms Epoch. */
  seek(at_ms) {
    this.playhead.seek(at_ms, this.now());
  }

  /**
   * One factor slower or faster.
   * @param {1|-1} by
   */
  changeFactor(by) {
    const index = FACTORS.indexOf(this.playhead.factor) + by;
    if (index in FACTORS) this.setFactor(FACTORS[index]);
  }

  /** @param {number} factor One of FACTORS. */
  setFactor(factor) {
    this.playhead.setFactor(factor, this.now());
  }
}

/**
 * A hop in words, e.g. "#3 created: projected".
 * @param {Journal} journal
 * @param {import("../journal/journal.js").Hop} hop
 */
export function hopWords(journal, hop) {
  const journey = journal.journeys.get(hop.event_id);
  return journey ? `#${journey.todo_id ?? "?"} ${kindOf(journey)}: ${hop.hop}` : hop.hop;
}
