// @ts-check
/**
 * Where everything on the stage is, for a stage of any size. Pure geometry, in units that the
 * drawing scales up; the loop lies where there is width, and stands upright where there is not.
 */

/** @typedef {import("./hops.js").Place} Place */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, w: number, h: number}} Box */
/** @typedef {{x: number, y: number, anchor: "start"|"middle"|"end"}} Spot Where text stands. */

/**
 * @typedef {object} NodeLayout
 * @property {Box} box
 * @property {Spot} text The baseline of the name; what it holds is written a line below.
 */

/**
 * @typedef {object} Dock Where marks stand at a place.
 * @property {Point} at Where the pipe meets it.
 * @property {number} columns
 * @property {number} rows Marks beyond columns × rows are counted, not drawn.
 * @property {Point} step From one mark to the next in a row; and from one row to the next.
 * @property {Point} first
 * @property {"spread"|"grid"|"slots"} kind
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
 * @property {Box} centre The free room in the middle of the loop.
 * @property {{write: Spot, read: Spot}} sides
 */

const NODE_HEIGHT = 92;
const DOCK_Y = 64;

/**
 * @param {number} width Of the stage, in units.
 * @param {number} height
 * @returns {Layout}
 */
export function lying(width, height) {
  const top = 28;
  const bottom = height - NODE_HEIGHT - 34;
  const writeY = top + DOCK_Y;
  const readY = bottom + DOCK_Y;
  const browserX = 66;
  const queueX = width - 74;
  const middleY = (top + bottom + NODE_HEIGHT) / 2;

  const first = 142;
  const last = width - 186;
  const widths = { service: 120, store: 240, relay: 98 };
  const gap = (last - first - widths.service - widths.store - widths.relay) / 2;
  const storeX = first + widths.service + gap;
  const relayX = last - widths.relay;
  const mongoX = storeX + 20;
  const mongoW = widths.store - 40;
  const queueTop = top + NODE_HEIGHT + 12;
  const queueBottom = bottom - 10;
  const rabbit = { x: width - 138, y: queueTop, w: 128, h: queueBottom - queueTop };
  const slots = Math.max(1, Math.floor((rabbit.h - 62) / 27));

  /** @type {Layout["nodes"]} */
  const nodes = {
    "browser": box(browserX - 54, middleY - 46, 108, NODE_HEIGHT),
    "command-service": box(first, top, widths.service, NODE_HEIGHT),
    "postgresql": box(storeX, top - 10, widths.store, NODE_HEIGHT + 20, 126),
    "outbox": box(storeX + 126, top - 10, widths.store - 126, NODE_HEIGHT + 20),
    "relay": box(relayX, top, widths.relay, NODE_HEIGHT),
    "rabbitmq": { box: rabbit, text: { x: queueX, y: rabbit.y + 25, anchor: "middle" } },
    "dead-letters": {
      box: { x: rabbit.x - 112, y: rabbit.y + rabbit.h - 52, w: 112, h: 40 },
      text: { x: rabbit.x - 56, y: rabbit.y + rabbit.h - 36, anchor: "middle" },
    },
    "projector": box(relayX, bottom, widths.relay, NODE_HEIGHT),
    "mongodb": box(mongoX, bottom - 10, mongoW, NODE_HEIGHT + 20),
    "query-service": box(first, bottom, widths.service, NODE_HEIGHT),
  };
  nodes.postgresql.text.y = top + 27;
  nodes.outbox.text.y = top + 27;
  nodes.mongodb.text.y = bottom + 27;

  const commandX = centreX(nodes["command-service"].box);
  const outboxX = centreX(nodes.outbox.box);
  const projectorX = centreX(nodes.projector.box);
  const mongoCentre = centreX(nodes.mongodb.box);
  const slotY = rabbit.y + rabbit.h - 22;
  return {
    orientation: "lying",
    width,
    height,
    nodes,
    docks: {
      "browser": spread(browserX, middleY + 12, 60, "x"),
      "command-service": spread(commandX, writeY, widths.service - 40, "x"),
      "outbox": grid(outboxX, writeY, 3, 2),
      "relay": spread(relayX + widths.relay / 2, writeY, widths.relay - 40, "x"),
      "queue": {
        kind: "slots", at: { x: queueX, y: slotY }, first: { x: rabbit.x + 22, y: slotY },
        columns: 1, rows: slots, step: { x: 0, y: -27 },
      },
      "projector": spread(projectorX, readY, widths.relay - 40, "x"),
      "mongodb": spread(mongoCentre, readY, mongoW - 60, "x"),
      "dead-letters": spread(rabbit.x - 132, rabbit.y + rabbit.h - 32, 0, "x"),
    },
    pipes: {
      "browser command-service": [
        { x: browserX, y: middleY + 12 }, { x: browserX, y: writeY }, { x: commandX, y: writeY },
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
        { x: mongoCentre, y: readY }, { x: browserX, y: readY }, { x: browserX, y: middleY + 12 },
      ],
      "projector dead-letters": [
        { x: projectorX, y: readY }, { x: projectorX, y: readY - 60 },
        { x: rabbit.x - 132, y: rabbit.y + rabbit.h - 32 },
      ],
    },
    labels: {
      acknowledged: { x: browserX + 18, y: Math.max(middleY - 92, top + NODE_HEIGHT + 24), anchor: "start" },
      commit: { x: (first + widths.service + storeX) / 2, y: writeY - 32, anchor: "middle" },
      outbox: { x: (storeX + widths.store + relayX) / 2, y: writeY - 32, anchor: "middle" },
      relay: { x: (last + queueX + 10) / 2, y: writeY - 32, anchor: "middle" },
      queue: { x: queueX - 10, y: readY - 32, anchor: "end" },
      projector: { x: (mongoX + mongoW + relayX) / 2, y: readY - 32, anchor: "middle" },
      read: { x: (first + widths.service + mongoX) / 2, y: readY - 32, anchor: "middle" },
    },
    centre: {
      x: first + 50, y: queueTop + 14, w: rabbit.x - 112 - first - 70, h: queueBottom - queueTop - 28,
    },
    sides: {
      write: { x: 12, y: 18, anchor: "start" },
      read: { x: 12, y: height - 6, anchor: "start" },
    },
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
  const downX = leftX + 26;
  const upX = rightX + w - 26;
  const rows = { browser: 6, service: 124, store: 238, worker: 434, queue: 546 };
  const height = rows.queue + 96;
  const leftText = { x: downX + 30, anchor: /** @type {const} */ ("start") };
  const rightText = { x: upX - 30, anchor: /** @type {const} */ ("end") };
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
        box: { x: margin, y: rows.queue, w: width - 2 * margin, h: 88 },
        text: { x: margin + 58, y: rows.queue + 21, anchor: "start" },
      },
      "dead-letters": {
        box: { x: upX - 136, y: rows.queue + 5, w: 112, h: 38 },
        text: { x: upX - 80, y: rows.queue + 20, anchor: "middle" },
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
      "browser": spread(downX + 4, rows.browser + 23, 28, "x"),
      "command-service": spread(downX, rows.service + 29, 24, "y"),
      "outbox": {
        kind: "grid", at: { x: downX, y: rows.store + 126 },
        first: { x: downX, y: rows.store + 126 }, columns: 6, rows: 1, step: { x: 24, y: 0 },
      },
      "relay": spread(downX, rows.worker + 29, 24, "y"),
      "queue": {
        kind: "slots", at: { x: upX, y: queueY }, first: { x: upX - 58, y: queueY },
        columns: Math.max(1, Math.floor((width - 100) / 88)), rows: 1, step: { x: -88, y: 0 },
      },
      "projector": spread(upX, rows.worker + 29, 24, "y"),
      "mongodb": spread(upX, rows.store + 76, 60, "y"),
      "dead-letters": spread(upX - 154, rows.queue + 22, 0, "x"),
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
        { x: downX, y: rows.browser + 23 },
      ],
      "projector dead-letters": [
        { x: upX, y: rows.worker + 29 }, { x: upX - 154, y: rows.queue + 22 },
      ],
    },
    labels: {
      acknowledged: { ...leftText, x: downX + 18, y: rows.browser + 92 },
      commit: { ...leftText, x: downX + 18, y: rows.service + 80 },
      outbox: { ...leftText, x: downX + 18, y: rows.store + 170 },
      relay: { ...leftText, x: downX + 18, y: rows.worker + 80 },
      queue: { ...rightText, x: upX - 18, y: rows.worker + 80 },
      projector: { ...rightText, x: upX - 18, y: rows.store + 170 },
      read: { ...rightText, x: upX - 18, y: rows.service + 80 },
    },
    centre: { x: 0, y: height, w: width, h: 0 },
    sides: {
      write: { ...leftText, x: downX + 18, y: rows.browser + 68 },
      read: { ...rightText, x: upX - 18, y: rows.browser + 68 },
    },
  };
}

