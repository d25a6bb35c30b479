// @ts-check
/**
 * The loop standing upright, for a narrow stage: the browser at the top, the write side down the left,
 * RabbitMQ at the bottom, and the read side up the right. Pure.
 */
import { oneRow } from "./docks.js";
import { insteadOf } from "./instead.js";
import { HALF_WIDE_MARK, PLAIN, ROW } from "./measures.js";
import { heightOf, sidesBelow } from "./sides.js";

/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").Dock} Dock */
/** @typedef {import("./types.js").Layout} Layout */
/** @typedef {import("./types.js").NodeLayout} NodeLayout */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Spot} Spot */
/** @typedef {import("./types.js").Measures} Measures */
/** @typedef {ReturnType<typeof columnsOf>} Columns */
/** @typedef {ReturnType<typeof rowsOf>} Rows */

/** The least height of the loop, and the one at which nothing in it is crowded. */
const HEIGHTS = { least: 582, free: 668 };
/**
 * Heights, and distances below the upper edge of each thing: in a loop of the least height, and in a free
 * one. The words of a stretch lie below the node before it.
 */
const DOWN = /** @type {const} @satisfies {Record<string, readonly [number, number]>} */ ({
  top: [4, 6],
  browserH: [40, 46], browserName: [17, 21], browserDock: [20, 23],
  sides: [16, 22], acknowledged: [34, 46], belowBrowser: [58, 72],
  serviceH: [52, 58], serviceName: [22, 26], serviceDock: [26, 29], serviceCount: [38, 42],
  label: [16, 22], belowService: [42, 56],
  storeH: [136, 150], postgresqlName: [30, 36], outbox: [58, 66], outboxName: [79, 91], outboxDock: [115, 126],
  outboxCount: [86, 98], mongodbName: [66, 72], mongodbDock: [44, 48], mongodbPipe: [70, 76], mongodbRows: [3, 4],
  mongodbCount: [112, 120], storeLabel: [16, 20], belowStore: [44, 46],
  lettersCount: [34, 41], belowWorker: [44, 54],
  queueH: [106, 114], queueName: [20, 21], queueDock: [60, 64], bottom: [4, 8],
});
/** From the stage's edge to a column, from one column to the other, and from a column's outer edge to its pipe. */
const MARGIN = 4;
const BETWEEN = 14;
const PIPE_IN = 24;
/** From a pipe to the words beside it. */
const WORDS_IN = 28;
/** From a column's inner edge to the number of undrawn marks, in a node and beside a pipe. */
const COUNT_IN = 26;
const LEFT_COUNT_IN = 14;
const RIGHT_COUNT_IN = 3;
const BROWSER_COUNT_X = -54;
const SERVICE_ROOM = 50;
const OUTBOX_EDGES = 10;
const MONGODB_COUNT_X = 30;
const RABBITMQ = { rows: 2, worded: 3, countX: 4 };
/** The distance between messages that each have a word beside them, as a share of the queue's length. */
const WORDED_SHARE = 1 / 2.5;
/** The dead letters lie in RabbitMQ, to the left of the right pipe. */
const LETTERS = { x: -136, y: 5, w: 108, h: 38, nameX: -82, nameY: 20, dockX: -164, dockY: 22, countY: 44, room: 46 };
/** How far the number beside a pipe is below the first line of the label there, which is the longer one. */
const COUNT_DOWN = 9;
const LIP = 8;

/** The least height of the upright loop, in units. */
export const UPRIGHT_LEAST = HEIGHTS.least;

/**
 * @param {number} width Of the stage, in units.
 * @param {number} height
 * @param {Measures} type
 * @param {readonly import("./types.js").RowName[]} [sides] The other read models that are on the stage.
 * @returns {Layout}
 */
export function upright(width, height, type, sides = []) {
  const columns = columnsOf(width);
  const further = heightOf(sides);
  const rows = rowsOf(Math.max(HEIGHTS.least, height - further));
  const labels = labelsOf(columns, rows);
  const belowBrowser = rows.browser + rows.browserH + rows.sides;
  return {
    orientation: "upright", width, height: rows.height + further, type, lip: LIP, middle: null, levels: [],
    side: sidesBelow(sides, {
      x: MARGIN, y: rows.queue + rows.queueH, w: width - 2 * MARGIN, least: type.least,
      letters: { x: columns.upX + LETTERS.dockX, y: rows.queue + LETTERS.dockY },
    }),
    nodes: nodesOf(columns, rows),
    docks: docksOf(columns, rows),
    pipes: pipesOf(columns, rows),
    labels, links: { isOnPipes: false, spots: insteadOf(labels, type) },
    sides: { write: columns.leftWords(belowBrowser), read: columns.rightWords(belowBrowser) },
  };
}

/**
 * The upper edges of the rows, with all the distances for a loop of that height. What a free loop does not
 * need lies between its rows.
 * @param {number} height
 */
