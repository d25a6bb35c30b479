// @ts-check
/**
 * Where everything on the stage is, for a stage of any size. Pure geometry, in units that the
 * drawing scales up; the loop lies where there is width, and stands upright where there is not.
 */

/** @typedef {import("../journal/hops.js").Place} Place */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, w: number, h: number}} Box */
/** @typedef {{x: number, y: number, anchor: "start"|"middle"|"end"}} Spot Where text stands. */

/**
 * @typedef {object} NodeLayout
 * @property {Box} box
 * @property {Spot} text The baseline of the name; what it holds is written a line below.
 * @property {Spot} [above] Where it is written what the lab does there, if not in the middle above it.
 */

/**
 * @typedef {object} Dock Where marks stand at a place: in rows, off the names.
 * @property {Point} at Where the pipe meets it, and the first row runs.
 * @property {"middle"|"end"} fill From where a row fills up: from its middle, or from `at` to the left.
 * @property {number} room How wide a row is.
 * @property {number} rows
 * @property {number} step From a row to the next.
 * @property {number} mark How large marks are there.
 * @property {Point} count Where the number of those is written that are not drawn.
 * @property {boolean} isShared Whether that is at the last stands, which are then nobody's.
 * @property {number} worded So many can stand there with a word beside each.
 * @property {Point} wordStep And then stand so far from each other.
 */

/**
 * @typedef {object} Layout
 * @property {"lying"|"upright"} orientation
 * @property {number} width
 * @property {number} height
 * @property {Record<string, NodeLayout>} nodes
 * @property {Record<Place, Dock>} docks
 * @property {Record<string, Point[]>} pipes By "from to".
 * @property {Record<string, Spot>} labels Where the duration of a span is written.
 * @property {Record<string, Point>} counts By pipe: where the number of those on it is written that
 *   are not drawn.
 * @property {Box} centre The free room in the middle of the loop.
 * @property {{write: Spot, read: Spot}} sides
 * @property {Measures} type
 */

/**
 * @typedef {object} Measures What the size of the type asks for, where the loop lies.
 * @property {number} width Of a stage that is as narrow as it can be.
 * @property {number} height
 * @property {number} mark How large a mark is, against one of the plain stage.
 * @property {number} text How large the words in the middle are, likewise.
 * @property {number} top
 * @property {number} node The height of a node.
 * @property {number} nameY The baselines of a node's name, and of what it says,
 * @property {number} saysY below the name;
 * @property {number} dockY and the pipe's line, below both: it never runs through a name.
 * @property {number} labelY From a pipe's line up to its label.
 * @property {number} service The widths of nodes.
 * @property {number} postgresql
 * @property {number} outbox
 * @property {number} relay
 * @property {number} browser
 * @property {(width: number) => number} rabbit
 */

/** As read from a laptop. @type {Measures} */
export const PLAIN = {
  width: 988, height: 450, mark: 1, text: 1, top: 28, node: 96, nameY: 24, saysY: 18, dockY: 60, labelY: 32,
  service: 120, postgresql: 126, outbox: 114, relay: 108, browser: 134,
  rabbit: (width) => Math.max(168, Math.min(220, width * 0.17)),
};
/** As read from the back of a room: less around the names, and all of it larger. @type {Measures} */
export const LARGE = {
  width: 1264, height: 522, mark: 1.4, text: 1.5, top: 26, node: 126, nameY: 30, saysY: 26, dockY: 80, labelY: 40,
  service: 180, postgresql: 204, outbox: 152, relay: 184, browser: 240, rabbit: () => 312,
};
/** A mark is so high, and so wide by the digits of its number; the least room between two. */
export const MARK_HEIGHT = 25;
const MARK_WIDTHS = [25, 25, 25, 36, 46, 55];
const MARK_GAP = 3;
const COUNT_WIDTH = 46;
const ROW = MARK_HEIGHT + MARK_GAP;

/**
 * How wide a mark is whose number has so many digits.
 * @param {number} digits
 */
export function markWidth(digits) {
  return MARK_WIDTHS[digits] ?? 9.3 * digits + 9;
}

/**
 * @param {number} width Of the stage, in units.
 * @param {number} height
 * @param {Measures} [type]
 * @returns {Layout}
 */
