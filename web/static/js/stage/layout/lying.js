// @ts-check
/**
 * The loop lying down, for a wide stage: the write side from left to right, RabbitMQ on the right, and
 * the read side from right to left. Pure.
 *
 * Everything is measured from the rows and columns in lines.js.
 */
import { oneRow, twoRows } from "./docks.js";
import { insteadOf } from "./instead.js";
import { MONGODB_IN, linesOf } from "./lines.js";
import { MARK_HEIGHT, PLAIN, ROW } from "./measures.js";
import { sidesBeside } from "./sides.js";

/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").Layout} Layout */
/** @typedef {import("./types.js").NodeLayout} NodeLayout */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Spot} Spot */
/** @typedef {import("./types.js").Measures} Measures */
/** @typedef {import("./lines.js").Lines} Lines */

/** From the browser to the stage's left edge. */
const LEFT = 4;
/** How far a store rises above other nodes at the top, and how much taller it is in all. */
const STORE_ABOVE = 10;
const STORE_HIGHER = 24;
const STORE_NAME_DOWN = 1;
/** How much shorter the browser is than other nodes, at the top and at the bottom. */
const BROWSER_IN = 2;
const BROWSER_NAME = { x: 5, y: -6 };
const BROWSER_COUNT = { x: 30, y: -16 };
const RABBITMQ_NAME_IN = 11;
/** How much of the room for marks a node's edges take. */
const NODE_EDGES = 8;
const SERVICE_EDGES = 8;
const MONGODB_EDGES = 40;
const BROWSER_ROOM = 4;
const BROWSER_ROWS = 3;
const LETTERS_ROOM = 46;
/** The pipe into the dead letters first goes up from the projector's line. */
const TO_LETTERS_UP = 60;
const LETTERS_COUNT = { x: -40, y: 48 };
/** The positions of labels and numbers that are not midway between two nodes. */
const ACKNOWLEDGED = { x: 7, up: 40 };
const RELAY_LABEL_X = 10;
const RELAY_COUNT_X = -20;
const QUEUE_COUNT_X = -10;
const COMMAND_COUNT_X = 58;
const SIDE_NAME = { x: 12, top: 18, bottom: -6 };
/** How far above or below a node the lab's work is written, and how far from RabbitMQ. */
const LAB_UP = 7;
const LAB_DOWN = 22;
const LAB_ASIDE = 6;
const LIP = 9;
/** From RabbitMQ's upper edge down to the other read models, which are clear of the store, and from these to what is below. */
const SIDES_IN = { top: 14, bottom: 6, beside: 1 };
/** The size of the words on a pipe, as in stage.css. */
const LINK_SIZE = { plain: 13, large: 17 };
/** From a pipe's line down to the baseline of the words on it, as a share of the size of a mark. */
const ON_PIPE_DOWN = 4.5;

/**
 * @param {number} width Of the stage, in units.
 * @param {number} height
 * @param {Measures} [type]
 * @param {readonly import("./types.js").RowName[]} [sides] The other read models that are on the stage.
 * @returns {Layout}
 */
export function lying(width, height, type = PLAIN, sides = []) {
  const lines = linesOf(width, height, type, sides.length > 0);
  const { writeY, readY, middle, relayX, storeX, storeW, rabbit, letters } = lines;
  const isLettersInside = letters.x >= rabbit.x;
  const isOnPipes = relayX - storeX - storeW >= type.link * Math.max(1, type.least / LINK_SIZE[type.name]);
  return {
    orientation: "lying", width, height, type, lip: LIP, middle,
    side: sidesBeside(sides, {
      right: rabbit.x - SIDES_IN.beside, top: rabbit.y + SIDES_IN.top, type, letters: { x: letters.x + type.letters.dock.x, y: letters.y + type.letters.dock.y },
      bottom: isLettersInside ? rabbit.y + rabbit.h - SIDES_IN.bottom : letters.y - SIDES_IN.bottom,
    }),
    // Where type needs more room than usual, there is none below a mark.
    levels: type.least > type.roomFor ? [] : [writeY, readY],
    nodes: nodesOf(lines),
    docks: docksOf(lines),
    pipes: pipesOf(lines),
    labels: labelsOf(lines),
    links: { isOnPipes, spots: linksOf(lines, isOnPipes) },
    sides: {
      write: { x: SIDE_NAME.x, y: SIDE_NAME.top, anchor: "start" },
      read: { x: SIDE_NAME.x, y: height + SIDE_NAME.bottom, anchor: "start" },
    },
  };
}

/**
 * @param {Lines} lines
 * @returns {Layout["nodes"]}
 */
