// @ts-check
/**
 * The layer over the loop, with the marks, answers and numbers. They move only by a transform, so a frame
 * paints nothing.
 */

/** @typedef {import("./layout/types.js").Point} Point */

export class Layer {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** CSS pixels to a unit of the layout. */
    this.unit = 1;
  }

  /**
   * @param {number} unit
   * @param {number} mark The size of marks, compared with those of the plain stage.
   */
  resize(unit, mark) {
    this.unit = unit;
    this.element.style.setProperty("--mark-unit", String(unit * mark));
  }

  /**
   * The transform that moves something to a point.
   * @param {Point} point
   */
  at({ x, y }) {
    const { unit } = this;
    return `translate(${(x * unit).toFixed(1)}px, ${(y * unit).toFixed(1)}px)`;
  }
}
