// @ts-check
/**
 * The other read models, while the lab keeps them: a row for each, with its queue, the process that keeps it and
 * what it keeps; and likewise the coordinator and its notes. In the lying loop the rows stand at RabbitMQ, beside the two truths; upright, below it. Pure.
 */
import { SIDE_PLACES } from "../../facts/sides.js";
import { oneRow } from "./docks.js";
import { MARK_GAP, MARK_HEIGHT } from "./measures.js";

/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").RowName} RowName */
/** @typedef {import("./types.js").Dock} Dock */
/** @typedef {import("./types.js").NodeLayout} NodeLayout */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").SideLayout} SideLayout */
/** @typedef {import("./types.js").SideForm} SideForm */
/** @typedef {{form: SideForm, names: readonly RowName[], mark: number, line: number, letters: Point, boxes: (row: number) => readonly [Box, Box, Box]}} Rows */

/** Without any, there is nothing to place. @type {SideLayout} */
const NO_SIDES = Object.freeze({ form: "tall", names: [], nodes: {}, docks: {}, pipes: {} });
/** The nodes of each row; one without a queue has the room for it, too. */
const NODES_OF = Object.freeze({ ...SIDE_PLACES, coordinator: /** @type {const} */ ([null, "coordinator", "sagas"]) });
/** The size of type for which the widths have room, and these: the queue, the process, and what it keeps. */
const WIDTHS = {
  plain: { roomFor: 13, of: [57, 102, 96] }, large: { roomFor: 20, of: [78, 124, 116] },
};
const GAP = 10;
const ROW_GAP = 6;
/** From the edge of a box to its words and marks. */
const EDGE = 5;
/** The distance between two lines, as a share of the size of type. */
const LINE = 1.2;
/** How far a line of type reaches above its baseline. */
const ABOVE = 0.82;
/** As in shapes.js: how much of a cylinder's height half its lid takes, and how high that is at most. */
const LID = { share: 0.09, most: 9 };
/** As high as a row is at most, in lines and marks with what is around them. */
const MOST_HIGH = 1.15;

/**
 * How wide the rows of the lying loop are.
 * @param {{name: "plain"|"large", least: number}} type
 */
export function widthsOf({ name, least }) {
  const { roomFor, of } = WIDTHS[name];
  const by = Math.max(1, least / roomFor);
  const [queue, process, model] = of.map((width) => width * by);
  return { queue, process, model, whole: queue + process + model + 2 * GAP };
}

/**
 * The rows in the lying loop: from right to left, beginning at RabbitMQ.
 * @param {readonly RowName[]} names
 * @param {object} room
 * @param {number} room.right
 * @param {number} room.top
 * @param {number} room.bottom
 * @param {{name: "plain"|"large", least: number, mark: number}} room.type
 * @param {Point} room.letters Where dead letters stand.
 * @returns {SideLayout}
 */
export function sidesBeside(names, { right, top, bottom, type, letters }) {
  if (!names.length) return NO_SIDES;
  const { queue, process, model } = widthsOf(type);
  const line = Math.max(type.least, WIDTHS[type.name].roomFor) * LINE;
  const room = (bottom - top - ROW_GAP * (names.length - 1)) / names.length;
  const { form, high } = formOf(room, line, MARK_HEIGHT * type.mark);
  return placed({
    form, names, mark: type.mark, line, letters,
    boxes: (row) => {
      const y = top + row * (high + ROW_GAP);
      const [queueX, processX] = [right - queue, right - queue - GAP - process];
      return [
        { x: queueX, y, w: queue, h: high }, { x: processX, y, w: process, h: high },
        { x: processX - GAP - model, y, w: model, h: high },
      ];
    },
  });
}

/** How high a row of the upright loop is, in units. */
const UPRIGHT_ROW = 48;
/** From RabbitMQ to the first row. */
const BELOW_RABBITMQ = 4;
const UPRIGHT_SHARES = { queue: 0.2, process: 0.42 };

/**
 * How much higher the upright loop is with these rows.
 * @param {readonly RowName[]} names
 */
export function heightOf(names) {
  return names.length ? BELOW_RABBITMQ + names.length * (UPRIGHT_ROW + ROW_GAP) : 0;
}

/**
 * The rows in the upright loop: from left to right.
 * @param {readonly RowName[]} names
 * @param {{x: number, y: number, w: number, least: number, letters: Point}} room `y`: the lower edge of RabbitMQ.
 * @returns {SideLayout}
 */