export function lying(width, height, type = PLAIN) {
  const isLarge = type !== PLAIN;
  const { top, node, dockY } = type;
  const bottom = height - node - 32;
  const writeY = top + dockY;
  const readY = bottom + dockY;
  const half = (MARK_WIDTHS[4] / 2) * type.mark;
  const row = ROW * type.mark;
  const browserX = half + 9;
  const middleY = (top + bottom + node) / 2;
  const rabbitW = type.rabbit(width);
  const rabbitX = width - 10 - rabbitW;
  const queueX = rabbitX + rabbitW - half - 9;

  // Large, the first and the last in a row reach over the browser and RabbitMQ.
  const first = isLarge ? 2 * half + 34 : 144;
  const last = isLarge ? queueX - half - 118 : rabbitX - 12;
  const widths = { service: type.service, store: type.postgresql + type.outbox, relay: type.relay };
  const gap = (last - first - widths.service - widths.store - widths.relay) / 2;
  const storeX = first + widths.service + gap;
  const relayX = last - widths.relay;
  const mongoX = storeX + 20;
  const mongoW = widths.store - 40;
  const queueTop = top + node + 12;
  const queueBottom = bottom - 10;
  const rabbit = { x: rabbitX, y: queueTop - 8, w: rabbitW, h: queueBottom - queueTop + (isLarge ? 8 : 18) };
  const slots = Math.max(1, Math.floor((rabbit.h - 54 * (isLarge ? 1.3 : 1)) / row));
  const letters = isLarge
    ? { x: rabbit.x + 8, y: rabbit.y + rabbit.h - 62, w: 150, h: 54 }
    : { x: rabbit.x - 106, y: queueBottom - 52, w: 106, h: 40 };

  /** @type {Layout["nodes"]} */
  const nodes = {
    "browser": {
      box: { x: 4, y: middleY - node / 2 + 2, w: type.browser, h: node - 4 },
      text: { x: browserX + half + 5, y: middleY - 6, anchor: "start" },
    },
    "command-service": box(first, top, widths.service, node),
    "postgresql": box(storeX, top - 10, widths.store, node + 24, type.postgresql),
    "outbox": box(storeX + type.postgresql, top - 10, type.outbox, node + 24),
    "relay": box(relayX, top, widths.relay, node),
    "rabbitmq": { box: rabbit, text: { x: rabbit.x + 11, y: rabbit.y + type.nameY, anchor: "start" } },
    "dead-letters": {
      box: letters, text: { x: letters.x + letters.w / 2, y: letters.y + (isLarge ? 19 : 16), anchor: "middle" },
    },
    "projector": box(relayX, bottom, widths.relay, node),
    "mongodb": box(mongoX, bottom - 10, mongoW, node + 24),
    "query-service": box(first, bottom, widths.service, node),
  };
  for (const name of ["command-service", "relay", "postgresql", "outbox"]) nodes[name].text.y = top + type.nameY;
  for (const name of ["query-service", "projector", "mongodb"]) nodes[name].text.y = bottom + type.nameY;
  for (const name of ["postgresql", "outbox", "mongodb"]) nodes[name].text.y += 1;
  // What the lab does to the projector is written above it, where large RabbitMQ is not far.
  if (isLarge) nodes.projector.above = { x: rabbit.x - 8, y: bottom, anchor: "end" };

  const commandX = centreX(nodes["command-service"].box);
  const outboxX = centreX(nodes.outbox.box);
  const projectorX = centreX(nodes.projector.box);
  const mongoCentre = centreX(nodes.mongodb.box);
  const slotY = rabbit.y + rabbit.h - 20 * type.mark;
  const rowOf = (/** @type {Point} */ at, /** @type {number} */ room) => rowAt(at, room, type.mark);
  const rowsOf = (/** @type {Point} */ at, /** @type {number} */ room) =>
    isLarge ? rowOf(at, room) : twoRows(at, room);
  return {
    orientation: "lying",
    width,
    height,
    nodes,
    docks: {
      "browser": {
        ...rowOf({ x: browserX, y: middleY }, 2 * half + 4),
        rows: 3, step: row, count: { x: browserX + half + 30, y: middleY + node / 2 - 16 },
      },
      "command-service": rowOf({ x: commandX, y: writeY }, widths.service - 12),
      "outbox": rowsOf({ x: outboxX, y: writeY }, type.outbox - 8),
      "relay": rowOf({ x: relayX + widths.relay / 2, y: writeY }, widths.relay - 8),
      "queue": {
        ...rowOf({ x: queueX, y: slotY }, isLarge ? 4 * half + row - 20 : rabbit.w - 21),
        fill: "end", rows: slots, step: -row, isShared: !isLarge, worded: slots, wordStep: { x: 0, y: -row },
        count: isLarge
          ? { x: rabbit.x + 45, y: rabbit.y + 78 }
          : { x: rabbit.x + 34, y: slotY - (slots - 1) * ROW },
      },
      "projector": rowOf({ x: projectorX, y: readY }, widths.relay - 8),
      "mongodb": rowsOf({ x: mongoCentre, y: readY }, mongoW - 40),
      "dead-letters": isLarge
        ? { ...rowOf({ x: letters.x + half + 4, y: letters.y - 26 }, 46), count: { x: letters.x + 118, y: letters.y - 26 } }
        : { ...rowOf({ x: letters.x - 28, y: letters.y + 20 }, 46), count: { x: letters.x - 28, y: letters.y + 44 } },
    },
    pipes: {
      "browser command-service": [
        { x: browserX, y: middleY }, { x: browserX, y: writeY }, { x: commandX, y: writeY },
      ],
      "command-service outbox": [{ x: commandX, y: writeY }, { x: outboxX, y: writeY }],
      "outbox relay": [
        { x: outboxX, y: writeY }, { x: relayX + widths.relay / 2, y: writeY },
      ],
      "relay queue": [
        { x: relayX + widths.relay / 2, y: writeY }, { x: queueX, y: writeY },
        { x: queueX, y: slotY },
      ],
      "queue projector": [
        { x: queueX, y: slotY }, { x: queueX, y: readY }, { x: projectorX, y: readY },
      ],
      "projector mongodb": [{ x: projectorX, y: readY }, { x: mongoCentre, y: readY }],
      "mongodb browser": [
        { x: mongoCentre, y: readY }, { x: browserX, y: readY }, { x: browserX, y: middleY },
      ],
      "projector dead-letters": [
        { x: projectorX, y: readY }, { x: projectorX, y: readY - 60 },
        isLarge ? { x: letters.x + half + 4, y: letters.y - 26 } : { x: letters.x - 28, y: letters.y + 20 },
      ],
    },
    labels: {
      acknowledged: { x: browserX + half + 7, y: Math.max(middleY - node / 2 - 40, top + node + 26 - 10 * (type.text - 1)), anchor: "start" },
      commit: { x: (first + widths.service + storeX) / 2, y: writeY - type.labelY, anchor: "middle" },
      outbox: { x: (storeX + widths.store + relayX) / 2, y: writeY - type.labelY, anchor: "middle" },
      relay: { x: (last + queueX + 10) / 2, y: writeY - type.labelY, anchor: "middle" },
      queue: { x: queueX - half - 5, y: readY - type.labelY, anchor: "end" },
      projector: { x: (mongoX + mongoW + relayX) / 2, y: readY - type.labelY, anchor: "middle" },
      read: { x: (first + widths.service + mongoX) / 2, y: readY - type.labelY, anchor: "middle" },
    },
    counts: {
      "browser command-service": { x: browserX + 58, y: writeY + 25 * type.mark },
      "command-service outbox": { x: (first + widths.service + storeX) / 2, y: writeY + 25 * type.mark },
      "outbox relay": { x: (storeX + widths.store + relayX) / 2, y: writeY + 25 * type.mark },
      "relay queue": { x: (last + queueX - 20) / 2, y: writeY + 25 * type.mark },
      "queue projector": { x: (last + queueX - 10) / 2, y: readY + 25 * type.mark },
      "projector mongodb": { x: (mongoX + mongoW + relayX) / 2, y: readY + 25 * type.mark },
      "mongodb browser": { x: (first + widths.service + mongoX) / 2, y: readY + 25 * type.mark },
      "projector dead-letters": { x: relayX - 40, y: readY + 48 * type.mark },
    },
    centre: isLarge
      ? { x: type.browser + 18, y: queueTop + 8, w: rabbit.x - type.browser - 34, h: queueBottom - queueTop - 12 }
      : { x: first + 48, y: queueTop + 14, w: letters.x - 20 - first - 48, h: queueBottom - queueTop - 26 },
    sides: {
      write: { x: 12, y: 18, anchor: "start" },
      read: { x: 12, y: height - 6, anchor: "start" },
    },
    type,
  };
}

