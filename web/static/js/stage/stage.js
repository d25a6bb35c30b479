// @ts-check
/**
 * The stage: draws the loop, what each node holds, and the marks where the scene says they are.
 * It reads the journal and the scene and changes neither.
 *
 * The loop is an SVG. The marks lie over it, each in a layer of its own: a frame only moves them, and
 * paints nothing.
 */
import { stretch } from "../page/format.js";
import { draw, make, one, oneOf, say, set } from "../page/dom.js";
import { PLACES, SPANS, STEPS, hopOf, kindOf } from "../journal/hops.js";
import { LARGE, MARK_HEIGHT, PLAIN, along, lengthsOf, lying, markWidth, rounded, route, stands, upright } from "./layout.js";
import { Roving } from "../page/roving.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../clock/clock.js").Scene} Scene */
/** @typedef {import("../clock/clock.js").Shown} Shown */
/** @typedef {import("./layout.js").Point} Point */
/** @typedef {import("./layout.js").Box} Box */
/** @typedef {import("../journal/hops.js").Place} Place */
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

const RADIUS = MARK_HEIGHT / 2;
/** Marks that would come closer than this are not both drawn: the later one is counted. */
const CLEAR = 1;
/** From its row into the pipe, and from the pipe into its row, a mark gets in this share of its way. */
const NEAR = 0.2;
/** How long a label may be between two nodes, in characters. */
const LABEL_LENGTH = 11;
const HUES = 6;
const ANSWER_MS = 900;
/** An answer's width, by two. */
const ANSWER = 9;
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
    this.svg = one(root, "loop", SVGSVGElement);
    this.centre = oneOf(root, "view", "truths");
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
    /** Where the number of those that are not drawn is written: by place, and by pipe. @type {[string, Point][]} */
    this.spots = [];
    /** @type {Taken[]} The room that marks take in this frame. */
    this.taken = [];
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
      const type = document.documentElement.hasAttribute("data-present") ? LARGE : PLAIN;
      const unit = Math.min(4, Math.max(0.6, Math.min(width / type.width, height / type.height)));
      this.layout = lying(width / unit, height / unit, type);
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
    set(root, "data-type", layout.type === LARGE ? "large" : "plain");
    this.marksGroup.style.setProperty("--unit", String(unit * layout.type.mark));
    svg.style.height = layout.orientation === "upright" ? `${layout.height * unit}px` : "";
    this.spots = [
      ...Object.entries(layout.docks).map(([place, { count }]) => /** @type {[string, Point]} */ ([place, count])),
      ...Object.entries(layout.counts),
    ];
    for (const [name, points] of Object.entries(layout.pipes)) {
      const { d, track } = rounded(points, 34);
      this.tracks.set(name, track);
      const pipe = svg.querySelector(`[data-pipe="${name}"]`);
      if (!pipe) continue;
      set(pipe, "d", d);
      this.#chevrons(pipe, name, track);
    }
    for (const [name, node] of Object.entries(layout.nodes)) {
      const element = oneOf(svg, "node", name, SVGElement);
      set(one(element, "shape", SVGElement), "d", this.#shape(name, node.box));
      this.#text(one(element, "name", SVGElement), node.text, 0);
      this.#text(one(element, "says", SVGElement), node.text, node.box.h < 50 ? 18 : layout.type.saysY);
      const { x, y, w } = node.box;
      const above = node.above ?? { ...node.text, x: layout.orientation === "lying" ? x + w / 2 : node.text.x, y };
      this.#text(one(element, "lab-says", SVGElement), above, -7);
    }
    for (const [name, spot] of Object.entries(layout.labels)) {
      const label = oneOf(svg, "label", name, SVGElement);
      this.#text(one(label, "what", SVGElement), spot, -4);
      this.#text(one(label, "took", SVGElement), spot, 13);
    }
    this.#text(oneOf(svg, "side", "write", SVGElement), layout.sides.write, 0);
    this.#text(oneOf(svg, "side", "read", SVGElement), layout.sides.read, 0);
    const { x, y, w, h } = layout.centre;
    const isLying = layout.orientation === "lying";
    this.centre.style.setProperty("--unit", String(isLying ? unit * layout.type.text : 1));
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
   * @param {import("../facts/facts.js").Facts} facts
   */
  drawWords(scene, facts) {
    for (const [name, report] of Object.entries(facts.status)) {
      const element = oneOf(this.svg, "node", name, SVGElement);
      set(element, "data-state", report.state);
      set(element, "data-holding", report.holding ? "" : null);
      set(element, "data-lab", report.lab);
      say(one(element, "says", SVGElement), report.says);
      say(one(element, "why", SVGElement), report.why ?? "");
      say(one(element, "lab-says", SVGElement), report.lab ?? "");
      const more = [report.why, report.lab].filter(Boolean).map((words) => `, ${words}`).join("");
      set(element, "aria-label", `${element.dataset.called}: ${report.says}${more}`);
    }
    this.#drawFlow(scene);
    if (scene.isPast) this.#drawLabelsPast(scene, facts);
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

  /**
   * Draws as many marks as there is room for, none over another, and the rest as numbers: at the
   * place where they stand, or beside the pipe that they are in.
   * @param {Scene} scene
   */
  #drawMarks({ shown: all, undrawn }) {
    const here = [...all.values()].filter((shown) => shown.last || shown.moving);
    const slots = this.#slots(here);
    /** @type {Map<string, number>} Those that are not drawn, by place or pipe. */
    const counted = new Map();
    /** @type {Map<Place, number>} All that are at a place, or nearest to it. */
    const present = new Map();
    for (const shown of [...here, ...undrawn]) increase(present, this.#placeOf(shown));
    for (const { to } of undrawn) increase(counted, to);
    /** @type {Set<string>} */
    const drawn = new Set();
    /** @type {Taken[]} */
    const taken = (this.taken = []);
    // Who stands has the right of way: what passes is hidden by it, not the other way round.
    const travelling = new Set(here.filter((shown) => this.#travels(shown)));
    const inTurn = [...here.filter((shown) => !travelling.has(shown)), ...travelling];
    for (const shown of inTurn) {
      const { event_id, todo_id } = shown.journey;
      const place = this.#placeOf(shown);
      const slot = slots.get(shown) ?? null;
      const travels = travelling.has(shown);
      const point = this.#position(shown, slot);
      const halo = shown.redelivered ? HALO : 0;
      const half = (markWidth(digitsOf(todo_id)) / 2 + halo) * this.layout.type.mark;
      const tall = (RADIUS + halo) * this.layout.type.mark;
      const isDrawn = (travels || slot !== null) && take(taken, point, half, tall);
      if (!isDrawn) increase(counted, this.#rowOf(shown) ?? this.#pipeOf(shown));
      drawn.add(event_id);
      const mark = this.marks.get(event_id) ?? this.#create(event_id);
      this.#drawMark(mark, shown, {
        point, place, isDrawn, isAlone: present.get(place) === 1, hasWord: slot?.isWorded ?? false,
      });
    }
    for (const [name, spot] of this.spots) {
      const count = counted.get(name) ?? 0;
      const isBare = count > 0 && count === present.get(/** @type {Place} */ (name));
      this.#fold(name, spot, count ? `${isBare ? "×" : "+"}${count.toLocaleString("en-GB")}` : "");
    }
    return drawn;
  }

  /**
   * Where the marks of a place stand, in the order in which they wait; one that is about to leave
   * keeps its place in the row, and one that arrives is given the last.
   * @param {Shown[]} here
   * @returns {Map<Shown, import("./layout.js").Stand>} Those that there is room for.
   */
  #slots(here) {
    /** @type {Map<Place, Shown[]>} */
    const rows = new Map();
    for (const shown of here) {
      const place = this.#rowOf(shown);
      if (place) listAt(rows, place).push(shown);
    }
    /** @type {Map<Shown, import("./layout.js").Stand>} */
    const slots = new Map();
    for (const [place, row] of rows) {
      row.sort((a, b) => this.#turn(a) - this.#turn(b) || a.order - b.order);
      const widest = Math.max(...row.map(({ journey }) => markWidth(digitsOf(journey.todo_id))));
      stands(this.layout.docks[place], row.length, widest).forEach((spot, index) => slots.set(row[index], spot));
    }
    return slots;
  }

  /**
   * In whose row a mark has its stand; null while it is well on its way.
   * @param {Shown} shown
   * @returns {Place|null}
   */
  #rowOf(shown) {
    if (!this.#travels(shown)) return this.#placeOf(shown);
    if (shown.progress < NEAR) return shown.from;
    return shown.progress > 1 - NEAR ? shown.to : null;
  }

  /**
   * First those that leave a row, then those that stand in it, then those that come.
   * @param {Shown} shown
   */
  #turn(shown) {
    if (!this.#travels(shown)) return 1;
    return shown.progress < NEAR ? 0 : 2;
  }

  /**
   * Whether a mark is on its way through a pipe.
   * @param {Shown} shown
   */
  #travels(shown) {
    return !this.steps() && isTravelling(shown) && route(shown.from, shown.to).length > 0;
  }

  /**
   * The pipe that a mark is in.
   * @param {Shown} shown
   */
  #pipeOf({ from, to, progress }) {
    const way = route(from, to);
    return way[Math.min(way.length - 1, Math.floor(ease(progress) * way.length))].pipe;
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
   * Writes how many there are beyond those that are drawn.
   * @param {string} name Of the place or pipe.
   * @param {Point} spot
   * @param {string} text Empty where there are none.
   */
  #fold(name, spot, text) {
    let fold = this.folds.get(name);
    if (!fold && !text) return;
    if (!fold) {
      fold = make("span", { "data-fold": name });
      this.marksGroup.append(fold);
      this.folds.set(name, fold);
    }
    if (fold.textContent !== text) fold.textContent = text;
    const transform = this.#at(spot);
    if (fold.style.transform !== transform) fold.style.transform = transform;
  }

  /** @param {Point} point */
  #at({ x, y }) {
    const { unit } = this;
    return `translate(${(x * unit).toFixed(1)}px, ${(y * unit).toFixed(1)}px)`;
  }

  /** @param {string} event_id */
  #create(event_id) {
    const element = make("div", { "data-mark": "", "data-event-id": event_id, role: "button", tabindex: "-1" });
    const shape = draw("svg", { viewBox: "-20 -20 40 40", "aria-hidden": "true" });
    const halo = draw("path", { "data-halo": "" });
    const body = draw("path", { "data-body": "" });
    const number = draw("text", { "data-number": "", y: "5.7", lengthAdjust: "spacingAndGlyphs" });
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
   * @param {object} where
   * @param {Point} where.point
   * @param {Place} where.place
   * @param {boolean} where.isDrawn False where it is only counted.
   * @param {boolean} where.isAlone Whether there is room for a word below it,
   * @param {boolean} where.hasWord and whether there is beside it.
   */
  #drawMark(mark, shown, { point, place, isDrawn, isAlone, hasWord }) {
    const { journey } = shown;
    const kind = kindOf(journey);
    const isDead = shown.to === "dead-letters" && shown.progress > 0;
    const shape = isDead ? "diamond" : kind === "created" ? "circle" : kind === "deleted" ? "ring" : "square";
    const travels = isTravelling(shown) && !this.steps();
    const digits = digitsOf(journey.todo_id);
    mark.element.style.transform = this.#at(point);
    put(mark, "hidden", isDrawn ? null : "");
    put(mark, "data-todo-id", journey.todo_id);
    put(mark, "data-version", journey.version);
    put(mark, "data-hop", shown.hop);
    put(mark, "data-place", place);
    put(mark, "data-state", shown.over ? "over" : travels ? "moving" : "waiting");
    put(mark, "data-hue", (journey.todo_id ?? 0) % HUES);
    put(mark, "data-unconfirmed", !shown.confirmed ? "" : null);
    put(mark, "data-redelivered", shown.redelivered ? "" : null);
    put(mark, "data-failed", shown.isFailing ? "" : null);
    if (put(mark, "data-digits", digits)) fitNumber(mark, digits);
    const half = markWidth(digits) / 2;
    const outline = `${shape} ${half}`;
    const isNew = mark.had.get("outline") !== outline;
    mark.had.set("outline", outline);
    put(mark, "data-shape-kind", shape);
    if (isNew) mark.body.setAttribute("d", BODIES[shape](half));
    const halo = shown.redelivered ? HALOS[shape](half) : "";
    if (mark.had.get("halo") !== halo) mark.halo.setAttribute("d", halo);
    mark.had.set("halo", halo);
    write(mark, mark.number, "number", String(journey.todo_id ?? "?"));
    const beside = hasWord && !travels;
    const isOnLine = LEVELS.some((level) => Math.abs(point.y - this.layout.docks[level].at.y) < 1);
    const isCounted = this.#travels(shown) && this.folds.get(this.#pipeOf(shown))?.textContent;
    const hasRoom = isAlone && this.layout.orientation === "lying" && place !== "queue" && isOnLine && !isCounted;
    put(mark, "data-beside", beside ? "" : null);
    write(mark, mark.word, "word", beside || hasRoom ? wordOf(shown, kind) : "");
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
    const near = Math.max(0, Math.abs(progress - 0.5) - (0.5 - NEAR)) / NEAR;
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
    const answer_half = ANSWER * this.layout.type.mark;
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
        const point = along(track, 1 - (this.steps() ? 1 : share));
        answer.element.style.transform = this.#at(point);
        set(answer.element, "data-hidden", take(this.taken, point, answer_half, answer_half) ? null : "");
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
   * @param {import("../facts/facts.js").Facts} facts
   */
  #drawLabelsPast({ shown: all }, { took }) {
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
      set(oneOf(this.svg, "label", span, SVGElement), "data-counting", "");
    }
  }

  /**
   * @param {string} span
   * @param {import("../journal/journal.js").Journey} journey
   * @param {number} true_ms
   * @param {import("../clock/clock.js").Pace} pace
   * @param {string} [how]
   */
  #label(span, journey, true_ms, pace, how = "") {
    if (!(span in this.layout.labels)) return;
    const label = oneOf(this.svg, "label", span, SVGElement);
    set(label, "hidden", null);
    const took = one(label, "took", SVGElement);
    const sign = pace === "slower" ? "◂" : pace === "faster" ? "▸" : "";
    const text = `${sign}${stretch(true_ms)}`;
    if (label.dataset.text === `${text} ${journey.event_id}`) return;
    label.dataset.text = `${text} ${journey.event_id}`;
    const who = draw("tspan");
    const id = `#${journey.todo_id ?? "?"} `;
    who.textContent = id.length + text.length <= LABEL_LENGTH ? id : "";
    took.replaceChildren(who, document.createTextNode(text));
    set(label, "aria-label", `Todo ${journey.todo_id}, ${SPANS[span] ?? span}: ${text} ${how}`);
    set(label, "role", "img");
  }
}

