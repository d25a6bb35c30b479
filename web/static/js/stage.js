// @ts-check
/**
 * The stage: draws the loop, what each node holds, and the marks where the scene says they are.
 * It reads the journal and the scene and changes neither.
 *
 * The loop is an SVG. The marks lie over it, each in a layer of its own: a frame only moves them, and
 * paints nothing.
 */
import { duration } from "./format.js";
import { draw, make, one, say, set } from "./dom.js";
import { PLACES, SPANS, STEPS, hopOf, kindOf } from "./hops.js";
import { along, lengthsOf, lying, rounded, route, stands, upright } from "./layout.js";
import { lastTook } from "./moment.js";
import { reports, toldAt } from "./nodes.js";
import { Roving } from "./roving.js";

/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./clock.js").Scene} Scene */
/** @typedef {import("./clock.js").Shown} Shown */
/** @typedef {import("./layout.js").Point} Point */
/** @typedef {import("./layout.js").Box} Box */
/** @typedef {import("./hops.js").Place} Place */
/**
 * @typedef {object} Mark
 * @property {HTMLElement} element
 * @property {Element} body
 * @property {Element} halo
 * @property {Element} number
 * @property {HTMLElement} word
 * @property {Map<string, string|number|null>} had What was last written, so that the page is not asked.
 */
/** @typedef {{told: boolean, begin_ms: number|null, element: HTMLElement|null}} AnswerBack */

const RADIUS = 12.5;
const HUES = 6;
const ANSWER_MS = 900;
/** For how long after an undrawn event went through a pipe it is said to flow. */
const FLOW_MS = 1000;

export class Stage {
  /**
   * @param {HTMLElement} root
   * @param {Journal} journal
   * @param {{steps: () => boolean}} options `steps`: whether marks jump from hop to hop.
   */
  constructor(root, journal, { steps }) {
    this.root = root;
    this.journal = journal;
    this.steps = steps;
    this.svg = one(root, "loop");
    this.centre = one(root, "view", "truths");
    this.marksGroup = one(root, "marks");
    this.roving = new Roving(this.marksGroup, "[data-mark]");
    /** @type {Map<string, Mark>} */
    this.marks = new Map();
    /** @type {Map<string, AnswerBack>} */
    this.answers = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.folds = new Map();
    /** @type {import("./layout.js").Layout} */
    this.layout = lying(988, 460);
    /** @type {Map<string, Point[]>} */
    this.tracks = new Map();
    /** CSS pixels to a unit of the layout. */
    this.unit = 1;
    /** Called when the stage has got another size, and has to be drawn again. */
    this.onResize = () => {};
    new ResizeObserver(() => this.resize()).observe(root);
    this.resize();
  }

  resize() {
    const width = this.root.clientWidth;
    const isLying = width >= 800;
    set(this.root, "data-orientation", isLying ? "lying" : "upright");
    if (isLying) {
      const height = this.root.clientHeight;
      const unit = Math.min(4, Math.max(0.8, Math.min(width / 988, height / 450)));
      this.layout = lying(width / unit, height / unit);
    } else {
      this.layout = upright(width / Math.min(1.7, Math.max(0.95, width / 374)));
    }
    this.#place();
    this.onResize();
  }

