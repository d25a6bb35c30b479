// @ts-check
/**
 * The playhead's controls: pause and play, step, scrub, the factor, and back to live. Draws where
 * the playhead is and what is held, and tells the playhead what is wanted.
 */
import { counted, duration } from "../../page/format.js";
import { make, one, say, set } from "../../page/dom.js";
import { kindOf } from "../../journal/hops.js";
import { indexAt } from "../../clock/moment.js";
import { FACTORS } from "../../clock/playhead.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../journal/journal.js").Hop} Hop */
/** @typedef {import("../../clock/clock.js").Scene} Scene */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */

/** The scrubber's own steps, and the bars above it that say when something happened. */
const SCRUB_STEPS = 100_000;
const BARS = 160;
const BARS_EVERY_MS = 1000;

export class Transport {
  /**
   * @param {ParentNode} root
   * @param {Journal} journal
   * @param {Playhead} playhead
   * @param {() => number} now The page's clock, in ms.
   */
  constructor(root, journal, playhead, now) {
    this.journal = journal;
    this.playhead = playhead;
    this.now = now;
    this.playButton = one(root, "play");
    this.scrubber = one(root, "scrub", HTMLInputElement);
    this.bars = one(root, "bars", SVGElement);
    this.moment = one(root, "moment");
    this.momentHop = one(root, "moment-hop");
    this.held = one(root, "held-says");
    this.rule = one(root, "key");
    this.goLive = one(root, "go-live");
    this.factor = one(root, "factor", HTMLSelectElement);
    this.summary = one(root, "summary");
    this.barred_ms = 0;
    /** @type {{from_ms: number, to_ms: number}} What the scrubber's ends stand for. */
    this.range = { from_ms: 0, to_ms: 1 };
    for (const factor of FACTORS) this.factor.append(make("option", { value: String(factor) }, named(factor)));
    this.scrubber.max = String(SCRUB_STEPS);
    this.factor.addEventListener("change", () => playhead.setFactor(Number(this.factor.value), now()));
    this.playButton.addEventListener("click", () => this.toggle());
    this.goLive.addEventListener("click", () => this.toLive());
    this.scrubber.addEventListener("input", () => this.#scrub());
    for (const button of root.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.step(button.getAttribute("data-step") === "1" ? 1 : -1));
    }
  }

  /** Pauses, or plays on. */
  toggle() {
    if (this.playhead.isPaused()) this.playhead.play(this.now());
    else this.playhead.pause(this.now());
    say(this.summary, this.playhead.isPaused() ? "Paused." : "Playing on.");
  }

  toLive() {
    this.playhead.goLive(this.now());
    say(this.summary, "Live.");
  }

  /** @param {1|-1} by */
  step(by) {
    const hop = this.playhead.step(by, this.now());
    const none = by > 0 ? "Nothing later has happened yet." : "Nothing earlier is held.";
    say(this.summary, hop ? `${this.#words(hop)}, ${timeOf(hop.at_ms)}` : none);
  }

  /** @param {number} by_ms True time. */
  skip(by_ms) {
    this.playhead.seek(this.playhead.moment(this.now()) + by_ms, this.now());
  }

  toStart() {
    this.playhead.seek(0, this.now());
  }

  /**
   * One factor slower or faster.
   * @param {1|-1} by
   */
  changeFactor(by) {
    const index = FACTORS.indexOf(this.playhead.factor) + by;
    if (index in FACTORS) this.playhead.setFactor(FACTORS[index], this.now());
  }

