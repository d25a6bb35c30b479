// @ts-check
/**
 * The stage: draws the loop, what each node holds, and the marks where the clock says they are.
 * It reads the journal and the clock and changes neither.
 */
import { duration } from "./format.js";
import { draw, one, say, set } from "./dom.js";
import { SPANS, hopOf, kindOf } from "./hops.js";
import { along, lengthsOf, lying, rounded, route, stands, upright } from "./layout.js";
import { reports } from "./nodes.js";

/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./clock.js").Clock} Clock */
/** @typedef {import("./clock.js").Shown} Shown */
/** @typedef {import("./layout.js").Point} Point */
/** @typedef {import("./layout.js").Box} Box */
/** @typedef {{element: SVGElement, body: Element, halo: Element, number: Element, word: Element}} Mark */

const RADIUS = 12.5;
const HUES = 6;
const ANSWER_MS = 900;

export class Stage {
  /**
   * @param {HTMLElement} root
   * @param {Journal} journal
   * @param {Clock} clock
   * @param {{steps: () => boolean}} options `steps`: whether marks jump from hop to hop.
   */
  constructor(root, journal, clock, { steps }) {
    this.root = root;
    this.journal = journal;
    this.clock = clock;
    this.steps = steps;
    this.svg = one(root, "loop");
    this.centre = one(root, "view", "caption");
    this.marksGroup = one(root, "marks");
    /** @type {Map<string, Mark>} */
    this.marks = new Map();
    /** @type {Map<string, {told: boolean, begin_ms: number|null, element: SVGElement|null}>} */
    this.answers = new Map();
    /** @type {Map<string, SVGElement>} */
    this.folds = new Map();
    /** @type {import("./layout.js").Layout} */
    this.layout = lying(988, 460);
    /** @type {Map<string, Point[]>} */
    this.tracks = new Map();
    this.onResize = () => {};
    new ResizeObserver(() => this.resize()).observe(root);
    for (const what of ["health", "holds"]) journal.addEventListener(what, () => this.drawNodes());
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
    this.drawNodes();
    this.onResize();
  }

  #place() {
    const { layout, svg, root } = this;
    set(svg, "viewBox", `0 0 ${layout.width} ${layout.height}`);
    const unit = root.clientWidth / layout.width;
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

  drawNodes() {
    for (const [name, report] of Object.entries(reports(this.journal.health, this.journal.holds))) {
      const element = one(this.svg, "node", name);
      set(element, "data-state", report.state);
      set(element, "data-holding", report.holding ? "" : null);
      say(one(element, "says"), report.says);
      const label = element.dataset.called;
      const why = report.why ? `, ${report.why}` : "";
      set(element, "aria-label", `${label}: ${report.says}${why}`);
    }
  }

  /** @param {number} now_ms */
  draw(now_ms) {
    /** @type {Shown[]} */
    const all = [];
    for (const event_id of this.clock.plays.keys()) {
      const shown = this.clock.shown(event_id, now_ms);
      if (shown?.leg) all.push(shown);
    }
    const drawn = this.#drawMarks(all);
    for (const [event_id, mark] of this.marks) {
      if (drawn.has(event_id)) continue;
      mark.element.remove();
      this.marks.delete(event_id);
    }
    this.#drawAnswers(all, now_ms);
    this.#drawLabels(all, now_ms);
  }