  #place() {
    const { layout, svg, root } = this;
    set(svg, "viewBox", `0 0 ${layout.width} ${layout.height}`);
    const unit = root.clientWidth / layout.width;
    this.unit = unit;
    this.marksGroup.style.setProperty("--unit", String(unit));
    svg.style.height = layout.orientation === "upright" ? `${layout.height * unit}px` : "";
    for (const [name, points] of Object.entries(layout.pipes)) {
      const { d, track } = rounded(points, 34);
      this.tracks.set(name, track);
      const pipe = svg.querySelector(`[data-pipe="${name}"]`);
      if (!pipe) continue;
      set(pipe, "d", d);
      this.#chevrons(pipe, name, track);
    }
    for (const [name, node] of Object.entries(layout.nodes)) {
      const element = one(svg, "node", name);
      set(one(element, "shape"), "d", this.#shape(name, node.box));
      this.#text(one(element, "name"), node.text, 0);
      this.#text(one(element, "says"), node.text, 18);
      const { x, y, w } = node.box;
      const above = { ...node.text, x: layout.orientation === "lying" ? x + w / 2 : node.text.x, y };
      this.#text(one(element, "lab-says"), above, -7);
    }
    for (const [name, spot] of Object.entries(layout.labels)) {
      const label = one(svg, "label", name);
      this.#text(one(label, "what"), spot, -4);
      this.#text(one(label, "took"), spot, 13);
    }
    this.#text(one(svg, "side", "write"), layout.sides.write, 0);
    this.#text(one(svg, "side", "read"), layout.sides.read, 0);
    const { x, y, w, h } = layout.centre;
    const isLying = layout.orientation === "lying";
    this.centre.style.setProperty("--unit", String(isLying ? unit : 1));
    Object.assign(this.centre.style, {
      left: isLying ? `${x * unit}px` : "",
      top: isLying ? `${y * unit}px` : "",
      width: isLying ? `${w * unit}px` : "",
      height: isLying ? `${h * unit}px` : "",
    });
  }

