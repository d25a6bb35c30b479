// @ts-check
/** Measures for a stage on which a unit is small: the least size of type stays the same on the screen. Pure. */

import { MARK_HEIGHT } from "./measures.js";

/** @typedef {import("./types.js").Measures} Measures */

/** The size of a mark's number on the plain stage, in units, and the least distance between two lines. */
const NUMBER = 16;
const LINE = 1.2;
/** How far a line of type reaches above and below its baseline. */
const ABOVE = 0.8;
const BELOW = 0.22;
/** From a row of marks, and from the last line of the dead letters, to the edge of their box. */
const TO_EDGE = 7;

/**
 * Gives type of the least size the room that it needs, where that is larger than usual.
 * @param {Measures} type
 * @param {number} unit CSS pixels to a unit.
 * @param {number} least_px The least size of type.
 * @returns {Measures}
 */
export function readable(type, unit, least_px) {
  const least = least_px / unit;
  const by = Math.max(1, least / type.roomFor);
  const { rabbit, queue, letters, label, middle } = type;
  const mark = Math.max(type.mark, least / NUMBER);
  const saysY = Math.max(type.saysY, least * LINE);
  const halfMark = MARK_HEIGHT / 2 * mark;
  const dockY = Math.max(type.dockY, type.nameY + saysY + least * BELOW + halfMark);
  const lettersName = Math.max(letters.nameY, least * ABOVE);
  const lettersHigher = Math.max(0, lettersName + saysY + TO_EDGE - letters.h);
  return {
    ...type, least, mark, saysY, dockY,
    node: Math.max(type.node, dockY + halfMark + TO_EDGE),
    service: type.service * by, postgresql: type.postgresql * by, outbox: type.outbox * by,
    relay: type.relay * by, browser: type.browser * by,
    rabbit: { ...rabbit, least: rabbit.least * by, most: Math.max(rabbit.most, rabbit.least * by) },
    queue: { ...queue, aside: queue.aside * by },
    letters: {
      ...letters, x: letters.x < 0 ? letters.x * by : letters.x, up: letters.up + lettersHigher,
      w: letters.w * by, h: letters.h + lettersHigher, nameY: lettersName,
    },
    label: { ...label, up: Math.max(label.up, least * LINE - label.down) },
    middle: { ...middle, left: middle.left * by, right: letters.x < 0 ? middle.right * by : middle.right },
  };
}
