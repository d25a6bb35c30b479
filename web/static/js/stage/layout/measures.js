// @ts-check
/** Sizes: of a mark, and of the lying loop for each size of type. Pure. */

/** The height of a mark, its width by the digits of its number, and the least room between two marks. */
export const MARK_HEIGHT = 25;
const MARK_WIDTHS = [25, 25, 25, 36, 46, 55];
/** The room that a longer number takes for each digit, and around them. */
const DIGIT_WIDTH = 9.3;
const AROUND_DIGITS = 9;
export const MARK_GAP = 3;
/** From one row of marks to the next. */
export const ROW = MARK_HEIGHT + MARK_GAP;
/** Half the width of a mark with a four-digit number, for which nodes have room. */
export const HALF_WIDE_MARK = MARK_WIDTHS[4] / 2;
/** How far a redelivered mark's second outline reaches beyond the first. */
export const HALO = 4;
/** The width of the number of the rest, if it takes the last stands of a row. */
export const COUNT_WIDTH = 46;

/**
 * The width of a mark whose number has that many digits.
 * @param {number} digits
 */
export function markWidth(digits) {
  return MARK_WIDTHS[digits] ?? DIGIT_WIDTH * digits + AROUND_DIGITS;
}

/** @typedef {import("./types.js").Measures} Measures */

/** As read from a laptop. @type {Measures} */
export const PLAIN = {
  name: "plain", least: 0, roomFor: 15, width: 988, height: 450, mark: 1, text: 1,
  top: 28, node: 96, nameY: 24, saysY: 18, dockY: 60, labelY: 32, label: { up: 4, down: 13 }, acknowledgedY: 26,
  service: 104, link: 114, postgresql: 117, outbox: 117, relay: 117, browser: 150,
  rabbit: { share: 0.17, least: 158, most: 220 },
  first: 116, relayPast: -12, storeRows: 2, isLabBelow: false,
  queue: { foot: 18, head: 54, aside: 21, isShared: true, isWorded: true, labelX: -5, count: { x: 34, y: 0 } },
  letters: { x: -106, up: 70, w: 106, h: 40, nameY: 16, dock: { x: -28, y: 20 }, count: { x: -28, y: -2 } },
  middle: { left: 218, right: 126, top: 14, bottom: 12 },
};

/** As read from the back of a room: everything is larger, with less around the names. @type {Measures} */
export const LARGE = {
  name: "large", least: 0, roomFor: 22, width: 1264, height: 522, mark: 1.4, text: 1.5,
  top: 26, node: 126, nameY: 30, saysY: 27, dockY: 80, labelY: 40, label: { up: 7, down: 16 }, acknowledgedY: 24,
  service: 180, link: 96, postgresql: 180, outbox: 158, relay: 184, browser: 240,
  rabbit: { share: 0, least: 312, most: 312 },
  first: 98.4, relayPast: 109, storeRows: 1, isLabBelow: true,
  queue: { foot: 8, head: 70.2, aside: 164, isShared: false, isWorded: false, labelX: -4, count: { x: 45, y: 78 } },
  letters: { x: 8, up: 62, w: 158, h: 54, nameY: 19, dock: { x: 36.2, y: -26 }, count: { x: 118, y: -26 } },
  middle: { left: 258, right: 16, top: 8, bottom: 4 },
};