  /**
   * Small arrows that say which way a pipe runs.
   * @param {Element} pipe
   * @param {string} name
   * @param {Point[]} track
   */
  #chevrons(pipe, name, track) {
    const length = lengthsOf(track).at(-1) ?? 0;
    let d = "";
    for (let at = 15; at < length - 8; at += 30) {
      const point = along(track, at / length);
      const ahead = along(track, (at + 1) / length);
      const angle = Math.atan2(ahead.y - point.y, ahead.x - point.x);
      const arm = (/** @type {number} */ turn) =>
        `${point.x - 4.5 * Math.cos(angle + turn)} ${point.y - 4.5 * Math.sin(angle + turn)}`;
      d += `M${arm(0.75)}L${point.x} ${point.y}L${arm(-0.75)}`;
    }
    const parent = pipe.parentElement;
    let flow = parent?.querySelector(`[data-flow="${name}"]`);
    if (!flow) {
      flow = draw("path", { "data-flow": name });
      parent?.append(flow);
    }
    set(flow, "d", d);
  }

  /**
   * @param {string} name
   * @param {Box} box
   */
  #shape(name, { x, y, w, h }) {
    const lip = this.layout.orientation === "lying" ? 9 : 8;
    if (name === "postgresql" || name === "mongodb") {
      const lid = `a${w / 2} ${lip} 0 0 0 ${w} 0`;
      return `M${x} ${y + lip}a${w / 2} ${lip} 0 0 1 ${w} 0v${h - 2 * lip}a${w / 2} ${lip} 0 0 1 ${-w} 0z`
        + `M${x} ${y + lip}${lid}`;
    }
    if (name === "outbox") {
      return this.layout.orientation === "lying"
        ? `M${x} ${y + 2 * lip + 3}V${y + h - 2}`
        : `M${x} ${y}a${w / 2} ${lip} 0 0 0 ${w} 0`;
    }
    const r = 9;
    return `M${x + r} ${y}h${w - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${h - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}`
      + `h${2 * r - w}a${r} ${r} 0 0 1 ${-r} ${-r}v${2 * r - h}a${r} ${r} 0 0 1 ${r} ${-r}z`;
  }

  /**
   * @param {Element} element
   * @param {import("./layout.js").Spot} spot
   * @param {number} down
   */
  #text(element, { x, y, anchor }, down) {
    set(element, "x", x);
    set(element, "y", y + down);
    set(element, "text-anchor", anchor);
  }

  /**
   * The words on the stage: what each node holds, and how long each stretch took.
   * @param {Scene} scene
   */
  drawWords(scene) {
    const { health, holds } = toldAt(this.journal, scene);
    for (const [name, report] of Object.entries(reports(health, holds, this.journal.switches))) {
      const element = one(this.svg, "node", name);
      set(element, "data-state", report.state);
      set(element, "data-holding", report.holding ? "" : null);
      set(element, "data-lab", report.lab);
      say(one(element, "says"), report.says);
      say(one(element, "lab-says"), report.lab ?? "");
      const more = [report.why, report.lab].filter(Boolean).map((words) => `, ${words}`).join("");
      set(element, "aria-label", `${element.dataset.called}: ${report.says}${more}`);
    }
    this.#drawFlow(scene);
    if (scene.isPast) this.#drawLabelsPast(scene);
    else this.#drawLabels(scene);
  }

  /**
   * Brightens the pipes that events have just gone through of which no mark is drawn.
   * @param {Scene} scene
   */
  #drawFlow({ undrawn, at_ms, behind_ms, isPast }) {
    const now_ms = isPast ? at_ms : at_ms + behind_ms;
    /** @type {Set<string>} */
    const flowing = new Set();
    for (const { last } of undrawn) {
      if (!last || last.at_ms < now_ms - FLOW_MS) continue;
      const { from, to } = STEPS[last.hop];
      for (const { pipe } of route(from, to)) flowing.add(pipe);
    }
    for (const flow of this.svg.querySelectorAll("[data-flow]")) {
      set(flow, "data-flowing", flowing.has(flow.getAttribute("data-flow") ?? "") ? "" : null);
    }
  }

  /**
   * The marks, where they are in this frame.
   * @param {Scene} scene
   */
  draw(scene) {
    const drawn = this.#drawMarks(scene);
    for (const [event_id, mark] of this.marks) {
      if (drawn.has(event_id)) continue;
      mark.element.remove();
      this.marks.delete(event_id);
    }
    this.roving.update();
    if (scene.isPast) this.#clearAnswers();
    else this.#drawAnswers(scene);
  }

  /** @param {Scene} scene */
  #drawMarks({ shown: all, undrawn }) {
    /** @type {Set<string>} */
    const drawn = new Set();
    /** @type {Map<Place, Shown[]>} */
    const places = new Map();
    for (const shown of all.values()) if (shown.last || shown.moving) listAt(places, this.#placeOf(shown)).push(shown);
    /** @type {Map<Place, number>} */
    const uncounted = new Map();
    for (const { to } of undrawn) {
      listAt(places, to);
      uncounted.set(to, (uncounted.get(to) ?? 0) + 1);
    }
    for (const [place, here] of places) {
      here.sort((a, b) => a.order - b.order);
      const more = uncounted.get(place) ?? 0;
      const { stands: spots, rest } = stands(this.layout.docks[place], here.length + more);
      const folded = more + here.slice(spots.length).filter((shown) => !isTravelling(shown)).length;
      // Where none is drawn, their number stands in the middle.
      const isBare = folded === here.length + more || spots.length === 0;
      const spot = isBare ? { ...this.layout.docks[place].at, scale: 1 } : rest;
      this.#fold(place, folded ? spot : null, `${isBare ? "×" : "+"}${folded}`);
      here.forEach((shown, index) => {
        const { event_id } = shown.journey;
        drawn.add(event_id);
        const mark = this.marks.get(event_id) ?? this.#create(event_id);
        this.#drawMark(mark, shown, spots[index] ?? null, place, here.length + more === 1);
      });
    }
    for (const [place, fold] of this.folds) if (!places.has(/** @type {Place} */ (place))) say(fold, "");
    return drawn;
  }

  /**
   * At which place a mark is counted: half way it belongs to where it goes.
   * @param {Shown} shown
   * @returns {Place}
   */
  #placeOf({ from, to, progress, moving }) {
    if (this.steps()) return moving && progress < 1 && from !== to ? from : to;
    return moving && progress < 0.5 ? from : to;
  }

  /**
   * Writes how many stand at a place beyond those that are drawn there.
   * @param {string} place
   * @param {Point|null} spot
   * @param {string} text
   */
  #fold(place, spot, text) {
    let fold = this.folds.get(place);
    if (!fold) {
      fold = make("span", { "data-fold": place });
      this.marksGroup.append(fold);
      this.folds.set(place, fold);
    }
    const written = spot ? text : "";
    if (fold.textContent !== written) fold.textContent = written;
    if (spot) fold.style.transform = this.#at(spot);
  }

  /**
   * @param {Point} point
   * @param {number} [scale]
   */
  #at({ x, y }, scale = 1) {
    const { unit } = this;
    return `translate(${(x * unit).toFixed(1)}px, ${(y * unit).toFixed(1)}px) scale(${scale})`;
  }

  /** @param {string} event_id */
  #create(event_id) {
    const element = make("div", { "data-mark": "", "data-event-id": event_id, role: "button", tabindex: "-1" });
    const shape = draw("svg", { viewBox: "-20 -20 40 40", "aria-hidden": "true" });
    const halo = draw("path", { "data-halo": "" });
    const body = draw("path", { "data-body": "" });
    const number = draw("text", { "data-number": "", y: "4.5" });
    const word = make("span", { "data-word": "", "aria-hidden": "true" });
    shape.append(halo, body, number);
    element.append(shape, word);
    this.marksGroup.append(element);
    /** @type {Mark} */
    const mark = { element, body, halo, number, word, had: new Map() };
    this.marks.set(event_id, mark);
    return mark;
  }

  /**
   * @param {Mark} mark
   * @param {Shown} shown
   * @param {import("./layout.js").Stand|null} slot Where it stands at its place; null where it is only counted.
   * @param {Place} place
   * @param {boolean} isAlone Whether there is room for a word below it.
   */
  #drawMark(mark, shown, slot, place, isAlone) {
    const { journey } = shown;
    const kind = kindOf(journey);
    const isDead = shown.to === "dead-letters" && shown.progress > 0;
    const shape = isDead ? "diamond" : kind === "created" ? "circle" : kind === "deleted" ? "ring" : "square";
    const travels = isTravelling(shown) && !this.steps();
    const inQueue = place === "queue" && slot !== null && !travels;
    const scale = travels ? 1 : slot?.scale ?? 1;
    mark.element.style.transform = this.#at(this.#position(shown, slot), scale);
    put(mark, "hidden", slot === null && !travels ? "" : null);
    put(mark, "data-todo-id", journey.todo_id);
    put(mark, "data-version", journey.version);
    put(mark, "data-hop", shown.hop);
    put(mark, "data-place", place);
    put(mark, "data-state", shown.over ? "over" : travels ? "moving" : "waiting");
    put(mark, "data-hue", (journey.todo_id ?? 0) % HUES);
    put(mark, "data-unconfirmed", !shown.confirmed ? "" : null);
    put(mark, "data-redelivered", shown.redelivered ? "" : null);
    put(mark, "data-failed", shown.isFailing ? "" : null);
    if (put(mark, "data-shape-kind", shape)) mark.body.setAttribute("d", BODIES[shape]);
    const halo = shown.redelivered ? HALOS[shape] : "";
    if (mark.had.get("halo") !== halo) mark.halo.setAttribute("d", halo);
    mark.had.set("halo", halo);
    write(mark, mark.number, "number", String(journey.todo_id ?? "?"));
    put(mark, "data-digits", String(journey.todo_id ?? "?").length);
    const hasRoom = isAlone && this.layout.orientation === "lying" && place !== "queue";
    put(mark, "data-beside", inQueue ? "" : null);
    write(mark, mark.word, "word", inQueue || hasRoom ? wordOf(shown, kind) : "");
    put(mark, "aria-label", `Todo ${journey.todo_id ?? "unknown"} ${kind}: ${PLACES[place]}`);
  }

  /**
   * @param {Shown} shown
   * @param {Point|null} slot
   * @returns {Point}
   */
  #position({ from, to, progress, moving }, slot) {
    const dock = this.layout.docks[to];
    if (this.steps() || !moving || progress === 0) {
      return slot ?? (progress === 0 ? this.layout.docks[from].at : dock.at);
    }
    const way = route(from, to);
    if (!way.length) return slot ?? dock.at;
    const share = ease(progress) * way.length;
    const step = Math.min(way.length - 1, Math.floor(share));
    const { pipe, back } = way[step];
    const track = this.tracks.get(pipe) ?? [];
    const within = share - step;
    const point = along(track, back ? 1 - within : within);
    // Out of the row in which it stood, and into the row in which it will stand.
    const near = Math.max(0, Math.abs(progress - 0.5) * 2 - 0.6) / 0.4;
    if (!slot || near === 0) return point;
    const end = progress > 0.5 ? dock.at : this.layout.docks[from].at;
    return { x: point.x + (slot.x - end.x) * near, y: point.y + (slot.y - end.y) * near };
  }

  /**
   * The answer goes back to the browser while the event goes on.
   * @param {Scene} scene
   */
  #drawAnswers({ shown: all, now_ms }) {
    const track = this.tracks.get("browser command-service") ?? [];
    for (const [event_id, shown] of all) {
      const acknowledged = hopOf(shown.journey, "acknowledged");
      const answer = this.answers.get(event_id) ?? { told: shown.atEdge || shown.over, begin_ms: null, element: null };
      this.answers.set(event_id, answer);
      if (acknowledged && !answer.told && shown.hop && shown.at_ms >= acknowledged.at_ms) {
        Object.assign(answer, { told: true, begin_ms: now_ms });
      }
    }
    for (const [event_id, answer] of this.answers) {
      const share = answer.begin_ms === null ? 1 : (now_ms - answer.begin_ms) / ANSWER_MS;
      if (answer.begin_ms !== null && share < 1) {
        answer.element ??= this.#createAnswer(event_id);
        answer.element.style.transform = this.#at(along(track, 1 - (this.steps() ? 1 : share)));
      } else {
        answer.element?.remove();
        answer.element = null;
        if (!all.has(event_id)) this.answers.delete(event_id);
      }
    }
  }

  #clearAnswers() {
    for (const { element } of this.answers.values()) element?.remove();
    this.answers.clear();
  }

  /** Whether an answer is on its way, so that the next frame differs from this one. */
  isMoving() {
    for (const { element } of this.answers.values()) if (element) return true;
    return false;
  }

  /** @param {string} event_id */
  #createAnswer(event_id) {
    const element = make("div", { "data-answer": event_id, "aria-hidden": "true" });
    const shape = draw("svg", { viewBox: "-10 -10 20 20" });
    shape.append(draw("circle", { r: "8" }), draw("path", { d: "M-3.6 0.4L-1 3L3.8 -2.6" }));
    element.append(shape);
    this.marksGroup.append(element);
    return element;
  }

  /**
   * The true time of each stretch, where it was spent: counting while a mark waits there, then as
   * it was.
   * @param {Scene} scene
   */
  #drawLabels({ shown: all }) {
    /** @type {Map<string, {since: number, shown: Shown}>} */
    const waiting = new Map();
    for (const shown of all.values()) {
      const { last, atEdge, journey, took } = shown;
      const acknowledged = hopOf(journey, "acknowledged");
      const received = hopOf(journey, "received");
      if (acknowledged && received && shown.at_ms >= acknowledged.at_ms) {
        this.#label("acknowledged", journey, acknowledged.at_ms - received.at_ms, "to-scale", "after");
      }
      if (!last) continue;
      if (atEdge) {
        const oldest = waiting.get(shown.span);
        if (!oldest || last.at_ms < oldest.since) waiting.set(shown.span, { since: last.at_ms, shown });
      } else if (took) {
        this.#label(took.span, journey, took.true_ms, took.pace);
      }
    }
    this.#count(waiting);
  }

  /**
   * At a moment of the past: the last time that each stretch took, and what had waited since when.
   * @param {Scene} scene
   */
  #drawLabelsPast({ at_ms, shown: all }) {
    const took = lastTook(this.journal, at_ms);
    for (const label of this.svg.querySelectorAll("[data-label]")) {
      const span = label.getAttribute("data-label") ?? "";
      const known = took.get(span);
      if (known) this.#label(span, known.journey, known.true_ms, "to-scale");
      else set(label, "hidden", "");
    }
    /** @type {Map<string, {since: number, shown: Shown}>} */
    const waiting = new Map();
    for (const shown of all.values()) {
      if (!shown.last || shown.over || isTravelling(shown)) continue;
      const oldest = waiting.get(shown.span);
      if (!oldest || shown.last.at_ms < oldest.since) waiting.set(shown.span, { since: shown.last.at_ms, shown });
    }
    this.#count(waiting);
  }

  /** @param {Map<string, {since: number, shown: Shown}>} waiting By span. */
  #count(waiting) {
    for (const label of this.svg.querySelectorAll("[data-label][data-counting]")) {
      if (!waiting.has(label.getAttribute("data-label") ?? "")) set(label, "data-counting", null);
    }
    for (const [span, { since, shown }] of waiting) {
      if (!(span in this.layout.labels)) continue;
      this.#label(span, shown.journey, shown.at_ms - since, "to-scale", "so far");
      set(one(this.svg, "label", span), "data-counting", "");
    }
  }

  /**
   * @param {string} span
   * @param {import("./journal.js").Journey} journey
   * @param {number} true_ms
   * @param {import("./clock.js").Pace} pace
   * @param {string} [how]
   */
  #label(span, journey, true_ms, pace, how = "") {
    if (!(span in this.layout.labels)) return;
    const label = one(this.svg, "label", span);
    set(label, "hidden", null);
    const took = one(label, "took");
    const sign = pace === "slower" ? "◂" : pace === "faster" ? "▸" : "";
    const text = `${sign}${duration(true_ms)}`;
    if (label.dataset.text === `${text} ${journey.event_id}`) return;
    label.dataset.text = `${text} ${journey.event_id}`;
    const who = draw("tspan");
    who.textContent = (journey.todo_id ?? 0) < 1000 ? `#${journey.todo_id ?? "?"} ` : "";
    took.replaceChildren(who, document.createTextNode(text));
    set(label, "aria-label", `Todo ${journey.todo_id}, ${SPANS[span] ?? span}: ${text} ${how}`);
    set(label, "role", "img");
  }
}

