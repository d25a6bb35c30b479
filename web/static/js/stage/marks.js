// @ts-check
/** The marks, one for each event that is drawn. place.js and crowd.js work out where each mark is. */
import { draw, make } from "../page/dom.js";
import { doneBy, nameOf } from "../facts/fault-words.js";
import { PLACES } from "../journal/hops.js";
import { Branch } from "../journal/branches.js";
import { kindOf } from "../journal/journey.js";
import { Roving } from "../page/roving.js";
import { markWidth } from "./layout/measures.js";
import { digitsOf } from "./place.js";
import { SIDE_NODES } from "./table.js";
import { haloOutline, markOutline, rimOutline } from "./shapes.js";

/** @typedef {import("../clock/shown.js").AnyShown} Shown */
/** @typedef {import("./crowd.js").Placed} Placed */
/** @typedef {import("../journal/types.js").Firing} Firing */
/** @typedef {import("./layer.js").Layer} Layer */
/** @typedef {import("./shapes.js").Shape} Shape */
/** @typedef {string|number|null} Value */

const HUES = 6;
const NUMBER_DOWN = "5.7";
/** The width of a number for each of its digits, in whatever typeface the system has. */
const DIGIT_WIDTH = 9.2;

/** The element of a mark, and the values last written to it, so that the page need not be asked. */
class Mark {
  /** @param {string} event_id */
  constructor(event_id) {
    this.element = make("div", { "data-mark": "", "data-event-id": event_id, role: "button", tabindex: "-1" });
    this.halo = draw("path", { "data-halo": "" });
    this.rim = draw("path", { "data-rim": "" });
    this.body = draw("path", { "data-body": "" });
    this.hatch = draw("path", { "data-hatch": "" });
    this.number = draw("text", { "data-number": "", y: NUMBER_DOWN, lengthAdjust: "spacingAndGlyphs" });
    this.word = make("span", { "data-word": "", "aria-hidden": "true" });
    const shape = draw("svg", { viewBox: "-20 -20 40 40", "aria-hidden": "true" });
    shape.append(this.halo, this.rim, this.body, this.hatch, this.number);
    this.element.append(shape, this.word);
    /** @type {Map<string, Value>} */
    this.had = new Map();
  }

  /**
   * Sets an attribute; null removes it.
   * @param {string} name
   * @param {Value} value
   */
  set(name, value) {
    if (!this.isNew(name, value)) return;
    if (value === null) this.element.removeAttribute(name);
    else this.element.setAttribute(name, String(value));
  }

  /**
   * Whether a value differs from the previous one; it then replaces it.
   * @param {string} name
   * @param {Value} value
   */
  isNew(name, value) {
    if (this.had.get(name) === value && this.had.has(name)) return false;
    this.had.set(name, value);
    return true;
  }
}

export class Marks {
  /** @param {Layer} layer */
  constructor(layer) {
    this.layer = layer;
    this.roving = new Roving(layer.element, "[data-mark]");
    /** @type {Map<string, Mark>} By event. */
    this.marks = new Map();
    /** The event whose figures the labels show. @type {string|null} */
    this.followed = null;
  }

  /**
   * Makes the mark of one event stand out.
   * @param {string|null} event_id
   */
  follow(event_id) {
    this.followed = event_id;
    for (const [id, mark] of this.marks) drawFollowed(mark, id === event_id);
  }

  /**
   * @param {Placed[]} placed
   * @param {import("../journal/injected.js").Injected} injected What the lab does to them.
   */
  draw(placed, injected) {
    /** @type {Set<string>} */
    const drawn = new Set();
    for (const each of placed) {
      const { event_id } = each.shown.journey;
      drawn.add(event_id);
      const mark = this.marks.get(event_id) ?? this.#create(event_id, each.shown.journey);
      mark.element.style.transform = this.layer.at(each.point);
      const acts = each.shown.over ? undefined : injected.actingOn(each.shown.journey, each.shown.at_ms);
      const waits = acts || each.shown.over ? undefined : injected.holdingUp(each.shown.journey, each.shown.span, each.shown.at_ms);
      drawState(mark, each);
      mark.set("data-injected", (acts ?? waits)?.fault ?? null);
      drawOutlines(mark, each.shown);
      drawWords(mark, each, acts, waits);
    }
    for (const [event_id, mark] of this.marks) {
      if (drawn.has(event_id)) continue;
      mark.element.remove();
      this.marks.delete(event_id);
    }
    this.roving.update();
  }