/**
 * The same loop stood upright: down on the left, across the bottom, up on the right.
 * @param {number} width Of the stage, in units.
 * @returns {Layout}
 */
export function upright(width) {
  const margin = 4;
  const between = 14;
  const w = (width - 2 * margin - between) / 2;
  const leftX = margin;
  const rightX = margin + w + between;
  const downX = leftX + 28;
  const upX = rightX + w - 28;
  const rows = { browser: 6, service: 124, store: 238, worker: 434, queue: 546 };
  const height = rows.queue + 122;
  const leftText = { x: downX + 29, anchor: /** @type {const} */ ("start") };
  const rightText = { x: upX - 29, anchor: /** @type {const} */ ("end") };
  const queueY = rows.queue + 64;

  return {
    orientation: "upright",
    width,
    height,
    nodes: {
      "browser": {
        box: { x: margin, y: rows.browser, w: width - 2 * margin, h: 46 },
        text: { x: width / 2, y: rows.browser + 21, anchor: "middle" },
      },
      "command-service": {
        box: { x: leftX, y: rows.service, w, h: 58 },
        text: { ...leftText, y: rows.service + 26 },
      },
      "postgresql": {
        box: { x: leftX, y: rows.store, w, h: 150 },
        text: { ...leftText, y: rows.store + 36 },
      },
      "outbox": {
        box: { x: leftX, y: rows.store + 66, w, h: 84 },
        text: { ...leftText, y: rows.store + 91 },
      },
      "relay": { box: { x: leftX, y: rows.worker, w, h: 58 }, text: { ...leftText, y: rows.worker + 26 } },
      "rabbitmq": {
        box: { x: margin, y: rows.queue, w: width - 2 * margin, h: 114 },
        text: { x: downX + 29, y: rows.queue + 21, anchor: "start" },
      },
      "dead-letters": {
        box: { x: upX - 136, y: rows.queue + 5, w: 108, h: 38 },
        text: { x: upX - 82, y: rows.queue + 20, anchor: "middle" },
      },
      "projector": {
        box: { x: rightX, y: rows.worker, w, h: 58 }, text: { ...rightText, y: rows.worker + 26 },
      },
      "mongodb": {
        box: { x: rightX, y: rows.store, w, h: 150 }, text: { ...rightText, y: rows.store + 72 },
      },
      "query-service": {
        box: { x: rightX, y: rows.service, w, h: 58 }, text: { ...rightText, y: rows.service + 26 },
      },
    },
    docks: {
      "browser": {
        ...rowAt({ x: upX, y: rows.browser + 23 }, 50), count: { x: upX - 54, y: rows.browser + 23 },
      },
      "command-service": {
        ...rowAt({ x: downX, y: rows.service + 29 }, 50), count: { x: leftX + w - 26, y: rows.service + 42 },
      },
      "outbox": {
        ...rowAt({ x: leftX + w / 2, y: rows.store + 126 }, w - 10),
        count: { x: leftX + w - 26, y: rows.store + 98 },
      },
      "relay": {
        ...rowAt({ x: downX, y: rows.worker + 29 }, 50), count: { x: leftX + w - 26, y: rows.worker + 42 },
      },
      "queue": {
        at: { x: upX, y: queueY }, fill: "end", room: upX - downX + MARK_WIDTHS[4], rows: 2, step: ROW, mark: 1,
        count: { x: downX + 4, y: queueY + ROW }, isShared: true,
        worded: 3, wordStep: { x: (downX - upX) / 2.5, y: 0 },
      },
      "projector": {
        ...rowAt({ x: upX, y: rows.worker + 29 }, 50), count: { x: rightX + 26, y: rows.worker + 42 },
      },
      "mongodb": {
        ...rowAt({ x: upX, y: rows.store + 48 }, 50), rows: 4, step: ROW,
        count: { x: rightX + 30, y: rows.store + 120 },
      },
      "dead-letters": {
        ...rowAt({ x: upX - 164, y: rows.queue + 22 }, 46), count: { x: upX - 164, y: rows.queue + 44 },
      },
    },
    pipes: {
      "browser command-service": [
        { x: downX, y: rows.browser + 23 }, { x: downX, y: rows.service + 29 },
      ],
      "command-service outbox": [
        { x: downX, y: rows.service + 29 }, { x: downX, y: rows.store + 126 },
      ],
      "outbox relay": [{ x: downX, y: rows.store + 126 }, { x: downX, y: rows.worker + 29 }],
      "relay queue": [
        { x: downX, y: rows.worker + 29 }, { x: downX, y: queueY }, { x: upX, y: queueY },
      ],
      "queue projector": [{ x: upX, y: queueY }, { x: upX, y: rows.worker + 29 }],
      "projector mongodb": [{ x: upX, y: rows.worker + 29 }, { x: upX, y: rows.store + 76 }],
      "mongodb browser": [
        { x: upX, y: rows.store + 76 }, { x: upX, y: rows.browser + 23 },
      ],
      "projector dead-letters": [
        { x: upX, y: rows.worker + 29 }, { x: upX - 164, y: rows.queue + 22 },
      ],
    },
    labels: {
      acknowledged: { ...leftText, y: rows.browser + 92 },
      commit: { ...leftText, y: rows.service + 80 },
      outbox: { ...leftText, y: rows.store + 170 },
      relay: { ...leftText, y: rows.worker + 80 },
      queue: { ...rightText, y: rows.worker + 80 },
      projector: { ...rightText, y: rows.store + 170 },
      read: { ...rightText, y: rows.service + 80 },
    },
    counts: {
      "browser command-service": { x: leftX + w - 14, y: rows.browser + 84 },
      "command-service outbox": { x: leftX + w - 14, y: rows.service + 72 },
      "outbox relay": { x: leftX + w - 14, y: rows.store + 162 },
      "relay queue": { x: leftX + w - 14, y: rows.worker + 72 },
      "queue projector": { x: rightX + 3, y: rows.worker + 72 },
      "projector mongodb": { x: rightX + 3, y: rows.store + 162 },
      "mongodb browser": { x: rightX + 3, y: rows.service + 72 },
      "projector dead-letters": { x: rightX + 3, y: rows.worker + 99 },
    },
    centre: { x: 0, y: height, w: width, h: 0 },
    sides: {
      write: { ...leftText, y: rows.browser + 68 },
      read: { ...rightText, y: rows.browser + 68 },
    },
    type: PLAIN,
  };
}