  /** @param {Scene} scene */
  draw(scene) {
    const { playhead } = this;
    const isPaused = playhead.isPaused();
    set(this.playButton, "data-play", isPaused ? "paused" : "going");
    set(this.playButton, "aria-label", isPaused ? "Play on" : "Pause");
    set(this.playButton, "title", isPaused ? "Play on (space)" : "Pause (space)");
    this.goLive.hidden = playhead.isLive() || playhead.run !== null;
    set(document.documentElement, "data-mode", playhead.mode);
    this.#drawFactor();
    const bounds = playhead.bounds(scene.now_ms);
    this.range = bounds;
    const whole_ms = Math.max(1, bounds.to_ms - bounds.from_ms);
    const at_ms = playhead.isLive() ? bounds.to_ms : scene.at_ms;
    this.scrubber.value = String(Math.round(((at_ms - bounds.from_ms) / whole_ms) * SCRUB_STEPS));
    const shown_ms = playhead.isLive() ? null : at_ms;
    say(this.moment, shown_ms === null ? "now" : timeOf(shown_ms));
    set(this.scrubber, "aria-valuetext", shown_ms === null ? "live" : timeOf(shown_ms));
    say(this.momentHop, scene.isPast ? this.#hopAt(at_ms) : "");
    const span = duration(Math.round(whole_ms / 1000) * 1000);
    say(this.held, bounds.journeys
      ? `${counted(bounds.journeys, "journey")} held, ${span} back; at most 5,000 or 10 min`
      : "nothing held yet; at most 5,000 journeys or 10 min");
    if (isPaused || scene.now_ms >= this.barred_ms + BARS_EVERY_MS) {
      this.barred_ms = scene.now_ms;
      this.#drawBars(bounds);
    }
  }

  #drawFactor() {
    const { factor, floor_ms, cap_ms } = { ...this.playhead.clock, factor: this.playhead.factor };
    if (this.factor.value !== String(factor)) this.factor.value = String(factor);
    const rule = factor === 1
      ? "Figures are true times, and so is what moves."
      : `Figures are true times. Each hop is shown for at least ${floor_ms / 1000} s (◂) and at most ${cap_ms / 1000} s (▸).`;
    say(this.rule, this.playhead.isLive()
      ? rule
      : `Figures are true times. Times in which nothing happens are cut to ${cap_ms / 1000} s.`);
  }

  /**
   * When commands came, as bars over the scrubber.
   * @param {{from_ms: number, to_ms: number}} bounds
   */
  #drawBars({ from_ms, to_ms }) {
    const counts = Array.from({ length: BARS }, () => 0);
    for (const { hops } of this.journal.journeys.values()) {
      const share = ((hops[0]?.at_ms ?? -1) - from_ms) / Math.max(1, to_ms - from_ms);
      if (share >= 0 && share <= 1) counts[Math.min(BARS - 1, Math.floor(share * BARS))] += 1;
    }
    const most = Math.max(1, ...counts);
    const d = counts
      .map((count, index) => count ? `M${index + 0.5} 16V${(16 - 3 - (13 * count) / most).toFixed(1)}` : "")
      .join("");
    set(this.bars, "d", d);
  }

  #scrub() {
    const { from_ms, to_ms } = this.range;
    const share = Number(this.scrubber.value) / SCRUB_STEPS;
    if (share === 1 && !this.playhead.run) this.playhead.goLive(this.now());
    else this.playhead.seek(from_ms + share * (to_ms - from_ms), this.now());
  }

  /** @param {number} at_ms */
  #hopAt(at_ms) {
    const hops = this.journal.inOrder();
    const hop = hops[indexAt(hops, at_ms)];
    return hop ? this.#words(hop) : "";
  }

  /** @param {Hop} hop */
  #words(hop) {
    const journey = this.journal.journeys.get(hop.event_id);
    return journey ? `#${journey.todo_id ?? "?"} ${kindOf(journey)}: ${hop.hop}` : hop.hop;
  }
}

/** @param {number} factor */
function named(factor) {
  return factor === 1 ? "in real time" : `${factor.toLocaleString("en-GB")}× slower`;
}

/**
 * A moment by the wall clock of this browser's place, to the millisecond.
 * @param {number} at_ms Epoch.
 */
export function timeOf(at_ms) {
  const date = new Date(at_ms);
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
