// @ts-check
/** The orientation and the size of the loop, for a stage of any size. Pure. */
import { lying } from "./lying.js";
import { LARGE, PLAIN } from "./measures.js";
import { upright } from "./upright.js";

/** @typedef {import("./types.js").Layout} Layout */

/**
 * How wide a stage has to be for the loop to lie down, in CSS pixels. What counts is the width of the
 * stage, not of the window, so no media query repeats this: style sheets go by `data-orientation`.
 */
const LYING_FROM_PX = 800;
/** CSS pixels to a unit, at least and at most. */
const LYING_UNIT = { least: 0.6, most: 4 };
const UPRIGHT_UNIT = { least: 0.95, most: 1.7 };
/** The width of the upright loop in units, if that keeps a unit within its bounds. */
const UPRIGHT_WIDTH = 374;

/**
 * @param {number} width_px The stage's width.
 * @returns {Layout["orientation"]}
 */
export function orientationOf(width_px) {
  return width_px >= LYING_FROM_PX ? "lying" : "upright";
}

/**
 * @param {{width_px: number, height_px: number, isLarge: boolean}} stage Its size. If the loop is
 *   upright, the loop decides its height.
 * @returns {Layout}
 */
export function layoutOf({ width_px, height_px, isLarge }) {
  if (orientationOf(width_px) === "upright") {
    return upright(width_px / within(UPRIGHT_UNIT, width_px / UPRIGHT_WIDTH));
  }
  const type = isLarge ? LARGE : PLAIN;
  const unit = within(LYING_UNIT, Math.min(width_px / type.width, height_px / type.height));
  return lying(width_px / unit, height_px / unit, type);
}

/**
 * @param {{least: number, most: number}} bounds
 * @param {number} value
 */
function within({ least, most }, value) {
  return Math.min(most, Math.max(least, value));
}