/** @type {Record<string, string>} */
const BODIES = {
  circle: circle(RADIUS),
  ring: circle(RADIUS - 2),
  square: square(RADIUS - 1),
  diamond: `M0 ${-RADIUS - 3}L${RADIUS + 3} 0L0 ${RADIUS + 3}L${-RADIUS - 3} 0Z`,
};
/** @type {Record<string, string>} */
const HALOS = {
  circle: circle(RADIUS + 4),
  ring: circle(RADIUS + 4),
  square: square(RADIUS + 3.5),
  diamond: `M0 ${-RADIUS - 8}L${RADIUS + 8} 0L0 ${RADIUS + 8}L${-RADIUS - 8} 0Z`,
};

/** @param {number} r */
function circle(r) {
  return `M${-r} 0a${r} ${r} 0 1 1 ${2 * r} 0a${r} ${r} 0 1 1 ${-2 * r} 0z`;
}

/** @param {number} r */
function square(r) {
  const c = 4;
  return `M${-r + c} ${-r}h${2 * (r - c)}a${c} ${c} 0 0 1 ${c} ${c}v${2 * (r - c)}a${c} ${c} 0 0 1 ${-c} ${c}`
    + `h${-2 * (r - c)}a${c} ${c} 0 0 1 ${-c} ${-c}v${-2 * (r - c)}a${c} ${c} 0 0 1 ${c} ${-c}z`;
}

/**
 * Writes an attribute of a mark where it differs from what was last written.
 * @param {Mark} mark
 * @param {string} name
 * @param {string|number|null} value Null removes it.
 * @returns {boolean} Whether it differed.
 */
function put({ element, had }, name, value) {
  if (had.get(name) === value && had.has(name)) return false;
  had.set(name, value);
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, String(value));
  return true;
}

/**
 * @param {Mark} mark
 * @param {Element} part
 * @param {string} name
 * @param {string} text
 */
function write({ had }, part, name, text) {
  if (had.get(name) === text) return;
  had.set(name, text);
  part.textContent = text;
}

/**
 * What is written beside a mark.
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

/**
 * @template K, V
 * @param {Map<K, V[]>} map
 * @param {K} key
 * @returns {V[]}
 */
function listAt(map, key) {
  const kept = map.get(key);
  if (kept) return kept;
  /** @type {V[]} */
  const list = [];
  map.set(key, list);
  return list;
}

/** @param {Shown} shown */
function isTravelling({ moving, progress }) {
  return moving && progress > 0 && progress < 1;
}

/** @param {number} t */
function ease(t) {
  return t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2;
}
