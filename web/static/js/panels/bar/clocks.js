// @ts-check
/** The clocks in the bar: the factor by which time is stretched, and how far the page is behind live. */
import { clockSays, duration } from "../../page/format.js";
import { make, one, say, set } from "../../page/dom.js";
import { FACTORS } from "../../clock/rule.js";
import { News } from "./news.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */
/** @typedef {import("../../views/controls.js").Controls} Controls */

/** A page that is less late than this is called live. */
const LIVE_WITHIN_MS = 100;
/** For how long the page says that the clock was set. */
const SAID_FOR_MS = 8000;

/**
 * @typedef {object} House
 * @property {Journal} journal
 * @property {Playhead} playhead
 * @property {Controls} controls
 * @property {() => number} now The page's clock, in ms.
 * @property {(text: string) => void} announce
 */

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  return new Clocks(root, house);
}

class Clocks {
  group = "words";

  /**
   * @param {HTMLElement} root
   * @param {House} house
   */
  constructor(root, { journal, playhead, controls, now, announce }) {
    this.root = root;
    this.now = now;
    this.announce = announce;
    this.journal = journal;
    this.playhead = playhead;
    this.factor = one(root, "factor", HTMLSelectElement);
    this.live = one(root, "live");
    this.liveWords = one(root, "live-words");
    this.goLive = one(root, "go-live");
    this.newCount = one(root, "new-count");
    this.news = new News(journal);
    /** What there is to say in passing, and until when, on the page's clock. */
    this.passing = { says: "", until_ms: -Infinity };
    journal.addEventListener("clock", (event) => this.#noteChange(/** @type {CustomEvent<number>} */ (event)));
    playhead.addEventListener("change", () => this.news.follow(playhead.isLive()));
    for (const factor of FACTORS) this.factor.append(make("option", { value: String(factor) }, named(factor)));
    this.factor.addEventListener("change", () => controls.setFactor(Number(this.factor.value)));
    this.goLive.addEventListener("click", () => controls.toLive());
  }

  /** Also while paused: the scene stands still, and the clock goes on. */
  draw() {
    const { playhead } = this;
    this.goLive.hidden = playhead.isLive() || playhead.run !== null;
    if (this.factor.value !== String(playhead.factor)) this.factor.value = String(playhead.factor);
    this.tick(this.now());
  }

  /**
   * How far the page is behind live, and what has come meanwhile.
   * @param {number} now_ms The page's clock.
   */
  tick(now_ms) {
    const { mode } = this.playhead;
    const isRun = this.journal.run !== null;
    const isPaused = mode === "paused";
    const late_ms = this.playhead.behind(now_ms);
    const late = late_ms < LIVE_WITHIN_MS ? "live" : `${lateness(late_ms, isPaused)} behind live`;
    const isOffline = !this.journal.isConnected && !isRun;
    set(this.live, "data-live", isOffline ? "offline" : isPaused ? "paused" : late === "live" ? "live" : "behind");
    if (isOffline) say(this.liveWords, "not connected");
    else if (now_ms < this.passing.until_ms) say(this.liveWords, this.passing.says);
    else if (isRun) say(this.liveWords, `a run of a file${isPaused ? ", paused" : ""}`);
    else if (isPaused) say(this.liveWords, late === "live" ? "paused" : `paused, ${late}`);
    else say(this.liveWords, late);
    this.#sayNews(isRun ? 0 : this.news.count);
  }

  /** @param {CustomEvent<number>} event Its detail: by how much the clock was set, in ms. */
  #noteChange({ detail }) {
    const says = clockSays(detail);
    if (!says) return;
    this.passing = { says, until_ms: this.now() + SAID_FOR_MS };
    this.announce(`The ${says}.`);
  }

  /** @param {number} count How many journeys have come since the page left the present. */
  #sayNews(count) {
    const words = count ? `${count.toLocaleString("en-GB")} new` : "";
    say(this.newCount, words);
    set(this.goLive, "data-new", count ? "" : null);
    set(this.goLive, "aria-label", count ? `Back to live: ${words} since you paused` : "Back to live");
    set(this.goLive, "title", count ? `${words} since you paused: back to live (l)` : "Back to live (l)");
  }
}

/** @param {number} factor */
function named(factor) {
  return factor === 1 ? "in real time" : `${factor.toLocaleString("en-GB")}× slower`;
}

/**
 * In whole seconds while paused, since it is drawn once a second.
 * @param {number} late_ms
 * @param {boolean} isPaused
 */
function lateness(late_ms, isPaused) {
  if (late_ms >= 100_000) return duration(late_ms);
  return `${(late_ms / 1000).toFixed(isPaused ? 0 : 1)} s`;
}