/**
 * The way from one place to another, along the pipes.
 * @param {Place} from
 * @param {Place} to
 * @returns {{pipe: string, back: boolean}[]} Empty where there is no way.
 */
export function route(from, to) {
  const key = `${from} ${to}`;
  if (from === "relay" && to === "projector") {
    return [{ pipe: "relay queue", back: false }, { pipe: "queue projector", back: false }];
  }
  if (PIPES.has(key)) return [{ pipe: key, back: false }];
  const back = `${to} ${from}`;
  return PIPES.has(back) ? [{ pipe: back, back: true }] : [];
}

const PIPES = new Set([
  "browser command-service", "command-service outbox", "outbox relay", "relay queue",
  "queue projector", "projector mongodb", "mongodb browser", "projector dead-letters",
]);

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

/** @typedef {{x: number, y: number, scale: number}} Stand Where a mark stands, and how large it is. */

/**
 * Where each of `count` marks stands at a dock, and where the rest is counted.
 * @param {Dock} dock
 * @param {number} count
 * @returns {{stands: Stand[], rest: Stand|null}} `stands` is shorter than `count` where they are too
 *   many; `rest` is then where their number is written.
 */
export function stands(dock, count) {
  const cells = cellsOf(dock, count);
  if (count <= cells.length) return { stands: cells.slice(0, count), rest: null };
  return { stands: cells.slice(0, -1), rest: cells[cells.length - 1] };
}

