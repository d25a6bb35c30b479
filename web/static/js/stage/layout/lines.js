// @ts-check
/** The rows, columns and boxes of the loop lying down; everything else in it is measured from them. Pure. */
import { HALF_WIDE_MARK } from "./measures.js";
import { widthsOf } from "./sides.js";

/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").Measures} Measures */
/** @typedef {ReturnType<typeof linesOf>} Lines */

/** From the lower row of nodes down to the stage's edge. */
const BELOW = 32;
/** From RabbitMQ to the stage's right edge. */
const RIGHT = 10;
/** From a mark at the browser or in the queue to the edge of that box. */
const BESIDE_MARK = 9;
/** How much narrower MongoDB is than PostgreSQL with its outbox, on either side. */
export const MONGODB_IN = 34;
/** The distances of RabbitMQ and the queue in it from the upper row, and of the queue from the lower one. */
const RABBITMQ_DOWN = 4;
const QUEUE_DOWN = 12;
const QUEUE_UP = 10;
/** From the other read models to the middle. */
const BESIDE_SIDES = 12;
/** From RabbitMQ's lower edge up to the head of the queue. */
const QUEUE_HEAD_UP = 20;

/**
 * @param {number} width
 * @param {number} height
 * @param {Measures} type
 * @param {boolean} [hasSides] Whether other read models are on the stage, between RabbitMQ and its middle.
 */
export function linesOf(width, height, type, hasSides = false) {
  const { top, node, first, queue } = type;
  const bottom = height - node - BELOW;
  const halfMark = HALF_WIDE_MARK * type.mark;
  const queueTop = top + node + QUEUE_DOWN;
  const queueBottom = bottom - QUEUE_UP;
  const rabbitW = Math.max(type.rabbit.least, Math.min(type.rabbit.most, width * type.rabbit.share));
  /** @type {Box} */
  const rabbit = {
    x: width - RIGHT - rabbitW, y: top + node + RABBITMQ_DOWN, w: rabbitW, h: queueBottom - queueTop + queue.foot,
  };
  const { letters: { x, up, w, h }, middle } = type;
  /** @type {Box} */
  const letters = { x: rabbit.x + x, y: rabbit.y + rabbit.h - up, w, h };
  const storeW = type.postgresql + type.outbox;
  const middleRight = hasSides ? Math.max(middle.right, widthsOf(type).whole + BESIDE_SIDES) : middle.right;
  const last = rabbit.x + type.relayPast;
  const storeX = first + type.service + (last - first - type.service - storeW - type.relay) / 2;
  const middleY = (top + bottom + node) / 2;
  return {
    type, top, bottom, middleY, halfMark, rabbit, letters, storeX, storeW, last,
    writeY: top + type.dockY,
    readY: bottom + type.dockY,
    relayX: last - type.relay,
    headY: rabbit.y + rabbit.h - QUEUE_HEAD_UP * type.mark,
    /** The middles of the columns, through which the pipes run. */
    columns: {
      browser: BESIDE_MARK + halfMark,
      service: first + type.service / 2,
      store: storeX + storeW / 2,
      outbox: storeX + type.postgresql + type.outbox / 2,
      worker: last - type.relay / 2,
      queue: rabbit.x + rabbit.w - halfMark - BESIDE_MARK,
    },
    /** The middles between two nodes, where labels and numbers are written. */
    between: {
      commandAndStore: (first + type.service + storeX) / 2,
      storeAndRelay: (storeX + storeW + last - type.relay) / 2,
      projectorAndMongodb: (storeX + storeW - MONGODB_IN + last - type.relay) / 2,
      mongodbAndQuery: (first + type.service + storeX + MONGODB_IN) / 2,
    },
    /** @type {Box} */
    middle: {
      x: middle.left, y: queueTop + middle.top,
      w: rabbit.x - middleRight - middle.left, h: queueBottom - queueTop - middle.top - middle.bottom,
    },
  };
}