/**
 * The way from one place to another, along the pipes.
 * @param {Place} from
 * @param {Place} to
 * @returns {Way} Empty where there is no way.
 */
export function route(from, to) {
  return from === "relay" && to === "projector" ? THROUGH_THE_QUEUE : WAYS.get(`${from} ${to}`) ?? NO_WAY;
}

const PIPES = [
  "browser command-service", "command-service outbox", "outbox relay", "relay queue",
  "queue projector", "projector mongodb", "mongodb browser", "projector dead-letters",
];

/** @typedef {{pipe: string, back: boolean}[]} Way */
/** @type {Way} */
const NO_WAY = [];
/** @type {Way} */
const THROUGH_THE_QUEUE = ["relay queue", "queue projector"].map((pipe) => ({ pipe, back: false }));
/** Each pipe, there and back. @type {Map<string, Way>} */
const WAYS = new Map(PIPES.flatMap((pipe) => /** @type {[string, Way][]} */ ([
  [pipe, [{ pipe, back: false }]], [pipe.split(" ").reverse().join(" "), [{ pipe, back: true }]],
])));

/**
 * A line with its corners rounded, as an SVG path and as points close enough to move along.
 * @param {Point[]} points
 * @param {number} radius
 * @returns {{d: string, track: Point[]}}
 */
