// @ts-check
/** Time: a lane per recent journey, its hops as segments of their true durations. Draws only. */
import { duration, stretch } from "../../page/format.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { SHORT_SPANS, SPANS } from "../../journal/hops.js";
import { kindOf } from "../../journal/journey.js";

/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */
/** @typedef {import("../../facts/lanes.js").Lane} Lane */

/** The type in a segment, and the least room on either side of it. */
const SEGMENT_REM = 0.75;
const SEGMENT_WEIGHT = 600;
const MARGIN_REM = 0.3;
const KEPT_WIDTHS = 1000;
/** How many lanes are in sight as long as nothing has been measured. */
const LEAST_LANES = 5;

/**
 * @param {HTMLElement} root
 * @param {{playhead: Playhead, redraw: () => void}} house
 */
export function mount(root, house) {
  return new Timeline(root, house);
}

class Timeline {
  /**
   * @param {HTMLElement} root
   * @param {{playhead: Playhead, redraw: () => void}} house
   */
  constructor(root, { playhead, redraw }) {
    this.root = root;
    this.lanes = one(root, "lanes");
    this.axisSays = one(root, "axis-says");
    this.toNewest = one(root, "to-newest");
    /** Measures how wide words are. @type {CanvasRenderingContext2D|null} */
    this.pen = document.createElement("canvas").getContext("2d");
    /** The width of a lane, and a margin: measured when the size changes, not while drawing. */
    this.width_px = 0;
    this.margin_px = 0;
    /** @type {Map<string, number>} The widths of words that have been measured. */
    this.widths = new Map();
    /** Which of the lanes are in sight, from the first up to before the last: noted when the list is scrolled. */
    this.sight = { from: 0, to: LEAST_LANES };
    new ResizeObserver(() => {
      this.#measure();
      this.#look();
      redraw();
    }).observe(this.lanes);
    this.lanes.addEventListener("scroll", () => {
      this.#look();
      redraw();
    });
    this.toNewest.addEventListener("click", () => this.#goToNewest());
    let wasLive = playhead.isLive();
    playhead.addEventListener("change", () => {
      if (playhead.isLive() && !wasLive) this.#goToNewest();
      wasLive = playhead.isLive();
    });
  }

  #goToNewest() {
    // A button that is hidden loses the focus.
    if (document.activeElement === this.toNewest) this.lanes.focus();
    this.lanes.scrollTop = 0;
  }

  /** Notes which lanes are in sight. */
  #look() {
    const { scrollTop, clientHeight } = this.lanes;
    const high_px = this.lanes.firstElementChild?.clientHeight || 1;
    this.sight = { from: Math.floor(scrollTop / high_px), to: Math.ceil((scrollTop + clientHeight) / high_px) };
    this.toNewest.hidden = scrollTop < high_px / 2;
  }

  #measure() {
    const rem_px = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.width_px = this.lanes.querySelector("[data-track]")?.clientWidth ?? 0;
    this.margin_px = MARGIN_REM * rem_px;
    this.widths.clear();
    const { fontFamily } = getComputedStyle(this.lanes);
    if (this.pen) this.pen.font = `${SEGMENT_WEIGHT} ${SEGMENT_REM * rem_px}px ${fontFamily}`;
  }

  /**
   * The room that words take in a segment, in px.
   * @param {string} text
   */
  #room(text) {
    const known = this.widths.get(text);
    if (known !== undefined) return known;
    if (this.widths.size > KEPT_WIDTHS) this.widths.clear();
    const room_px = (this.pen?.measureText(text).width ?? Infinity) + 2 * this.margin_px;
    this.widths.set(text, room_px);
    return room_px;
  }

  /**
   * @param {Scene} scene
   * @param {import("../../facts/facts.js").Facts} facts
   */
  draw(scene, facts) {
    const { lanes } = facts;
    // The axis fits all lanes in sight, and only these, so one journey that took minutes does not flatten
    // the others for as long as the page remembers it.
    const { from, to } = this.sight;
    const scale_ms = nice(Math.max(1, ...lanes.slice(from, to).map(({ total_ms }) => total_ms)));
    say(this.axisSays, lanes.length ? `0 to ${duration(scale_ms)} after the command` : "");
    if (lanes.length && !this.width_px) {
      requestAnimationFrame(() => {
        this.#measure();
        this.#look();
      });
    }
    keyed(this.lanes, lanes, ({ journey }) => journey.event_id, createLane, (element, lane) =>
      updateLane(element, lane, scale_ms, (name, true_ms, share) =>
        fitting(name, true_ms, (text) => this.#room(text) <= share * this.width_px)),
    );
  }
}

/** @param {Lane} lane */
function createLane({ journey }) {
  const element = make("li", { class: "lane", "data-lane": "", "data-event-id": journey.event_id });
  const who = make("button", { type: "button", class: "who" });
  who.append(make("b"), make("span", { class: "kind" }));
  const total = make("span", { class: "total" });
  total.append(make("span", { class: "words" }), make("b", { "data-total": "" }), make("span", { class: "words" }));
  element.append(who, make("span", { class: "track", "data-track": "" }), total);
  return element;
}

/**
 * @param {Element} element
 * @param {Lane} lane
 * @param {number} scale_ms
 * @param {(name: string, true_ms: number, share: number) => string} fitted Gives the words for a segment
 *   that takes that share of the lane.
 */
function updateLane(element, { journey, segments, begin_ms, total_ms, ended, hop, words }, scale_ms, fitted) {
  const [who, track, total] = element.children;
  set(element, "data-todo-id", journey.todo_id);
  set(element, "data-version", journey.version);
  set(element, "data-hop", hop);
  set(element, "data-hops", journey.hops.map((each) => each.hop).join(" "));
  set(element, "data-state", ended ? "ended" : "under-way");
  say(who.children[0], `#${journey.todo_id ?? "?"}`);
  say(who.children[1], ` ${kindOf(journey)}`);
  [words[0], duration(total_ms), words[1]].forEach((text, index) => say(total.children[index], text));
  keyed(track, segments, ({ name, from_ms }) => `${name} ${from_ms}`, ({ name }) =>
    make("span", { class: "segment", "data-segment": name, "data-span": name }),
  (segment, { name, from_ms, to_ms, open }) => {
    const share = (to_ms - from_ms) / scale_ms;
    const style = /** @type {HTMLElement} */ (segment).style;
    style.left = `${((from_ms - begin_ms) / scale_ms) * 100}%`;
    style.width = `${share * 100}%`;
    set(segment, "data-open", open ? "" : null);
    set(segment, "title", `${SPANS[name]}: ${stretch(to_ms - from_ms)}`);
    // If the next segment begins before this one has ended, it would cut the words.
    const isCovered = segments.some((other) => other.from_ms > from_ms && other.from_ms < to_ms);
    // Nor is there room for words beyond the end of the axis.
    const shown = Math.min(share, 1 - (from_ms - begin_ms) / scale_ms);
    say(segment, isCovered ? "" : fitted(name, to_ms - from_ms, shown));
  });
}

/**
 * The words that fit into a segment, whole or not at all.
 * @param {string} name
 * @param {number} true_ms
 * @param {(text: string) => boolean} fits
 */
function fitting(name, true_ms, fits) {
  const bare = stretch(true_ms);
  return [`${SHORT_SPANS[name]} ${bare}`, bare].find(fits) ?? "";
}

/**
 * The next round number: 1, 1.5, 2, 3, 5, 7 or 10 times a power of ten.
 * @param {number} value
 */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 1.5, 2, 3, 5, 7, 10].find((step) => step * power >= value) ?? 10);
}
