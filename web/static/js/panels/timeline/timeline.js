// @ts-check
/** Time: a lane per recent journey, its hops as segments of their true durations. Draws only. */
import { causesOf } from "../../facts/fault-words.js";
import { apart, duration, isApart, stretch, sum } from "../../page/format.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { SHORT_SPANS, SPANS } from "../../journal/hops.js";
import { lengthOf } from "../../journal/pieces.js";
import { kindOf } from "../../journal/journey.js";

/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */
/** @typedef {import("../../facts/lanes.js").Lane} Lane */
/** @typedef {import("../../facts/lanes.js").Segment} Segment */

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
    set(this.lanes, "data-injected", lanes.some(({ total_ms, injected_ms }) => isApart(total_ms, injected_ms)) ? "" : null);
    say(this.axisSays, lanes.length ? `0 to ${duration(scale_ms)} after the command` : "");
    if (lanes.length && !this.width_px) {
      requestAnimationFrame(() => {
        this.#measure();
        this.#look();
      });
    }
    keyed(this.lanes, lanes, ({ journey }) => journey.event_id, createLane, (element, lane) =>
      updateLane(element, lane, scale_ms, (texts, share) => texts.find((text) => this.#room(text) <= share * this.width_px) ?? ""),
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
 * @param {(texts: string[], share: number) => string} fitting Gives the first of some texts that has room in that
 *   share of the lane, whole or not at all.
 */
function updateLane(element, { journey, segments, begin_ms, total_ms, injected_ms, parked_ms, ended, hop, words }, scale_ms, fitting) {
  const [who, track, total] = element.children;
  set(element, "data-todo-id", journey.todo_id);
  set(element, "data-version", journey.version);
  set(element, "data-hop", hop);
  set(element, "data-hops", journey.hops.map((each) => each.hop).join(" "));
  set(element, "data-state", ended ? "ended" : "under-way");
  say(who.children[0], `#${journey.todo_id ?? "?"}`);
  say(who.children[1], ` ${kindOf(journey)}`);
  const apartFrom = [parked_ms ? `, ${duration(parked_ms)} parked` : "", isApart(total_ms, injected_ms) ? `, ${duration(injected_ms)} injected` : ""];
  const told = words[1] + apartFrom.join("");
  [words[0], duration(total_ms), told].forEach((text, index) => say(total.children[index], text));
  set(total, "title", isApart(total_ms, injected_ms) ? `${words[0]}${apart(total_ms, injected_ms)}${words[1]}` : null);
  keyed(track, segments, ({ name, from_ms }) => `${name} ${from_ms}`, createSegment, (segment, each) => {
    const { name, from_ms, to_ms, open, injected } = each;
    const share = (to_ms - from_ms) / scale_ms;
    place(segment, (from_ms - begin_ms) / scale_ms, share);
    set(segment, "data-open", open ? "" : null);
    const held_ms = lengthOf(injected);
    const causes = causesOf(injected);
    set(segment, "title", `${SPANS[name]}: ${held_ms ? apart(to_ms - from_ms, held_ms) : stretch(to_ms - from_ms)}${causes && `: ${causes}`}`);
    // If the next segment begins before this one has ended, it would cut the words.
    const isCovered = segments.some((other) => other.from_ms > from_ms && other.from_ms < to_ms);
    // What was injected has words of its own. Nor is there room for words beyond the end of the axis.
    const free = injected.length ? longestBetween(each) : each;
    const shown = Math.min((free.to_ms - free.from_ms) / scale_ms, 1 - (free.from_ms - begin_ms) / scale_ms);
    const { natural } = sum(to_ms - from_ms, held_ms);
    place(segment.children[0], (free.from_ms - from_ms) / (to_ms - from_ms), (free.to_ms - free.from_ms) / (to_ms - from_ms));
    say(segment.children[0], isCovered ? "" : fitting([`${SHORT_SPANS[name]} ${natural}`, natural], shown));
    keyed(segment.children[1], joined(injected, scale_ms * LEAST_SHARE), (piece) => String(piece.from_ms),
      () => make("span", { "data-injected": "" }), (hatch, piece) => {
        const piece_ms = piece.to_ms - piece.from_ms;
        place(hatch, (piece.from_ms - from_ms) / (to_ms - from_ms), piece_ms / (to_ms - from_ms));
        const fault = new Set(piece.firings.map((firing) => firing.fault)).size === 1 ? `${piece.firings[0].fault}: ` : "";
        const figure = duration(piece.held_ms);
        say(hatch, fitting([`${fault}${figure} injected`, `${figure} injected`, figure], piece_ms / scale_ms));
      });
  });
}

/**
 * The longest part of a segment into which nothing was injected.
 * @param {Segment} segment
 */
function longestBetween({ from_ms, to_ms, injected }) {
  const begins = [from_ms, ...injected.map((piece) => piece.to_ms)];
  const ends = [...injected.map((piece) => piece.from_ms), to_ms];
  const parts = begins.map((begin_ms, index) => ({ from_ms: begin_ms, to_ms: ends[index] }));
  return parts.reduce((a, b) => (b.to_ms - b.from_ms > a.to_ms - a.from_ms ? b : a));
}

/** @param {Segment} segment */
function createSegment({ name }) {
  const segment = make("span", { class: "segment", "data-segment": name, "data-span": name });
  segment.append(make("span", { class: "of-segment" }), make("span", { class: "hatches" }));
  return segment;
}

/**
 * @param {Element} element
 * @param {number} from As a share of what it lies in.
 * @param {number} share
 */
function place(element, from, share) {
  const { style } = /** @type {HTMLElement} */ (element);
  style.left = `${from * 100}%`;
  style.width = `${share * 100}%`;
}

/** Pieces that are closer than that share of the axis are drawn as one. */
const LEAST_SHARE = 0.005;

/**
 * Puts pieces together that cannot be told apart on the axis.
 * @param {Segment["injected"]} pieces
 * @param {number} least_ms
 */
function joined(pieces, least_ms) {
  /** @type {{from_ms: number, to_ms: number, held_ms: number, firings: import("../../journal/types.js").Firing[]}[]} */
  const found = [];
  for (const { from_ms, to_ms, firings } of pieces) {
    const last = found.at(-1);
    if (last && from_ms - last.to_ms < least_ms) {
      Object.assign(last, { to_ms, held_ms: last.held_ms + to_ms - from_ms, firings: [...last.firings, ...firings] });
    } else found.push({ from_ms, to_ms, held_ms: to_ms - from_ms, firings: [...firings] });
  }
  return found;
}

/**
 * The next round number: 1, 1.5, 2, 3, 5, 7 or 10 times a power of ten.
 * @param {number} value
 */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 1.5, 2, 3, 5, 7, 10].find((step) => step * power >= value) ?? 10);
}