export function rounded(points, radius) {
  const [start, ...rest] = points;
  let d = `M${start.x} ${start.y}`;
  const track = [start];
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    if (!next) {
      d += `L${point.x} ${point.y}`;
      track.push(point);
      return;
    }
    const r = Math.min(radius, distance(track[track.length - 1], point), distance(point, next) / 2);
    const enter = towards(point, track[track.length - 1], r);
    const leave = towards(point, next, r);
    d += `L${enter.x} ${enter.y}Q${point.x} ${point.y} ${leave.x} ${leave.y}`;
    for (let t = 0; t <= 1.001; t += 0.125) track.push(quadratic(enter, point, leave, t));
  });
  return { d, track };
}

/**
 * The point at a share of the way along a track.
 * @param {Point[]} track
 * @param {number} share From 0 to 1.
 * @returns {Point}
 */
export function along(track, share) {
  const lengths = lengthsOf(track);
  let left = share * lengths[lengths.length - 1];
  for (let index = 0; index < track.length - 1; index += 1) {
    if (left <= lengths[index] && lengths[index] > 0) {
      return towards(track[index], track[index + 1], left);
    }
    left -= lengths[index];
  }
  return track[track.length - 1];
}

/**
 * The length of each part of a track, and at the end that of the whole. Kept, since a mark asks
 * with every frame.
 * @param {Point[]} track
 * @returns {number[]}
 */