function nodesOf({ type, top, bottom, middleY, halfMark, rabbit, letters, storeX, storeW, relayX, columns }) {
  const { node, first } = type;
  const service = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ w) =>
    named(type, { x, y, w, h: node }, { x: x + w / 2, y: y + type.nameY, anchor: "middle" });
  const store = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ w, nameW = w) =>
    named(
      type, { x, y: y - STORE_ABOVE, w, h: node + STORE_HIGHER },
      { x: x + nameW / 2, y: y + type.nameY + STORE_NAME_DOWN, anchor: "middle" },
    );
  const projector = service(relayX, bottom, type.relay);
  const query = service(first, bottom, type.service);
  return {
    "browser": named(
      type, { x: LEFT, y: middleY - node / 2 + BROWSER_IN, w: type.browser, h: node - 2 * BROWSER_IN },
      { x: columns.browser + halfMark + BROWSER_NAME.x, y: middleY + BROWSER_NAME.y, anchor: "start" },
    ),
    "command-service": service(first, top, type.service),
    "postgresql": store(storeX, top, storeW, type.postgresql),
    "outbox": store(storeX + type.postgresql, top, type.outbox),
    "relay": service(relayX, top, type.relay),
    "rabbitmq": labInside(named(
      type, rabbit, { x: rabbit.x + RABBITMQ_NAME_IN, y: rabbit.y + type.nameY, anchor: "start" },
    )),
    "dead-letters": named(
      type, letters, { x: letters.x + letters.w / 2, y: letters.y + type.letters.nameY, anchor: "middle" },
    ),
    "projector": {
      ...projector,
      lab: type.isLabBelow
        ? { ...projector.lab, y: bottom + node + LAB_DOWN }
        : { x: rabbit.x - LAB_ASIDE, y: bottom - LAB_UP, anchor: "end" },
    },
    "mongodb": labInside(store(storeX + MONGODB_IN, bottom, storeW - 2 * MONGODB_IN)),
    "query-service": type.isLabBelow ? { ...query, lab: { ...query.lab, y: bottom + node + LAB_DOWN } } : query,
  };
}

/**
 * A node with its words. What the lab does there is written above its middle.
 * @param {Measures} type
 * @param {Box} box
 * @param {Spot} name
 * @returns {NodeLayout}
 */
function named(type, box, name) {
  return {
    box, name, says: { ...name, y: name.y + type.saysY },
    lab: { x: box.x + box.w / 2, y: box.y - LAB_UP, anchor: name.anchor },
  };
}

/**
 * The same where there is no room above: what the lab does there takes the place of what it contains.
 * @param {NodeLayout} node
 * @returns {NodeLayout}
 */
function labInside(node) {
  return { ...node, lab: node.says };
}

/**
 * @param {Lines} lines
 * @returns {Layout["docks"]}
 */
function docksOf({ type, middleY, writeY, readY, headY, halfMark, rabbit, letters, storeW, columns }) {
  const row = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ room) =>
    oneRow({ x, y }, room, type.mark);
  const inStore = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ room) =>
    type.storeRows === 2 ? twoRows({ x, y }, room, type.mark) : row(x, y, room);
  const { letters: { dock, count } } = type;
  return {
    "browser": {
      ...row(columns.browser, middleY, 2 * halfMark + BROWSER_ROOM), rows: BROWSER_ROWS,
      count: { x: columns.browser + halfMark + BROWSER_COUNT.x, y: middleY + type.node / 2 + BROWSER_COUNT.y },
    },
    "command-service": row(columns.service, writeY, type.service - SERVICE_EDGES),
    "outbox": inStore(columns.outbox, writeY, type.outbox - NODE_EDGES),
    "relay": row(columns.worker, writeY, type.relay - NODE_EDGES),
    "queue": queueOf(type, rabbit, { x: columns.queue, y: headY }),
    "projector": row(columns.worker, readY, type.relay - NODE_EDGES),
    "mongodb": inStore(columns.store, readY, storeW - 2 * MONGODB_IN - MONGODB_EDGES),
    "dead-letters": {
      ...row(letters.x + dock.x, letters.y + dock.y, LETTERS_ROOM),
      count: { x: letters.x + count.x, y: letters.y + count.y },
    },
  };
}

/**
 * The queue stands on its head: the next message to be delivered is at the bottom.
 * @param {Measures} type
 * @param {Box} rabbit
 * @param {Point} head
 * @returns {import("./types.js").Dock}
 */
