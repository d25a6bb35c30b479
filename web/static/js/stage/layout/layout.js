// @ts-check
/** Which way up the loop is, and how large, for a stage of any size. Pure. */
import { lying } from "./lying.js";
import { LARGE, PLAIN } from "./measures.js";
import { upright } from "./upright.js";

/** @typedef {import("./types.js").Layout} Layout */

/**
 * The loop lies on a stage that is at least so wide, in CSS pixels. It is the stage's width that
 * counts, not the window's, so no media query says it again: CSS asks for `data-orientation`.
 */
const LYING_FROM_PX = 800;
/** CSS pixels to a unit, at least and at most. */
const LYING_UNIT = { least: 0.6, most: 4 };
const UPRIGHT_UNIT = { least: 0.95, most: 1.7 };
/** So many units wide is the loop upright, where that leaves a unit within its bounds. */
const UPRIGHT_WIDTH = 374;

/**
 * @param {number} width_px Of the stage.
 * @returns {Layout["orientation"]}
 */
export function orientationOf(width_px) {
  return width_px >= LYING_FROM_PX ? "lying" : "upright";
}

/**
 * @param {{width_px: number, height_px: number, isLarge: boolean}} stage Its size; upright, it is as
 *   high as the loop needs.
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