export function lengthsOf(track) {
  const kept = trackLengths.get(track);
  if (kept) return kept;
  const lengths = track.slice(1).map((point, index) => distance(track[index], point));
  lengths.push(lengths.reduce((sum, length) => sum + length, 0));
  trackLengths.set(track, lengths);
  return lengths;
}

/** @type {WeakMap<Point[], number[]>} */
const trackLengths = new WeakMap();

/** @typedef {Point & {isWorded: boolean}} Stand Where a mark stands, and whether a word fits beside it. */

/**
 * Where each of `count` marks stands at a dock.
 * @param {Dock} dock
 * @param {number} count
 * @param {number} width Of the widest of them.
 * @returns {Stand[]} Fewer than `count` where they are too many; the number of the rest is then
 *   written at the dock's `count`.
 */
export function stands(dock, count, width) {
  const { at, fill, rows, room, isShared, worded, wordStep, mark } = dock;
  if (count <= worded) {
    return list(count, (index) => ({
      x: at.x + index * wordStep.x, y: at.y + index * wordStep.y, isWorded: true,
    }));
  }
  const perRow = Math.max(1, Math.floor((room + MARK_GAP) / (width * mark + MARK_GAP)));
  if (count <= perRow && fill === "middle") return list(count, (index) => standAt(dock, index, count, width));
  const all = list(perRow * rows, (index) => standAt(dock, index, perRow, width));
  if (count <= all.length) return all.slice(0, count);
  return isShared ? all.slice(0, -Math.ceil(COUNT_WIDTH / (width * mark + MARK_GAP))) : all;
}

/**
 * @param {Dock} dock
 * @param {number} index
 * @param {number} perRow
 * @param {number} width
 * @returns {Stand}
 */
function standAt({ at, fill, step, mark }, index, perRow, width) {
  const column = index % perRow;
  const across = fill === "end" ? -column : column - (perRow - 1) / 2;
  return {
    x: at.x + across * (width * mark + MARK_GAP), y: at.y + Math.floor(index / perRow) * step, isWorded: false,
  };
}

/**
 * @template T
 * @param {number} length
 * @param {(index: number) => T} make
 */
function list(length, make) {
  return Array.from({ length }, (_, index) => make(index));
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 * @param {number} [textWidth] How much of the width the text is centred in.
 * @returns {NodeLayout}
 */
function box(x, y, w, h, textWidth = w) {
  return { box: { x, y, w, h }, text: { x: x + textWidth / 2, y, anchor: "middle" } };
}

/**
 * One row, around the pipe's end; those that it has no room for are counted below.
 * @param {Point} at
 * @param {number} room
 * @param {number} [mark] How large marks are.
 * @returns {Dock}
 */
function rowAt(at, room, mark = 1) {
  return {
    at, fill: "middle", room, rows: 1, step: ROW, mark, count: { x: at.x, y: at.y + 25 * mark },
    isShared: false, worded: 0, wordStep: { x: 0, y: 0 },
  };
}

/**
 * A row around the pipe's end and one below it, which ends with the number of the rest.
 * @param {Point} at
 * @param {number} room
 * @returns {Dock}
 */
function twoRows(at, room) {
  return {
    ...rowAt(at, room), rows: 2, isShared: true,
    count: { x: at.x + room / 2 - MARK_WIDTHS[4] / 2, y: at.y + ROW },
  };
}

/** @param {Box} box */
function centreX(box) {
  return box.x + box.w / 2;
}

/**
 * @param {Point} a
 * @param {Point} b
 */
function distance(a, b) {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {number} length
 * @returns {Point}
 */
function towards(from, to, length) {
  const whole = distance(from, to) || 1;
  return {
    x: from.x + ((to.x - from.x) * length) / whole,
    y: from.y + ((to.y - from.y) * length) / whole,
  };
}

/**
 * @param {Point} a
 * @param {Point} b
 * @param {Point} c
 * @param {number} t
 * @returns {Point}
 */
function quadratic(a, b, c, t) {
  const mix = (/** @type {"x"|"y"} */ axis) =>
    (1 - t) ** 2 * a[axis] + 2 * (1 - t) * t * b[axis] + t ** 2 * c[axis];
  return { x: mix("x"), y: mix("y") };
}
