// @ts-check
/** Time: a lane per recent journey, its hops as segments of their true durations. Draws only. */
import { duration, stretch } from "../../page/format.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { endOf } from "../../clock/moment.js";
import { SHORT_SPANS, SPANS, STEPS, hopOf, itinerary, kindOf, spansOf } from "../../journal/hops.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../journal/journal.js").Journey} Journey */
/** @typedef {import("../../clock/clock.js").Scene} Scene */
/** @typedef {{name: string, from_ms: number, to_ms: number, open: boolean}} Segment */
/** @typedef {{journey: Journey, segments: Segment[], begin_ms: number, total_ms: number, ended: boolean, hop: string|null}} Lane */

const LANES = 30;
/** The type in a segment, and the least room on each side of it. */
const SEGMENT_REM = 0.75;
const SEGMENT_WEIGHT = 600;
const MARGIN_REM = 0.3;
const FITTED = 5;
const KEPT_WIDTHS = 1000;

export class Timeline {
  /**
   * @param {HTMLElement} root
   * @param {Journal} journal
   */
  constructor(root, journal) {
    this.journal = journal;
    this.lanes = one(root, "lanes");
    this.axisSays = one(root, "axis-says");
    /** Knows how wide words are. @type {CanvasRenderingContext2D|null} */
    this.pen = document.createElement("canvas").getContext("2d");
    /** How wide a lane is, and a margin: measured when the size changes, not while drawing. */
    this.width_px = 0;
    this.margin_px = 0;
    /** @type {Map<string, number>} How wide words are, those that have been asked for. */
    this.widths = new Map();
    new ResizeObserver(() => this.#measure()).observe(this.lanes);
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
   * How much room words take in a segment, in px.
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

  /** @param {Scene} scene */
  draw(scene) {
    const lanes = recent(this.journal, scene)
      .map((journey) => this.#lane(journey, scene)).filter((lane) => lane !== null);
    // The axis fits the lanes in sight: one journey that took minutes does not flatten all others
    // for as long as the page remembers it.
    const scale_ms = nice(Math.max(1, ...lanes.slice(0, FITTED).map(({ total_ms }) => total_ms)));
    say(this.axisSays, lanes.length
      ? `0 to ${duration(scale_ms)}`
      : "");
    if (lanes.length && !this.width_px) requestAnimationFrame(() => this.#measure());
    keyed(this.lanes, lanes, ({ journey }) => journey.event_id, createLane, (element, lane) =>
      updateLane(element, lane, scale_ms, (name, true_ms, share) =>
        fitting(name, true_ms, (text) => this.#room(text) <= share * this.width_px)),
    );
  }

  /**
   * @param {Journey} journey
   * @param {Scene} scene
   * @returns {Lane|null}
   */
  #lane(journey, scene) {
    const shown = scene.shown.get(journey.event_id);
    const hops = itinerary(journey);
    if (!hops.length || (shown && shown.hop === null)) return null;
    const isOver = !shown && (scene.isPast
      ? endOf(this.journal, journey) <= scene.at_ms
      : this.journal.isComplete(journey) || this.journal.isReadable(journey));
    const now_ms = scene.isPast ? scene.at_ms : scene.at_ms + scene.behind_ms;
    const until_ms = isOver || shown?.over ? Infinity : shown?.at_ms ?? now_ms;
    const begin_ms = hops[0].at_ms;
    /** @type {Segment[]} */
    const segments = spansOf(journey)
      .filter(({ from_ms }) => from_ms <= until_ms)
      .map(({ name, from_ms, to_ms }) => ({ name, from_ms, to_ms: Math.min(to_ms, until_ms), open: to_ms > until_ms }));
    const last = hops[hops.length - 1];
    if (shown?.atEdge && until_ms > last.at_ms) {
      segments.push({ name: shown.span, from_ms: last.at_ms, to_ms: until_ms, open: true });
    }
    const end_ms = segments.at(-1)?.to_ms ?? begin_ms;
    const passed = hops.filter(({ at_ms }) => at_ms <= until_ms);
    return {
      journey, segments, begin_ms, total_ms: Math.max(0, end_ms - begin_ms),
      ended: isOver || Boolean(shown?.over),
      hop: shown ? shown.hop : passed.at(-1)?.hop ?? null,
    };
  }
}

/**
 * The journeys that began last, the newest first.
 * @param {Journal} journal
 * @param {Scene} scene
 */
function recent(journal, scene) {
  const begun = (/** @type {Journey} */ { hops }) => hops[0]?.at_ms ?? Infinity;
  const all = [...journal.journeys.values()];
  const known = scene.isPast ? all.filter((journey) => begun(journey) <= scene.at_ms) : all.slice(-2 * LANES);
  return known.sort((a, b) => begun(b) - begun(a)).slice(0, LANES);
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
 * @param {(name: string, true_ms: number, share: number) => string} words What is written in a
 *   segment that takes that share of the lane.
 */
function updateLane(element, { journey, segments, begin_ms, total_ms, ended, hop }, scale_ms, words) {
  const [who, track, total] = element.children;
  set(element, "data-todo-id", journey.todo_id);
  set(element, "data-version", journey.version);
  set(element, "data-hop", hop);
  set(element, "data-hops", journey.hops.map((each) => each.hop).join(" "));
  set(element, "data-state", ended ? "ended" : "under-way");
  say(who.children[0], `#${journey.todo_id ?? "?"}`);
  say(who.children[1], ` ${kindOf(journey)}`);
  totalSays(journey, total_ms, ended).forEach((text, index) => say(total.children[index], text));
  keyed(track, segments, ({ name, from_ms }) => `${name} ${from_ms}`, ({ name }) =>
    make("span", { class: "segment", "data-segment": name, "data-span": name }),
  (segment, { name, from_ms, to_ms, open }) => {
    const share = (to_ms - from_ms) / scale_ms;
    const style = /** @type {HTMLElement} */ (segment).style;
    style.left = `${((from_ms - begin_ms) / scale_ms) * 100}%`;
    style.width = `${share * 100}%`;
    set(segment, "data-open", open ? "" : null);
    set(segment, "title", `${SPANS[name]}: ${stretch(to_ms - from_ms)}`);
    // Over one that the next begins before it has ended, words would be cut.
    const isCovered = segments.some((other) => other.from_ms > from_ms && other.from_ms < to_ms);
    say(segment, isCovered ? "" : words(name, to_ms - from_ms, share));
  });
}

/**
 * What fits into a segment, whole or not at all.
 * @param {string} name
 * @param {number} true_ms
 * @param {(text: string) => boolean} fits
 */
function fitting(name, true_ms, fits) {
  const bare = stretch(true_ms);
  return [`${SHORT_SPANS[name]} ${bare}`, bare].find(fits) ?? "";
}

/**
 * @param {Journey} journey
 * @param {number} total_ms
 * @param {boolean} ended
 * @returns {[string, string, string]} Words, figure, words.
 */
function totalSays(journey, total_ms, ended) {
  const total = duration(total_ms);
  if (!ended) return ["", total, " so far"];
  const last = itinerary(journey).at(-1);
  if (hopOf(journey, "seen")) return ["readable after ", total, ""];
  if (last?.hop === "dead-lettered") return ["dead-lettered after ", total, ""];
  if (last?.hop === "already-applied") return ["no effect, ", total, ""];
  return last && STEPS[last.hop].to === "mongodb" ? ["overtaken, ", total, ""] : ["", total, ""];
}

/**
 * The next round number: 1, 1.5, 2, 3, 5, 7 or 10 times a power of ten.
 * @param {number} value
 */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 1.5, 2, 3, 5, 7, 10].find((step) => step * power >= value) ?? 10);
}