/** How far the second outline of a redelivery reaches beyond the first. */
const HALO = 4;
/** Where the pipes lie level, so that there is room for a word below a mark. */
const LEVELS = /** @type {const} */ (["relay", "projector"]);

/** Shapes as wide as their number needs. @type {Record<string, (half: number) => string>} */
const BODIES = {
  circle: (half) => bar(half, RADIUS, RADIUS),
  ring: (half) => bar(half - 1.75, RADIUS - 1.75, RADIUS - 1.75),
  square: (half) => bar(half - 1, RADIUS - 1, 4),
  diamond: (half) => pointed(half + 3, RADIUS + 3),
};
/** @type {Record<string, (half: number) => string>} */
const HALOS = {
  circle: (half) => bar(half + HALO, RADIUS + HALO, RADIUS + HALO),
  ring: (half) => bar(half + HALO, RADIUS + HALO, RADIUS + HALO),
  square: (half) => bar(half + HALO - 0.5, RADIUS + HALO - 0.5, 4),
  diamond: (half) => pointed(half + 8, RADIUS + 8),
};

/**
 * A bar with its corners rounded; as high as it is wide and rounded all the way, a circle.
 * @param {number} half Its width, by two.
 * @param {number} r Its height, by two.
 * @param {number} c The radius of its corners.
 */
