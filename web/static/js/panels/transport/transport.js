// @ts-check
/** The playhead's controls: pause and play, step and scrub, and how far back they can go. */
import { counted, duration, timeOf } from "../../page/format.js";
import { one, say, set } from "../../page/dom.js";
import { hopWords } from "../../views/controls.js";
import { HISTORY_MS } from "../../journal/history.js";
import { MOST_JOURNEYS } from "../../journal/journeys.js";
import { indexAt } from "../../journal/order.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */
/** @typedef {import("../../views/controls.js").Controls} Controls */

/** The scrubber's own steps, and the bars above it that show when something happened. */
const SCRUB_STEPS = 100_000;
const BARS = 160;
const BARS_EVERY_MS = 1000;
const MOST = MOST_JOURNEYS.toLocaleString("en-GB");
const MINUTES = HISTORY_MS / 60_000;
/** The size of the bars' box, and the least and greatest height of a bar, in its units. */
const BOX_HIGH = 16;
const LEAST_HIGH = 3;
const MOST_HIGHER = 13;

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, playhead: Playhead, controls: Controls}} house
 */
export function mount(root, { journal, playhead, controls }) {
  return new Transport(root, journal, playhead, controls);
}

class Transport {
  /**
   * @param {HTMLElement} root
   * @param {Journal} journal
   * @param {Playhead} playhead
   * @param {Controls} controls
   */
  constructor(root, journal, playhead, controls) {
    this.root = root;
    this.journal = journal;
    this.playhead = playhead;
    this.controls = controls;
    this.playButton = one(root, "play");
    this.scrubber = one(root, "scrub", HTMLInputElement);
    this.bars = one(root, "bars", SVGElement);
    this.moment = one(root, "moment");
    this.momentHop = one(root, "moment-hop");
    this.held = one(root, "held-says");
    this.barred_ms = 0;
    /** @type {{from_ms: number, to_ms: number}} The moments at the scrubber's ends. */
    this.range = { from_ms: 0, to_ms: 1 };
    this.scrubber.max = String(SCRUB_STEPS);
    this.playButton.addEventListener("click", () => controls.toggle());
    this.scrubber.addEventListener("input", () => this.#scrub());
    for (const button of root.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => controls.step(button.getAttribute("data-step") === "1" ? 1 : -1));
    }
  }

  /** @param {Scene} scene */
  draw(scene) {
    const { playhead } = this;
    this.#drawPlay();
    const bounds = playhead.bounds(scene.now_ms);
    this.range = bounds;
    const whole_ms = Math.max(1, bounds.to_ms - bounds.from_ms);
    const at_ms = playhead.isLive() ? bounds.to_ms : scene.at_ms;
    this.scrubber.value = String(Math.round(((at_ms - bounds.from_ms) / whole_ms) * SCRUB_STEPS));
    say(this.moment, playhead.isLive() ? "now" : timeOf(this.journal.timeOfDay(at_ms)));
    set(this.scrubber, "aria-valuetext", playhead.isLive() ? "live" : timeOf(this.journal.timeOfDay(at_ms)));
    const hop = scene.isPast ? this.#hopAt(at_ms) : "";
    say(this.momentHop, hop);
    set(this.momentHop, "title", hop || null);
    say(this.held, heldSays(bounds.journeys, whole_ms));
    if (playhead.isPaused() || scene.now_ms >= this.barred_ms + BARS_EVERY_MS) {
      this.barred_ms = scene.now_ms;
      set(this.bars, "d", this.#barsOf(bounds));
    }
  }

  #drawPlay() {
    const isPaused = this.playhead.isPaused();
    set(this.root, "data-mode", this.playhead.mode);
    set(this.playButton, "data-play", isPaused ? "paused" : "going");
    set(this.playButton, "aria-label", isPaused ? "Play on" : "Pause the picture");
    set(this.playButton, "title", isPaused ? "Play on (space)" : "Pause the picture, not the system (space)");
  }

  /**
   * The path of the bars over the scrubber; they show when commands came.
   * @param {{from_ms: number, to_ms: number}} bounds
   */
  #barsOf({ from_ms, to_ms }) {
    const counts = Array.from({ length: BARS }, () => 0);
    for (const { hops } of this.journal.journeys.values()) {
      const share = ((hops[0]?.at_ms ?? -1) - from_ms) / Math.max(1, to_ms - from_ms);
      if (share >= 0 && share <= 1) counts[Math.min(BARS - 1, Math.floor(share * BARS))] += 1;
    }
    const most = Math.max(1, ...counts);
    const top = (/** @type {number} */ count) => (BOX_HIGH - LEAST_HIGH - (MOST_HIGHER * count) / most).toFixed(1);
    return counts.map((count, index) => (count ? `M${index + 0.5} ${BOX_HIGH}V${top(count)}` : "")).join("");
  }

  #scrub() {
    const { from_ms, to_ms } = this.range;
    const share = Number(this.scrubber.value) / SCRUB_STEPS;
    if (share === 1 && !this.playhead.run) this.controls.toLive();
    else this.controls.seek(from_ms + share * (to_ms - from_ms));
  }

  /** @param {number} at_ms */
  #hopAt(at_ms) {
    const hops = this.journal.inOrder();
    const hop = hops[indexAt(hops, at_ms)];
    return hop ? hopWords(this.journal, hop) : "";
  }
}

/**
 * @param {number} journeys How many there are.
 * @param {number} whole_ms
 */
function heldSays(journeys, whole_ms) {
  if (!journeys) return `nothing kept yet; at most ${MOST} journeys or ${MINUTES} min`;
  const span = duration(Math.round(whole_ms / 1000) * 1000);
  return `${counted(journeys, "journey")} of the last ${span} kept; at most ${MOST} or ${MINUTES} min`;
}
