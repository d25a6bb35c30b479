// @ts-check
/** How marks stand at a place: in rows, as many as there is room for. Pure. */
import { COUNT_WIDTH, HALF_WIDE_MARK, MARK_GAP, MARK_HEIGHT, ROW } from "./measures.js";

/** @typedef {import("./types.js").Dock} Dock */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {Point & {isWorded: boolean}} Stand Where a mark stands, and whether a word fits beside it. */

/**
 * One row around the pipe's end. Below it is the number of marks for which it has no room.
 * @param {Point} at
 * @param {number} room
 * @param {number} [mark] How large marks are.
 * @returns {Dock}
 */
export function oneRow(at, room, mark = 1) {
  return {
    at, fill: "middle", room, rows: 1, step: ROW * mark, mark, count: { x: at.x, y: at.y + MARK_HEIGHT * mark },
    isShared: false, worded: 0, wordStep: { x: 0, y: 0 },
  };
}

/**
 * A row around the pipe's end, and a row below it that ends with the number of the rest.
 * @param {Point} at
 * @param {number} room
 * @param {number} [mark] How large marks are.
 * @returns {Dock}
 */
export function twoRows(at, room, mark = 1) {
  return {
    ...oneRow(at, room, mark), rows: 2, isShared: true,
    count: { x: at.x + room / 2 - HALF_WIDE_MARK, y: at.y + ROW * mark },
  };
}

/**
 * Where each of `count` marks stands at a dock.
 * @param {Dock} dock
 * @param {number} count
 * @param {number} width The width of the widest mark.
 * @returns {Stand[]} Fewer than `count` if there are too many; the number of the rest is then written at
 *   the dock's `count`.
 */
export function stands(dock, count, width) {
  const { at, fill, rows, room, isShared, worded, wordStep, mark } = dock;
  if (count <= worded) {
    return list(count, (index) => ({
      x: at.x + index * wordStep.x, y: at.y + index * wordStep.y, isWorded: true,
    }));
  }
  const pitch = width * mark + MARK_GAP;
  const perRow = Math.max(1, Math.floor((room + MARK_GAP) / pitch));
  if (count <= perRow && fill === "middle") return list(count, (index) => standAt(dock, index, count, pitch));
  const all = list(perRow * rows, (index) => standAt(dock, index, perRow, pitch));
  if (count <= all.length) return all.slice(0, count);
  return isShared ? all.slice(0, -Math.ceil(COUNT_WIDTH / pitch)) : all;
}

/**
 * @param {Dock} dock
 * @param {number} index
 * @param {number} perRow
 * @param {number} pitch From a mark to the next in its row.
 * @returns {Stand}
 */
function standAt({ at, fill, step }, index, perRow, pitch) {
  const column = index % perRow;
  const across = fill === "end" ? -column : column - (perRow - 1) / 2;
  return { x: at.x + across * pitch, y: at.y + Math.floor(index / perRow) * step, isWorded: false };
}

/**
 * @template T
 * @param {number} length
 * @param {(index: number) => T} make
 */
function list(length, make) {
  return Array.from({ length }, (_, index) => make(index));
}
