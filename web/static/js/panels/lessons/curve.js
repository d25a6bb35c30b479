// @ts-check
/**
 * A curve to draw: with the mouse or a finger across it, or with the keys, one point at a time. Once it is locked
 * it shows what the others drew, and what was measured.
 */
import { draw, make, say, set } from "../../page/dom.js";
import { brief, counted } from "../../page/format.js";
import { drawnOn, keyDoes, moved, nothing, whole } from "./drawn.js";

/** @typedef {import("./drawn.js").Drawn} Drawn */

/** The picture's room, in its own units. */
const BOX = Object.freeze({ width: 300, height: 170, left: 40, right: 14, top: 12, bottom: 44 });
/** The shares that have a line and a word. */
const LINES = Object.freeze([0, 0.5, 1]);

export class Curve {
  /**
   * @param {readonly number[]} at_ms The times at which there is a point.
   * @param {string} label What is drawn.
   * @param {(drawn: number[]) => void} changed Called when something has been drawn.
   */
  constructor(at_ms, label, changed) {
    this.at_ms = at_ms;
    this.changed = changed;
    /** @type {Drawn} */
    this.drawn = nothing(at_ms.length);
    this.isLocked = false;
    /** Where the pointer was while it draws. @type {{at: number, share: number}|null} */
    this.from = null;
    this.element = make("div", { class: "curve" });
    this.svg = draw("svg", { "viewBox": `0 0 ${BOX.width} ${BOX.height}`, "role": "group", "aria-label": label });
    this.others = draw("g", { "class": "others", "aria-hidden": "true" });
    this.mine = draw("path", { "class": "mine", "aria-hidden": "true" });
    this.measured = draw("path", { "class": "measured", "aria-hidden": "true" });
    this.points = at_ms.map((_, index) => this.#createPoint(index));
    this.svg.append(...this.#axes(), this.others, this.measured, this.mine, ...this.points);
    this.key = make("p", { class: "quiet" });
    this.element.append(this.svg, this.key);
    this.#listen();
    this.#draw();
  }

  /** What was drawn, with its gaps filled in; null if nothing was. */
  get answer() {
    return whole(this.drawn);
  }

  /** @param {readonly number[]} shares */
  fill(shares) {
    this.drawn = [...shares];
    this.#draw();
  }

  /**
   * @param {object} shown
   * @param {boolean} shown.isLocked
   * @param {readonly (readonly number[])[]} shown.curves What everybody drew.
   * @param {readonly (number|null)[]|null} shown.measured
   */
  show({ isLocked, curves, measured }) {
    this.isLocked = isLocked;
    set(this.element, "data-locked", isLocked ? "" : null);
    if (this.others.childElementCount !== curves.length) {
      this.others.replaceChildren(...curves.map((curve) => draw("path", { d: this.#line(curve) })));
    }
    set(this.measured, "d", measured ? this.#line(measured) : "");
    for (const point of this.points) set(point, "aria-disabled", isLocked ? "true" : null);
    const key = [
      this.answer ? "Violet: yours." : "",
      curves.length ? `Thin: what the room drew, ${counted(curves.length, "curve")}.` : "",
      measured ? "Green: what was measured." : "",
    ];
    say(this.key, isLocked ? key.filter(Boolean).join(" ") : "Draw with the mouse or a finger, or with the arrow keys.");
  }

  #listen() {
    const { svg } = this;
    svg.addEventListener("pointerdown", (event) => {
      if (this.isLocked || !(event instanceof PointerEvent) || event.button > 0) return;
      event.preventDefault();
      svg.setPointerCapture(event.pointerId);
      this.from = null;
      this.#drawTo(event);
    });
    svg.addEventListener("pointermove", (event) => {
      // It may be locked while somebody still draws.
      if (!this.isLocked && event instanceof PointerEvent && svg.hasPointerCapture(event.pointerId)) this.#drawTo(event);
    });
    svg.addEventListener("pointerup", () => { if (!this.isLocked) this.#told(); });
    svg.addEventListener("keydown", (event) => this.#pressed(/** @type {KeyboardEvent} */ (event)));
  }

  /** @param {PointerEvent} event */
  #drawTo({ clientX, clientY }) {
    const { left, top, width, height } = this.svg.getBoundingClientRect();
    const x = ((clientX - left) / width) * BOX.width;
    const y = ((clientY - top) / height) * BOX.height;
    const last = this.at_ms.length - 1;
    const at = Math.max(0, Math.min(last, ((x - BOX.left) / (BOX.width - BOX.left - BOX.right)) * last));
    const to = { at, share: 1 - (y - BOX.top) / (BOX.height - BOX.top - BOX.bottom) };
    this.drawn = drawnOn(this.drawn, this.from, to);
    this.from = to;
    this.#draw();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const at = this.points.findIndex((point) => point === event.target);
    const does = keyDoes(event.key);
    if (at < 0 || !does || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (does.move) this.#focus(Math.max(0, Math.min(this.points.length - 1, at + does.move)));
    else if (!this.isLocked) {
      const to = does.to;
      this.drawn = to === undefined ? moved(this.drawn, at, does.by ?? 0) : this.drawn.map((share, index) => (index === at ? to : share));
      this.#draw();
      this.#told();
    }
  }

  /** @param {number} at */
  #focus(at) {
    for (const [index, point] of this.points.entries()) set(point, "tabindex", index === at ? 0 : -1);
    this.points[at].focus();
  }

  #told() {
    const { answer } = this;
    if (answer) this.changed(answer);
  }

  #draw() {
    const line = whole(this.drawn);
    set(this.mine, "d", line ? this.#line(line) : "");
    for (const [index, point] of this.points.entries()) {
      const share = this.drawn[index];
      const shown = share ?? line?.[index] ?? 0.5;
      set(point, "cx", this.#x(index));
      set(point, "cy", yOf(shown));
      set(point, "data-drawn", share === null ? null : "");
      set(point, "aria-valuenow", Math.round(shown * 100));
      const when = `${brief(this.at_ms[index])} after the answer`;
      set(point, "aria-valuetext", share === null ? `${when}: nothing drawn yet` : `${when}: ${Math.round(shown * 100)} %`);
    }
  }

  /** @param {number} index */
  #createPoint(index) {
    return draw("circle", {
      "r": "6", "role": "slider", "tabindex": index ? "-1" : "0", "aria-label": `At ${brief(this.at_ms[index])}`,
      "aria-valuemin": "0", "aria-valuemax": "100", "aria-orientation": "vertical",
    });
  }

  #axes() {
    const grid = draw("g", { "class": "axes", "aria-hidden": "true" });
    for (const share of LINES) {
      grid.append(draw("path", { d: `M${BOX.left} ${yOf(share)}H${BOX.width - BOX.right}` }));
      grid.append(text({ x: BOX.left - 10, y: yOf(share) + 4, anchor: "end" }, String(share * 100)));
    }
    for (const [index, at_ms] of this.at_ms.entries()) {
      const [value, unit] = at_ms < 1000 ? [String(at_ms), ""] : [String(at_ms / 1000), " s"];
      grid.append(text({ x: this.#x(index), y: BOX.height - BOX.bottom + 18, anchor: "middle" }, `${value}${unit}`));
    }
    grid.append(text({ x: (BOX.left + BOX.width - BOX.right) / 2, y: BOX.height - 6, anchor: "middle" }, "% · ms after the answer"));
    return [grid];
  }

  /** @param {readonly (number|null)[]} shares */
  #line(shares) {
    /** A gap in what was measured is a gap in the line. */
    let isOn = false;
    return shares.map((share, index) => {
      if (share === null || share === undefined) {
        isOn = false;
        return "";
      }
      const to = `${isOn ? "L" : "M"}${this.#x(index).toFixed(1)} ${yOf(share).toFixed(1)}`;
      isOn = true;
      return to;
    }).join("");
  }

  /** @param {number} index */
  #x(index) {
    return BOX.left + (index / Math.max(1, this.at_ms.length - 1)) * (BOX.width - BOX.left - BOX.right);
  }
}

/** @param {number} share */
function yOf(share) {
  return BOX.top + (1 - share) * (BOX.height - BOX.top - BOX.bottom);
}

/**
 * @param {{x: number, y: number, anchor: string}} spot
 * @param {string} words
 */
function text({ x, y, anchor }, words) {
  const element = draw("text", { "x": String(x), "y": String(y), "text-anchor": anchor });
  element.textContent = words;
  return element;
}