function rowsOf(height) {
  const share = Math.min(1, (height - HEIGHTS.least) / (HEIGHTS.free - HEIGHTS.least));
  const more = Math.max(0, height - HEIGHTS.free) / 4;
  const down = /** @type {Record<keyof typeof DOWN, number>} */ (Object.fromEntries(
    Object.entries(DOWN).map(([name, [least, free]]) => [name, least + (free - least) * share]),
  ));
  const browser = down.top;
  const service = browser + down.browserH + down.belowBrowser + more;
  const store = service + down.serviceH + down.belowService + more;
  const worker = store + down.storeH + down.belowStore + more;
  const queue = worker + down.serviceH + down.belowWorker + more;
  return { ...down, browser, service, store, worker, queue, height: queue + down.queueH + down.bottom };
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
 * @param {Rows} rows
 * @returns {Layout["nodes"]}
 */
function nodesOf({ width, w, leftX, rightX, upX, leftWords, rightWords }, rows) {
  const { browser, service, store, worker, queue } = rows;
  const left = (/** @type {number} */ y, /** @type {number} */ h, /** @type {number} */ nameY) =>
    named({ x: leftX, y, w, h }, leftWords(y + nameY));
  const right = (/** @type {number} */ y, /** @type {number} */ h, /** @type {number} */ nameY) =>
    named({ x: rightX, y, w, h }, rightWords(y + nameY));
  const across = (/** @type {number} */ y, /** @type {number} */ h) => ({ x: MARGIN, y, w: width - 2 * MARGIN, h });
  return {
    "browser": named(across(browser, rows.browserH), { x: width / 2, y: browser + rows.browserName, anchor: "middle" }),
    "command-service": left(service, rows.serviceH, rows.serviceName),
    "postgresql": left(store, rows.storeH, rows.postgresqlName),
    "outbox": left(store + rows.outbox, rows.storeH - rows.outbox, rows.outboxName - rows.outbox),
    "relay": left(worker, rows.serviceH, rows.serviceName),
    "rabbitmq": named(across(queue, rows.queueH), leftWords(queue + rows.queueName)),
    "dead-letters": named(
      { x: upX + LETTERS.x, y: queue + LETTERS.y, w: LETTERS.w, h: LETTERS.h },
      { x: upX + LETTERS.nameX, y: queue + LETTERS.nameY, anchor: "middle" },
    ),
    "projector": right(worker, rows.serviceH, rows.serviceName),
    "mongodb": right(store, rows.storeH, rows.mongodbName),
    "query-service": right(service, rows.serviceH, rows.serviceName),
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
 * @param {Rows} rows
 * @returns {Layout["docks"]}
 */
function docksOf({ w, leftX, leftEnd, rightX, downX, upX }, rows) {
  const { browser, service, store, worker, queue } = rows;
  const leftCount = leftEnd - COUNT_IN;
  const inService = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ countX) =>
    counted({ x, y: y + rows.serviceDock }, SERVICE_ROOM, { x: countX, y: y + rows.serviceCount });
  const browserY = browser + rows.browserDock;
  const queueY = queue + rows.queueDock;
  return {
    "browser": counted({ x: upX, y: browserY }, SERVICE_ROOM, { x: upX + BROWSER_COUNT_X, y: browserY }),
    "command-service": inService(downX, service, leftCount),
    "outbox": counted(
      { x: leftX + w / 2, y: store + rows.outboxDock }, w - OUTBOX_EDGES, { x: leftCount, y: store + rows.outboxCount },
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
        { x: upX, y: store + rows.mongodbDock }, SERVICE_ROOM, { x: rightX + MONGODB_COUNT_X, y: store + rows.mongodbCount },
      ),
      rows: Math.floor(rows.mongodbRows),
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
 * @param {Rows} rows
 * @returns {Layout["pipes"]}
 */
function pipesOf({ leftEnd, rightX, downX, upX }, rows) {
  const { browser, service, store, worker, queue } = rows;
  const [browserY, serviceY, workerY] = [browser + rows.browserDock, service + rows.serviceDock, worker + rows.serviceDock];
  const [outboxY, mongodbY, queueY] = [store + rows.outboxDock, store + rows.mongodbPipe, queue + rows.queueDock];
  const labels = labelLines(rows);
  const down = (/** @type {number} */ y) => ({ x: downX, y });
  const up = (/** @type {number} */ y) => ({ x: upX, y });
  const left = (/** @type {number} */ labelY) => ({ x: leftEnd - LEFT_COUNT_IN, y: labelY + COUNT_DOWN });
  const right = (/** @type {number} */ labelY) => ({ x: rightX + RIGHT_COUNT_IN, y: labelY + COUNT_DOWN });
  return {
    "browser command-service": { points: [down(browserY), down(serviceY)], count: left(labels.acknowledged) },
    "command-service outbox": { points: [down(serviceY), down(outboxY)], count: left(labels.service) },
    "outbox relay": { points: [down(outboxY), down(workerY)], count: left(labels.store) },
    "relay queue": { points: [down(workerY), down(queueY), up(queueY)], count: left(labels.worker) },
    "queue projector": { points: [up(queueY), up(workerY)], count: right(labels.worker) },
    "projector mongodb": { points: [up(workerY), up(mongodbY)], count: right(labels.store) },
    "mongodb browser": { points: [up(mongodbY), up(browserY)], count: right(labels.service) },
    "projector dead-letters": {
      points: [up(workerY), { x: upX + LETTERS.dockX, y: queue + LETTERS.dockY }],
      count: { x: rightX + RIGHT_COUNT_IN, y: worker + rows.serviceH + rows.lettersCount },
    },
  };
}

/**
 * Below which node the words of a stretch lie, and how far down.
 * @param {Rows} rows
 */
function labelLines({ browser, service, store, worker, browserH, serviceH, storeH, acknowledged, label, storeLabel }) {
  return {
    acknowledged: browser + browserH + acknowledged,
    service: service + serviceH + label,
    store: store + storeH + storeLabel,
    worker: worker + serviceH + label,
  };
}

/**
 * @param {Columns} columns
 * @param {Rows} rows
 * @returns {Layout["labels"]}
 */
function labelsOf({ leftWords, rightWords }, rows) {
  const { acknowledged, service, store, worker } = labelLines(rows);
  return {
    acknowledged: leftWords(acknowledged),
    commit: leftWords(service),
    outbox: leftWords(store),
    relay: leftWords(worker),
    queue: rightWords(worker),
    projector: rightWords(store),
    read: rightWords(service),
  };
}
