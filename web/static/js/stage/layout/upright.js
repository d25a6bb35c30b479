// @ts-check
/**
 * The loop standing upright, for a narrow stage: the browser at the top, the write side down the left,
 * RabbitMQ at the bottom, and the read side up the right. Pure.
 */
import { oneRow } from "./docks.js";
import { HALF_WIDE_MARK, PLAIN, ROW } from "./measures.js";

/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").Dock} Dock */
/** @typedef {import("./types.js").Layout} Layout */
/** @typedef {import("./types.js").NodeLayout} NodeLayout */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Spot} Spot */
/** @typedef {ReturnType<typeof columnsOf>} Columns */

/** The upper edges of the rows, and the height of the last one including what is below it. */
const ROWS = { browser: 6, service: 124, store: 238, worker: 434, queue: 546 };
const LAST_ROW = 122;
/** From the stage's edge to a column, from one column to the other, and from a column's outer edge to its pipe. */
const MARGIN = 4;
const BETWEEN = 14;
const PIPE_IN = 28;
/** From a pipe to the words beside it. */
const WORDS_IN = 29;
/** From a column's inner edge to the number of undrawn marks, in a node and beside a pipe. */
const COUNT_IN = 26;
const LEFT_COUNT_IN = 14;
const RIGHT_COUNT_IN = 3;
/** The heights of nodes, and the distances of things below their upper edges. */
const BROWSER = { h: 46, nameY: 21, dockY: 23, countX: -54 };
const SERVICE = { h: 58, nameY: 26, dockY: 29, countY: 42, labelY: 80, room: 50 };
const STORE = { h: 150, labelY: 170 };
const POSTGRESQL = { nameY: 36 };
const OUTBOX = { y: 66, nameY: 91, dockY: 126, countY: 98, edges: 10 };
const MONGODB = { nameY: 72, dockY: 48, pipeY: 76, rows: 4, countX: 30, countY: 120 };
const RABBITMQ = { h: 114, nameY: 21, dockY: 64, rows: 2, worded: 3, countX: 4 };
/** The distance between messages that each have a word beside them, as a share of the queue's length. */
const WORDED_SHARE = 1 / 2.5;
/** The dead letters lie in RabbitMQ, to the left of the right pipe. */
const LETTERS = { x: -136, y: 5, w: 108, h: 38, nameX: -82, nameY: 20, dockX: -164, dockY: 22, countY: 44, room: 46, pipeCountY: 99 };
const ACKNOWLEDGED_Y = 92;
const SIDE_NAME_Y = 68;
/** How far the number beside a pipe is below the first line of the label there, which is the longer one. */
const COUNT_DOWN = 9;
const LIP = 8;

/**
 * @param {number} width Of the stage, in units.
 * @returns {Layout}
 */
export function upright(width) {
  const columns = columnsOf(width);
  const height = ROWS.queue + LAST_ROW;
  return {
    orientation: "upright", width, height, type: PLAIN, lip: LIP, middle: null, levels: [],
    nodes: nodesOf(columns),
    docks: docksOf(columns),
    pipes: pipesOf(columns),
    labels: labelsOf(columns),
    sides: {
      write: columns.leftWords(ROWS.browser + SIDE_NAME_Y), read: columns.rightWords(ROWS.browser + SIDE_NAME_Y),
    },
  };
}

/** @param {number} width */
function columnsOf(width) {
  const w = (width - 2 * MARGIN - BETWEEN) / 2;
  const rightX = MARGIN + w + BETWEEN;
  const downX = MARGIN + PIPE_IN;
  const upX = rightX + w - PIPE_IN;
  return {
    width, w, rightX, downX, upX,
    leftX: MARGIN,
    leftEnd: MARGIN + w,
    /** @type {(y: number) => Spot} */
    leftWords: (y) => ({ x: downX + WORDS_IN, y, anchor: "start" }),
    /** @type {(y: number) => Spot} */
    rightWords: (y) => ({ x: upX - WORDS_IN, y, anchor: "end" }),
  };
}

/**
 * @param {Columns} columns
 * @returns {Layout["nodes"]}
 */
function nodesOf({ width, w, leftX, rightX, upX, leftWords, rightWords }) {
  const { browser, service, store, worker, queue } = ROWS;
  const left = (/** @type {number} */ y, /** @type {number} */ h, /** @type {number} */ nameY) =>
    named({ x: leftX, y, w, h }, leftWords(y + nameY));
  const right = (/** @type {number} */ y, /** @type {number} */ h, /** @type {number} */ nameY) =>
    named({ x: rightX, y, w, h }, rightWords(y + nameY));
  const across = (/** @type {number} */ y, /** @type {number} */ h) => ({ x: MARGIN, y, w: width - 2 * MARGIN, h });
  return {
    "browser": named(across(browser, BROWSER.h), { x: width / 2, y: browser + BROWSER.nameY, anchor: "middle" }),
    "command-service": left(service, SERVICE.h, SERVICE.nameY),
    "postgresql": left(store, STORE.h, POSTGRESQL.nameY),
    "outbox": left(store + OUTBOX.y, STORE.h - OUTBOX.y, OUTBOX.nameY - OUTBOX.y),
    "relay": left(worker, SERVICE.h, SERVICE.nameY),
    "rabbitmq": named(across(queue, RABBITMQ.h), leftWords(queue + RABBITMQ.nameY)),
    "dead-letters": named(
      { x: upX + LETTERS.x, y: queue + LETTERS.y, w: LETTERS.w, h: LETTERS.h },
      { x: upX + LETTERS.nameX, y: queue + LETTERS.nameY, anchor: "middle" },
    ),
    "projector": right(worker, SERVICE.h, SERVICE.nameY),
    "mongodb": right(store, STORE.h, MONGODB.nameY),
    "query-service": right(service, SERVICE.h, SERVICE.nameY),
  };
}