function bar(half, r, c) {
  const [across, down] = [2 * (half - c), 2 * (r - c)];
  return `M${c - half} ${-r}h${across}a${c} ${c} 0 0 1 ${c} ${c}v${down}a${c} ${c} 0 0 1 ${-c} ${c}`
    + `h${-across}a${c} ${c} 0 0 1 ${-c} ${-c}v${-down}a${c} ${c} 0 0 1 ${c} ${-c}z`;
}

/**
 * A bar that ends in points; as high as it is wide, a diamond.
 * @param {number} half
 * @param {number} r
 */
function pointed(half, r) {
  const flat = half - r;
  return `M${-half} 0L${-flat} ${-r}H${flat}L${half} 0L${flat} ${r}H${-flat}Z`;
}

/** @param {number|null} todo_id */
function digitsOf(todo_id) {
  return String(todo_id ?? "?").length;
}

/**
 * Writes a number as wide as its mark has room for, in whatever face the system has.
 * @param {Mark} mark
 * @param {number} digits
 */
function fitNumber({ number }, digits) {
  if (digits < 2) number.removeAttribute("textLength");
  else number.setAttribute("textLength", String(9.2 * digits));
}

/** @typedef {{x: number, y: number, half: number, tall: number}} Taken Room that a mark has taken. */

/**
 * Takes the room of a mark, if nothing of it is taken.
 * @param {Taken[]} taken
 * @param {Point} point
 * @param {number} half
 * @param {number} tall Half of its height.
 * @returns {boolean} Whether it was free.
 */
function take(taken, { x, y }, half, tall) {
  const isFree = taken.every((other) =>
    Math.abs(other.x - x) >= other.half + half + CLEAR || Math.abs(other.y - y) >= other.tall + tall + CLEAR);
  if (isFree) taken.push({ x, y, half, tall });
  return isFree;
}

/**
 * @template K
 * @param {Map<K, number>} counts
 * @param {K} key
 */
function increase(counts, key) {
  counts.set(key, (counts.get(key) ?? 0) + 1);
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