/**
 * @param {Dock} dock
 * @param {number} count
 * @returns {Stand[]}
 */
function cellsOf({ kind, at, first, columns, rows, step }, count) {
  if (kind === "slots") {
    return list(columns * rows, (index) => ({
      x: first.x + index * step.x, y: first.y + index * step.y, scale: 1,
    }));
  }
  if (kind === "grid") {
    if (rows > 1 && count <= columns) return row(at, count, { x: 30, y: 0 }, 1);
    if (rows === 1) return list(columns, (index) => ({ x: first.x + index * step.x, y: first.y, scale: 0.9 }));
    const small = { x: 25, y: 0 };
    return [...row({ x: at.x, y: at.y - 2 }, 4, small, 0.76), ...row({ x: at.x, y: at.y + 19 }, 4, small, 0.76)];
  }
  const room = Math.max(step.x, step.y);
  const isTight = count > Math.floor(room / 28) + 1;
  const apart = isTight ? 22 : 28;
  const fit = Math.min(count, Math.floor(room / apart) + 1);
  return row(at, fit, step.x ? { x: apart, y: 0 } : { x: 0, y: apart }, isTight ? 0.8 : 1);
}

/**
 * @param {Point} centre
 * @param {number} count
 * @param {Point} step
 * @param {number} scale
 */
function row(centre, count, step, scale) {
  return list(count, (index) => ({
    x: centre.x + (index - (count - 1) / 2) * step.x,
    y: centre.y + (index - (count - 1) / 2) * step.y,
    scale,
  }));
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
  return { box: { x, y, w, h }, text: { x: x + textWidth / 2, y: y + 25, anchor: "middle" } };
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} room
 * @param {"x"|"y"} axis
 * @returns {Dock}
 */
function spread(x, y, room, axis) {
  const step = axis === "x" ? { x: room, y: 0 } : { x: 0, y: room };
  return { kind: "spread", at: { x, y }, first: { x, y }, columns: 1, rows: 1, step };
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} columns
 * @param {number} rows
 * @returns {Dock}
 */
function grid(x, y, columns, rows) {
  return { kind: "grid", at: { x, y }, first: { x, y }, columns, rows, step: { x: 30, y: 28 } };
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
