// @ts-check
/** The orientation and the size of the loop, for a stage of any size. Pure. */
import { lying } from "./lying.js";
import { LARGE, PLAIN } from "./measures.js";
import { readable } from "./readable.js";
import { heightOf } from "./sides.js";
import { UPRIGHT_LEAST, upright } from "./upright.js";

/** @typedef {import("./types.js").RowName} RowName */
/** @typedef {import("./types.js").Layout} Layout */

/**
 * How wide a stage has to be for the loop to lie down, in CSS pixels. What counts is the width of the
 * stage, not of the window, so no media query repeats this: style sheets go by `data-orientation`.
 */
const LYING_FROM_PX = 720;
/** CSS pixels to a unit, at least and at most. */
const LYING_UNIT = { least: 0.6, most: 4 };
const UPRIGHT_UNIT = { least: 0.95, most: 1.7 };
/**
 * The least size of type on the stage, in CSS pixels: as read from a laptop, from the back of a room,
 * and in presenter view on a screen too small for a room.
 */
const LEAST_PX = { plain: 12, large: 20, small: 14 };
/**
 * From which size of the stage the presenter view is for a room, in CSS pixels. It is lower only while the lab
 * is open below it, for whoever sets a switch.
 */
const ROOM_FROM_PX = { width: 1040, height: 440 };
/**
 * The least height of an upright loop, in CSS pixels.
 * @param {readonly RowName[]} [sides]
 */
export function uprightLeast(sides = []) {
  return UPRIGHT_UNIT.least * (UPRIGHT_LEAST + heightOf(sides));
}
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
 * @param {{width_px: number, height_px: number, isLarge: boolean, sides?: readonly RowName[]}} stage Its size, and
 *   which other read models are on it. An upright loop may need more height than it has.
 * @returns {Layout}
 */
export function layoutOf({ width_px, height_px, isLarge, sides = [] }) {
  if (orientationOf(width_px) === "upright") {
    const unit = within(UPRIGHT_UNIT, Math.min(width_px / UPRIGHT_WIDTH, height_px / (UPRIGHT_LEAST + heightOf(sides))));
    return upright(width_px / unit, height_px / unit, readable(PLAIN, unit, LEAST_PX.plain), sides);
  }
  const type = isLarge ? LARGE : PLAIN;
  const unit = within(LYING_UNIT, Math.min(width_px / type.width, height_px / type.height));
  const isForRoom = width_px >= ROOM_FROM_PX.width && height_px >= ROOM_FROM_PX.height;
  const least_px = LEAST_PX[isLarge && !isForRoom ? "small" : type.name];
  return lying(width_px / unit, height_px / unit, readable(type, unit, least_px), sides);
}

/**
 * @param {{least: number, most: number}} bounds
 * @param {number} value
 */
function within({ least, most }, value) {
  return Math.min(most, Math.max(least, value));
}