function queueOf({ mark, queue }, rabbit, head) {
  const step = -ROW * mark;
  const rows = Math.max(1, Math.floor((rabbit.h - queue.head) / -step));
  return {
    ...oneRow(head, rabbit.w - queue.aside, mark), fill: "end", rows, step,
    isShared: queue.isShared, worded: queue.isWorded ? rows : 0, wordStep: { x: 0, y: step },
    count: {
      x: rabbit.x + queue.count.x,
      y: queue.isShared ? head.y + (rows - 1) * step : rabbit.y + queue.count.y,
    },
  };
}

/**
 * @param {Lines} lines
 * @returns {Layout["pipes"]}
 */
function pipesOf({ type, middleY, writeY, readY, headY, relayX, last, letters, columns, between }) {
  const { browser, service, outbox, worker, queue, store } = columns;
  const letterDock = { x: letters.x + type.letters.dock.x, y: letters.y + type.letters.dock.y };
  const down = MARK_HEIGHT * type.mark;
  const at = (/** @type {number} */ x, /** @type {number} */ y) => ({ x, y });
  return {
    "browser command-service": {
      points: [at(browser, middleY), at(browser, writeY), at(service, writeY)],
      count: at(browser + COMMAND_COUNT_X, writeY + down),
    },
    "command-service outbox": {
      points: [at(service, writeY), at(outbox, writeY)], count: at(between.commandAndStore, writeY + down),
    },
    "outbox relay": {
      points: [at(outbox, writeY), at(worker, writeY)], count: at(between.storeAndRelay, writeY + down),
    },
    "relay queue": {
      points: [at(worker, writeY), at(queue, writeY), at(queue, headY)],
      count: at((last + queue + RELAY_COUNT_X) / 2, writeY + down),
    },
    "queue projector": {
      points: [at(queue, headY), at(queue, readY), at(worker, readY)],
      count: at((last + queue + QUEUE_COUNT_X) / 2, readY + down),
    },
    "projector mongodb": {
      points: [at(worker, readY), at(store, readY)], count: at(between.projectorAndMongodb, readY + down),
    },
    "mongodb browser": {
      points: [at(store, readY), at(browser, readY), at(browser, middleY)],
      count: at(between.mongodbAndQuery, readY + down),
    },
    "projector dead-letters": {
      points: [at(worker, readY), at(worker, readY - TO_LETTERS_UP), letterDock],
      count: at(relayX + LETTERS_COUNT.x, readY + LETTERS_COUNT.y * type.mark),
    },
  };
}

/**
 * @param {Lines} lines
 * @returns {Layout["labels"]}
 */
function labelsOf({ type, top, middleY, writeY, readY, last, halfMark, columns, between }) {
  const above = (/** @type {number} */ x, /** @type {number} */ lineY) =>
    /** @type {Spot} */ ({ x, y: lineY - type.labelY, anchor: "middle" });
  const besideBrowser = middleY - type.node / 2 - ACKNOWLEDGED.up;
  return {
    acknowledged: {
      x: columns.browser + halfMark + ACKNOWLEDGED.x,
      y: Math.max(besideBrowser, top + type.node + type.acknowledgedY),
      anchor: "start",
    },
    commit: above(between.commandAndStore, writeY),
    outbox: above(between.storeAndRelay, writeY),
    relay: above((last + columns.queue + RELAY_LABEL_X) / 2, writeY),
    queue: { ...above(columns.queue - halfMark + type.queue.labelX, readY), anchor: "end" },
    projector: above(between.projectorAndMongodb, readY),
    read: above(between.mongodbAndQuery, readY),
  };
}

/**
 * What the lab does to a link stands on its pipe, in the middle between its nodes. Where there is no room for that, it
 * takes the place of the name of its stretch.
 * @param {Lines} lines
 * @param {boolean} isOnPipes
 * @returns {Layout["links"]["spots"]}
 */
function linksOf(lines, isOnPipes) {
  const { type, writeY, readY, last, columns, between } = lines;
  const instead = insteadOf(labelsOf(lines), type);
  if (!isOnPipes) return instead;
  const on = (/** @type {number} */ x, /** @type {number} */ y) =>
    /** @type {Spot} */ ({ x, y: y + ON_PIPE_DOWN * type.mark, anchor: "middle" });
  return {
    ...instead,
    "command-service-postgresql": on(between.commandAndStore, writeY),
    "relay-postgresql": on(between.storeAndRelay, writeY),
    "relay-rabbitmq": on((last + columns.queue) / 2, writeY),
    "projector-rabbitmq": on((last + columns.queue) / 2, readY),
    "projector-mongodb": on(between.projectorAndMongodb, readY),
    "query-service-mongodb": on(between.mongodbAndQuery, readY),
  };
}