/**
 * A node with its words. What the lab does there takes the place of what it contains.
 * @param {Box} box
 * @param {Spot} name
 * @returns {NodeLayout}
 */
function named(box, name) {
  const says = { ...name, y: name.y + PLAIN.saysY };
  return { box, name, says, lab: says };
}

/**
 * @param {Columns} columns
 * @returns {Layout["docks"]}
 */
function docksOf({ w, leftX, leftEnd, rightX, downX, upX }) {
  const { browser, service, store, worker, queue } = ROWS;
  const leftCount = leftEnd - COUNT_IN;
  const inService = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ countX) =>
    counted({ x, y: y + SERVICE.dockY }, SERVICE.room, { x: countX, y: y + SERVICE.countY });
  const queueY = queue + RABBITMQ.dockY;
  return {
    "browser": counted(
      { x: upX, y: browser + BROWSER.dockY }, SERVICE.room, { x: upX + BROWSER.countX, y: browser + BROWSER.dockY },
    ),
    "command-service": inService(downX, service, leftCount),
    "outbox": counted(
      { x: leftX + w / 2, y: store + OUTBOX.dockY }, w - OUTBOX.edges, { x: leftCount, y: store + OUTBOX.countY },
    ),
    "relay": inService(downX, worker, leftCount),
    "queue": {
      ...counted({ x: upX, y: queueY }, upX - downX + 2 * HALF_WIDE_MARK, { x: downX + RABBITMQ.countX, y: queueY + ROW }),
      fill: "end", rows: RABBITMQ.rows, isShared: true,
      worded: RABBITMQ.worded, wordStep: { x: (downX - upX) * WORDED_SHARE, y: 0 },
    },
    "projector": inService(upX, worker, rightX + COUNT_IN),
    "mongodb": {
      ...counted(
        { x: upX, y: store + MONGODB.dockY }, SERVICE.room, { x: rightX + MONGODB.countX, y: store + MONGODB.countY },
      ),
      rows: MONGODB.rows,
    },
    "dead-letters": counted(
      { x: upX + LETTERS.dockX, y: queue + LETTERS.dockY }, LETTERS.room,
      { x: upX + LETTERS.dockX, y: queue + LETTERS.countY },
    ),
  };
}

/**
 * @param {Point} at
 * @param {number} room
 * @param {Point} count
 * @returns {Dock}
 */
function counted(at, room, count) {
  return { ...oneRow(at, room), count };
}

/**
 * @param {Columns} columns
 * @returns {Layout["pipes"]}
 */
function pipesOf({ leftEnd, rightX, downX, upX }) {
  const { browser, service, store, worker, queue } = ROWS;
  const [browserY, serviceY, workerY] = [browser + BROWSER.dockY, service + SERVICE.dockY, worker + SERVICE.dockY];
  const [outboxY, mongodbY, queueY] = [store + OUTBOX.dockY, store + MONGODB.pipeY, queue + RABBITMQ.dockY];
  const down = (/** @type {number} */ y) => ({ x: downX, y });
  const up = (/** @type {number} */ y) => ({ x: upX, y });
  const left = (/** @type {number} */ labelY) => ({ x: leftEnd - LEFT_COUNT_IN, y: labelY + COUNT_DOWN });
  const right = (/** @type {number} */ labelY) => ({ x: rightX + RIGHT_COUNT_IN, y: labelY + COUNT_DOWN });
  return {
    "browser command-service": { points: [down(browserY), down(serviceY)], count: left(browser + ACKNOWLEDGED_Y) },
    "command-service outbox": { points: [down(serviceY), down(outboxY)], count: left(service + SERVICE.labelY) },
    "outbox relay": { points: [down(outboxY), down(workerY)], count: left(store + STORE.labelY) },
    "relay queue": { points: [down(workerY), down(queueY), up(queueY)], count: left(worker + SERVICE.labelY) },
    "queue projector": { points: [up(queueY), up(workerY)], count: right(worker + SERVICE.labelY) },
    "projector mongodb": { points: [up(workerY), up(mongodbY)], count: right(store + STORE.labelY) },
    "mongodb browser": { points: [up(mongodbY), up(browserY)], count: right(service + SERVICE.labelY) },
    "projector dead-letters": {
      points: [up(workerY), { x: upX + LETTERS.dockX, y: queue + LETTERS.dockY }],
      count: { x: rightX + RIGHT_COUNT_IN, y: worker + LETTERS.pipeCountY },
    },
  };
}

/**
 * @param {Columns} columns
 * @returns {Layout["labels"]}
 */
function labelsOf({ leftWords, rightWords }) {
  const { browser, service, store, worker } = ROWS;
  return {
    acknowledged: leftWords(browser + ACKNOWLEDGED_Y),
    commit: leftWords(service + SERVICE.labelY),
    outbox: leftWords(store + STORE.labelY),
    relay: leftWords(worker + SERVICE.labelY),
    queue: rightWords(worker + SERVICE.labelY),
    projector: rightWords(store + STORE.labelY),
    read: rightWords(service + SERVICE.labelY),
  };
}
