// @ts-check
/** A plot, drawn in the colours of the current theme. Only this module knows the library. */
import uPlot from "../../../vendor/uPlot-1.6.32.min.js";
import { make } from "../../page/dom.js";

/** The library brings its types for TypeScript only. @type {any} */
const Library = uPlot;
/** @typedef {(plot: unknown, ticks: (number|null)[]) => string[]} Ticks */

/** A plot in less room than this would say nothing. */
const LEAST_PX = 60;
const FRAME = { cursor: { show: false }, legend: { show: false }, padding: [8, 14, 0, 0] };

export class Plot {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    /** @type {any} */
    this.drawn = null;
  }

  /**
   * @param {(number|null)[][]} data First the x values, then each series.
   * @param {() => any} options The library's options.
   */
  draw(data, options) {
    const size = { width: this.box.clientWidth, height: this.box.clientHeight };
    if (size.width < LEAST_PX || size.height < LEAST_PX) return;
    if (this.drawn?.width === size.width && this.drawn.height === size.height) {
      // The bounds are worked out anew with the data.
      Object.assign(this.drawn.scales.x, { range: options().scales.x.range });
      this.drawn.setData(data);
      return;
    }
    this.drop();
    this.drawn = new Library({ ...size, ...FRAME, ...options() }, data, this.box);
  }

  /** Forgets what was drawn, so that the next drawing starts afresh. */
  drop() {
    this.drawn?.destroy();
    this.drawn = null;
  }
}

/**
 * A line of points that are not joined.
 * @param {string} name Of its colour.
 * @param {number} size
 * @param {number} width Of their outline.
 * @param {string} [fill] The name of another colour.
 */
export function dots(name, size, width, fill = name) {
  const points = { show: true, size, width, fill: colour(fill), stroke: colour(name) };
  return { stroke: colour(name), width: 0, paths: () => null, points };
}

/**
 * @param {string} name Of its colour.
 * @param {number} width
 * @param {object} [more]
 */
export function line(name, width, more = {}) {
  return { stroke: colour(name), width, points: { show: false }, ...more };
}

/** A line in steps, since a value stays as it is until the next is known. */
export function steps() {
  return { paths: Library.paths.stepped?.({ align: 1 }) };
}

/** @param {object} options */
export function axis(options) {
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8125;
  const font = `${size}px system-ui, sans-serif`;
  const lines = { stroke: colour("--line"), width: 1 };
  return {
    stroke: colour("--dim"), font, labelFont: font, labelSize: size * 1.5, size: size * 2.1, gap: 4,
    grid: lines, ticks: { ...lines, size: 4 }, ...options,
  };
}

/** Whole powers of ten only. @type {Ticks} */
export function powers(_, ticks) {
  return ticks.map((ms) => (ms !== null && isPower(ms) ? (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`) : ""));
}

/** Counts, as the rest of the page writes them. @type {Ticks} */
export function counts(_, ticks) {
  return ticks.map((count) => (count === null ? "" : count.toLocaleString("en-GB")));
}

/** @param {number} value */
function isPower(value) {
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-6;
}

/**
 * One of the page's colours, in a form that a canvas can read, for the current theme.
 * @param {string} name
 */
function colour(name) {
  const probe = make("span", { hidden: "" });
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