  /** @param {Shown[]} all */
  #drawMarks(all) {
    /** @type {Set<string>} */
    const drawn = new Set();
    /** @type {Map<string, Shown[]>} */
    const places = new Map();
    for (const shown of all) {
      const place = shown.progress >= 0.5 || this.steps() ? shown.to : shown.from;
      const at = shown.moving && shown.progress === 0 && !this.steps() ? shown.from : place;
      places.set(at, [...(places.get(at) ?? []), shown]);
    }
    for (const [place, here] of places) {
      here.sort((a, b) => a.order - b.order);
      const dock = this.layout.docks[/** @type {import("./hops.js").Place} */ (place)];
      const { stands: spots, rest } = stands(dock, here.length);
      const folded = here.slice(spots.length).filter((shown) => !isTravelling(shown)).length;
      this.#fold(place, folded ? rest : null, `${spots.length ? "+" : "×"}${folded}`);
      here.forEach((shown, index) => {
        const { event_id } = shown.journey;
        drawn.add(event_id);
        const mark = this.marks.get(event_id) ?? this.#create(event_id);
        this.#drawMark(mark, shown, spots[index] ?? null, place, here.length === 1);
      });
    }
    for (const [place, fold] of this.folds) if (!places.has(place)) fold.textContent = "";
    return drawn;
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
      fold = draw("text", { "data-fold": place, "text-anchor": "middle" });
      this.marksGroup.append(fold);
      this.folds.set(place, fold);
    }
    say(fold, spot ? text : "");
    if (!spot) return;
    set(fold, "x", spot.x);
    set(fold, "y", spot.y + 4.5);
  }

  /** @param {string} event_id */
  #create(event_id) {
    const element = draw("g", { "data-mark": "", "data-event-id": event_id, role: "img" });
    const halo = draw("path", { "data-halo": "" });
    const body = draw("path", { "data-body": "" });
    const number = draw("text", { "data-number": "", y: "4.5" });
    const word = draw("text", { "data-word": "" });
    element.append(halo, body, number, word);
    this.marksGroup.append(element);
    const mark = { element, body, halo, number, word };
    this.marks.set(event_id, mark);
    return mark;
  }

  /**
   * @param {Mark} mark
   * @param {Shown} shown
   * @param {import("./layout.js").Stand|null} slot Where it stands at its place; null where it is only counted.
   * @param {string} place
   * @param {boolean} isAlone Whether there is room for a word below it.
   */
  #drawMark({ element, body, halo, number, word }, shown, slot, place, isAlone) {
    const { journey, leg } = shown;
    const kind = kindOf(journey);
    const isDead = shown.to === "dead-letters" && shown.progress > 0;
    const isFailed = leg?.span === "failed";
    const shape = isDead ? "diamond" : kind === "created" ? "circle" : kind === "deleted" ? "ring" : "square";
    const travels = isTravelling(shown) && !this.steps();
    const inQueue = place === "queue" && slot !== null && !travels;
    const point = this.#position(shown, slot);
    const scale = travels ? 1 : slot?.scale ?? 1;
    const size = scale === 1 ? "" : ` scale(${scale})`;
    element.setAttribute("transform", `translate(${point.x.toFixed(1)} ${point.y.toFixed(1)})${size}`);
    set(element, "display", slot === null && !travels ? "none" : null);
    set(element, "data-todo-id", journey.todo_id);
    set(element, "data-version", journey.version);
    set(element, "data-hop", shown.hop);
    set(element, "data-place", place);
    set(element, "data-state", shown.over ? "over" : travels ? "moving" : "waiting");
    set(element, "data-hue", (journey.todo_id ?? 0) % HUES);
    set(element, "data-shape-kind", shape);
    set(element, "data-unconfirmed", !shown.confirmed ? "" : null);
    set(element, "data-failed", isFailed ? "" : null);
    set(element, "data-in-node", travels ? null : "");
    set(body, "d", BODIES[shape]);
    set(halo, "d", shown.redelivered ? HALOS[shape] : "");
    say(number, String(journey.todo_id ?? "?"));
    set(number, "data-long", (journey.todo_id ?? 0) > 999 ? "" : null);
    const isLying = this.layout.orientation === "lying";
    const hasRoom = isAlone && isLying && place !== "queue";
    say(word, inQueue || hasRoom ? this.#word(shown, kind) : "");
    set(word, "x", inQueue ? 19 : 0);
    set(word, "y", inQueue ? 4.5 : 26);
    set(word, "text-anchor", inQueue ? "start" : "middle");
    set(element, "aria-label", `Todo ${journey.todo_id ?? "unknown"} ${kind}: ${place}`);
  }

  /**
   * @param {Shown} shown
   * @param {string} kind
   */
  #word({ hop, over, leg }, kind) {
    if (over && hop === "already-applied") return "no effect";
    if (hop === "retried" && leg?.hop.attempt) return `attempt ${leg.hop.attempt + 1}`;
    if (leg?.hop.hop === "sent-failed") return "send again";
    return kind;
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
   * @param {Shown[]} all
   * @param {number} now_ms
   */
  #drawAnswers(all, now_ms) {
    const track = this.tracks.get("browser command-service") ?? [];
    for (const shown of all) {
      const { event_id } = shown.journey;
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
        const { x, y } = along(track, 1 - (this.steps() ? 1 : share));
        answer.element.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      } else {
        answer.element?.remove();
        answer.element = null;
        if (!this.clock.plays.has(event_id)) this.answers.delete(event_id);
      }
    }
  }

  /** Whether an answer is on its way, so that the next frame differs from this one. */
  isMoving() {
    return [...this.answers.values()].some(({ element }) => element !== null);
  }

  /** @param {string} event_id */
  #createAnswer(event_id) {
    const element = draw("g", { "data-answer": event_id, "aria-hidden": "true" });
    element.append(draw("circle", { r: "8" }), draw("path", { d: "M-3.6 0.4L-1 3L3.8 -2.6" }));
    this.marksGroup.append(element);
    return element;
  }

  /**
   * The true time of each stretch, where it was spent: counting while a mark waits there, then as
   * it was.
   * @param {Shown[]} all
   * @param {number} now_ms
   */
  #drawLabels(all, now_ms) {
    /** @type {Map<string, {since: number, shown: Shown}>} */
    const waiting = new Map();
    for (const shown of all) {
      const { leg, atEdge, journey } = shown;
      const acknowledged = hopOf(journey, "acknowledged");
      const received = hopOf(journey, "received");
      if (acknowledged && received && shown.at_ms >= acknowledged.at_ms) {
        this.#label("acknowledged", journey, acknowledged.at_ms - received.at_ms, "to-scale", "after");
      }
      if (!leg) continue;
      if (atEdge) {
        const oldest = waiting.get(shown.span);
        if (!oldest || leg.hop.at_ms < oldest.since) waiting.set(shown.span, { since: leg.hop.at_ms, shown });
      } else if (leg.since_ms !== null && leg.begin_ms + leg.wait_ms <= now_ms) {
        this.#label(leg.span, journey, leg.hop.at_ms - leg.since_ms, leg.pace);
      }
    }
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

/** @param {Shown} shown */
function isTravelling({ moving, progress }) {
  return moving && progress > 0 && progress < 1;
}

/** @param {number} t */
function ease(t) {
  return t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2;
}