export function sidesBelow(names, { x, y, w, least, letters }) {
  if (!names.length) return NO_SIDES;
  const [queue, process] = [w * UPRIGHT_SHARES.queue, w * UPRIGHT_SHARES.process];
  const model = w - queue - process - 2 * GAP;
  return placed({
    form: "two-lines", names, mark: 1, line: Math.max(least, 13) * LINE, letters,
    boxes: (row) => {
      const at = { y: y + BELOW_RABBITMQ + row * (UPRIGHT_ROW + ROW_GAP), h: UPRIGHT_ROW };
      return [{ ...at, x, w: queue }, { ...at, x: x + queue + GAP, w: process }, { ...at, x: x + w - model, w: model }];
    },
  });
}

/**
 * What has room in a row: marks between the name and what it says, marks beside what it says, or only the name.
 * @param {number} room
 * @param {number} line
 * @param {number} mark
 * @returns {{form: SideForm, high: number}}
 */
function formOf(room, line, mark) {
  const needs = { "tall": 2 * line + mark + 2 * EDGE, "two-lines": line + Math.max(line, mark) + 1.5 * EDGE };
  const form = room >= needs.tall ? "tall" : room >= needs["two-lines"] ? "two-lines" : "flat";
  return { form, high: form === "flat" ? room : Math.min(room, needs[form] * MOST_HIGH) };
}

/**
 * @param {Rows} rows
 * @returns {SideLayout}
 */
function placed(rows) {
  /** @type {SideLayout} */
  const layout = { form: rows.form, names: rows.names, nodes: {}, docks: {}, pipes: {} };
  rows.names.forEach((name, row) => {
    const places = NODES_OF[name];
    const [queue, process, model] = places;
    const [first, second, last] = rows.boxes(row);
    const boxes = queue ? [first, second, last] : [first, around(first, second), last];
    const docks = boxes.map((box) => dockIn(box, rows));
    places.forEach((place, index) => {
      if (!place) return;
      layout.nodes[place] = nodeIn(boxes[index], rows, place === model ? lidOf(boxes[index]) : 0);
      layout.docks[place] = docks[index];
    });
    const [from, by, to] = docks.map(({ at }) => at);
    const count = { x: (from.x + by.x) / 2, y: from.y };
    if (queue) layout.pipes[pipeOf(queue, process)] = { points: [from, by], count };
    layout.pipes[pipeOf(process, model)] = { points: [by, to], count: { ...count, x: (by.x + to.x) / 2 } };
    if (queue) layout.pipes[pipeOf(process, "dead-letters")] = { points: [by, rows.letters], count };
  });
  return layout;
}

/**
 * The box around two that are side by side.
 * @param {Box} a
 * @param {Box} b
 * @returns {Box}
 */
function around(a, b) {
  const x = Math.min(a.x, b.x);
  return { ...a, x, w: Math.max(a.x + a.w, b.x + b.w) - x };
}

/**
 * @param {string} from
 * @param {string} to
 */
function pipeOf(from, to) {
  return /** @type {import("./types.js").SidePipe} */ (`${from} ${to}`);
}

/**
 * How far the lid of a cylinder reaches down into the room for its words.
 * @param {Box} box
 */
function lidOf({ h }) {
  return Math.max(0, 2 * Math.min(LID.most, h * LID.share) - EDGE + 1);
}

/**
 * @param {Box} box
 * @param {Rows} rows
 * @param {number} lid How much of its height a lid takes.
 * @returns {NodeLayout}
 */
function nodeIn(box, { form, line }, lid) {
  const { x, y, w, h } = box;
  const size = line / LINE;
  if (form === "tall") {
    const name = /** @type {const} */ ({ x: x + w / 2, y: y + EDGE + lid + size * ABOVE, anchor: "middle" });
    const says = { ...name, y: y + h - EDGE - (line - size) };
    return { box, name, says, lab: says };
  }
  const first = form === "flat" ? y + h / 2 + size * (ABOVE - 0.5) : y + EDGE + lid + size * ABOVE;
  const name = /** @type {const} */ ({ x: x + EDGE + 1, y: first, anchor: "start" });
  const says = { ...name, y: y + h - EDGE - (line - size) };
  return { box, name, says, lab: form === "flat" ? name : says };
}

/**
 * @param {Box} box
 * @param {Rows} rows
 * @returns {Dock}
 */
function dockIn({ x, y, w, h }, { form, mark, line }) {
  const size = MARK_HEIGHT * mark;
  if (form === "tall") {
    const at = { x: x + w / 2, y: y + EDGE + line + (h - 2 * EDGE - 2 * line) / 2 };
    return { ...oneRow(at, w - 2 * EDGE, mark), count: { x: x + w - EDGE - size / 2, y: y + h - EDGE - line / 2 } };
  }
  const at = { x: x + w - EDGE - size / 2, y: form === "flat" ? y + h / 2 : y + h - EDGE - size / 2 + 2 };
  return { ...oneRow(at, size + MARK_GAP, mark), count: { x: at.x, y: at.y - size / 2 - MARK_GAP } };
}