  /**
   * @param {string} event_id
   * @param {import("../journal/types.js").Journey} journey
   */
  #create(event_id, journey) {
    // A copy on its way into another read model leads to its event, too.
    const mark = new Mark(journey instanceof Branch ? journey.whole.event_id : event_id);
    if (journey instanceof Branch) mark.set("data-branch", journey.name);
    this.layer.element.append(mark.element);
    this.marks.set(event_id, mark);
    drawFollowed(mark, event_id === this.followed);
    return mark;
  }
}

/**
 * @param {Mark} mark
 * @param {boolean} isFollowed
 */
function drawFollowed(mark, isFollowed) {
  mark.set("data-followed", isFollowed ? "" : null);
}

/**
 * @param {Mark} mark
 * @param {Placed} placed
 */
function drawState(mark, { shown, place, isDrawn, isUnderWay }) {
  const { journey } = shown;
  mark.set("hidden", isDrawn ? null : "");
  mark.set("data-todo-id", journey.todo_id);
  mark.set("data-version", journey.version);
  mark.set("data-hop", shown.hop);
  mark.set("data-place", place);
  mark.set("data-state", shown.over ? "over" : isUnderWay ? "moving" : "waiting");
  mark.set("data-hue", (journey.todo_id ?? 0) % HUES);
  mark.set("data-unconfirmed", shown.confirmed ? null : "");
  mark.set("data-redelivered", shown.redelivered ? "" : null);
  mark.set("data-failed", shown.isFailing ? "" : null);
}

/**
 * @param {Mark} mark
 * @param {Shown} shown
 */
function drawOutlines(mark, shown) {
  const shape = shapeOf(shown);
  const digits = digitsOf(shown.journey.todo_id);
  const half = markWidth(digits) / 2;
  if (mark.isNew("digits", digits)) fitNumber(mark, digits);
  mark.set("data-shape-kind", shape);
  if (mark.isNew("outline", `${shape} ${half}`)) {
    mark.body.setAttribute("d", markOutline(shape, half));
    mark.hatch.setAttribute("d", markOutline(shape, half));
    mark.rim.setAttribute("d", rimOutline(shape, half));
  }
  const halo = shown.redelivered ? haloOutline(shape, half) : "";
  if (mark.isNew("halo", halo)) mark.halo.setAttribute("d", halo);
}

/**
 * @param {Mark} mark
 * @param {Placed} placed
 * @param {Firing} [acts] What the lab does to it.
 * @param {Firing} [waits] What the lab does to what it waits for.
 */
function drawWords(mark, { shown, place, word }, acts, waits) {
  const { journey } = shown;
  const kind = kindOf(journey);
  const number = String(journey.todo_id ?? "?");
  if (mark.isNew("number", number)) mark.number.textContent = number;
  mark.set("data-beside", word === "beside" ? "" : null);
  const text = word ? (acts ? doneBy(acts.fault) : wordOf(shown, kind)) : "";
  if (mark.isNew("word", text)) mark.word.textContent = text;
  const lab = acts ? `, ${doneBy(acts.fault)} by the lab` : waits ? `, held up by the lab (${nameOf(waits)})` : "";
  mark.set("aria-label", `Todo ${journey.todo_id ?? "unknown"} ${kind}: ${inWords(place)}${lab}`);
}

/**
 * Where a mark is, in words.
 * @param {import("./layout/types.js").AnyPlace} place
 */
function inWords(place) {
  return place in PLACES ? PLACES[/** @type {keyof typeof PLACES} */ (place)] : `in ${SIDE_NODES.find(({ name }) => name === place)?.says ?? place}`;
}

/**
 * @param {Shown} shown
 * @returns {Shape}
 */
function shapeOf({ journey, to, progress }) {
  if (to === "dead-letters" && progress > 0) return "diamond";
  const kind = kindOf(journey);
  if (kind === "created") return "circle";
  return kind === "deleted" ? "ring" : "square";
}

/**
 * @param {Mark} mark
 * @param {number} digits
 */
function fitNumber({ element, number }, digits) {
  element.style.setProperty("--wide", String(markWidth(digits)));
  if (digits < 2) number.removeAttribute("textLength");
  else number.setAttribute("textLength", String(DIGIT_WIDTH * digits));
}

/**
 * The words beside a mark.
 * @param {Shown} shown
 * @param {string} kind
 */
function wordOf({ hop, over, last }, kind) {
  if (over && hop === "already-applied") return "no effect";
  if (hop === "retried" && last?.attempt) return `attempt ${last.attempt + 1}`;
  if (hop === "sent-failed") return "send again";
  if (hop === "dead-lettered") return "parked";
  return kind;
}
