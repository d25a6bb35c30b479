// @ts-check
/** The outlines of marks and nodes, as SVG paths. Pure. */
import { HALO, MARK_HEIGHT } from "./layout/measures.js";
import { along, lengthOf } from "./layout/track.js";

/** @typedef {import("./layout/types.js").Box} Box */
/** @typedef {import("./layout/types.js").Layout} Layout */
/** @typedef {import("./layout/types.js").Point} Point */
/** @typedef {"circle"|"ring"|"square"|"diamond"} Shape The shape of a mark gives the kind of its event. */

const RADIUS = MARK_HEIGHT / 2;
/** A ring's line is thick, and runs within its outline. */
const RING_IN = 1.75;
const SQUARE_IN = 1;
const SQUARE_CORNER = 4;
/** A square's second outline is a little closer than those of other shapes. */
const SQUARE_HALO = HALO - 0.5;
/** The rim of the followed mark. */
const RIM = 1.25;
/** A diamond's points reach beyond the bar that its number needs. */
const DIAMOND_OUT = 3;
const NODE_CORNER = 9;
/** How much of a cylinder's height half its lid takes at most. */
const MOST_LID = 0.09;
/** A partition keeps clear of the cylinder's lid and of its floor. */
const PARTITION_DOWN = 3;
const PARTITION_UP = 2;
/** Along a pipe: the position of the first arrow, the room after the last, and the distance between two. */
const CHEVRON = { first: 15, last: 8, step: 30, arm: 4.5, turn: 0.75 };

/**
 * A mark, as wide as its number needs.
 * @param {Shape} shape
 * @param {number} half Half its width.
 * @returns {string}
 */
export function markOutline(shape, half) {
  switch (shape) {
    case "circle": return bar(half, RADIUS, RADIUS);
    case "ring": return bar(half - RING_IN, RADIUS - RING_IN, RADIUS - RING_IN);
    case "square": return bar(half - SQUARE_IN, RADIUS - SQUARE_IN, SQUARE_CORNER);
    case "diamond": return pointed(half + DIAMOND_OUT, RADIUS + DIAMOND_OUT);
  }
}

/**
 * The second outline of a mark that was delivered again.
 * @param {Shape} shape
 * @param {number} half
 * @returns {string}
 */
export function haloOutline(shape, half) {
  return around(shape, half, shape === "square" ? SQUARE_HALO : HALO);
}

/**
 * The rim of the followed mark: close enough to leave its neighbours their room.
 * @param {Shape} shape
 * @param {number} half
 * @returns {string}
 */
export function rimOutline(shape, half) {
  return around(shape, half, RIM);
}

/**
 * @param {Shape} shape
 * @param {number} half
 * @param {number} out How far it is from the mark.
 */
function around(shape, half, out) {
  switch (shape) {
    case "circle":
    case "ring": return bar(half + out, RADIUS + out, RADIUS + out);
    case "square": return bar(half + out, RADIUS + out, SQUARE_CORNER);
    case "diamond": return pointed(half + DIAMOND_OUT + out, RADIUS + DIAMOND_OUT + out);
  }
}

/**
 * A bar with rounded corners. If it is as high as it is wide, and fully rounded, it is a circle.
 * @param {number} half Half its width.
 * @param {number} r Half its height.
 * @param {number} c The radius of its corners.
 */
function bar(half, r, c) {
  const [across, down] = [2 * (half - c), 2 * (r - c)];
  return `M${c - half} ${-r}h${across}a${c} ${c} 0 0 1 ${c} ${c}v${down}a${c} ${c} 0 0 1 ${-c} ${c}`
    + `h${-across}a${c} ${c} 0 0 1 ${-c} ${-c}v${-down}a${c} ${c} 0 0 1 ${c} ${-c}z`;
}

/**
 * A bar that ends in points. If it is as high as it is wide, it is a diamond.
 * @param {number} half
 * @param {number} r
 */
function pointed(half, r) {
  const flat = half - r;
  return `M${-half} 0L${-flat} ${-r}H${flat}L${half} 0L${flat} ${r}H${-flat}Z`;
}

/**
 * @param {import("./table.js").NodeEntry["form"]} form
 * @param {Box} box
 * @param {Pick<Layout, "lip"|"orientation">} layout
 * @returns {string}
 */
export function nodeOutline(form, box, { lip, orientation }) {
  if (form === "cylinder") return cylinder(box, Math.min(lip, box.h * MOST_LID));
  if (form === "partition") return partition(box, lip, orientation);
  return rounded(box);
}

/**
 * @param {Box} box
 * @param {number} lip
 */
function cylinder({ x, y, w, h }, lip) {
  const lid = `a${w / 2} ${lip} 0 0 0 ${w} 0`;
  return `M${x} ${y + lip}a${w / 2} ${lip} 0 0 1 ${w} 0v${h - 2 * lip}a${w / 2} ${lip} 0 0 1 ${-w} 0z`
    + `M${x} ${y + lip}${lid}`;
}

/**
 * The partition of a cylinder: a wall if the part lies beside it, a floor if the part stands over it.
 * @param {Box} box
 * @param {number} lip
 * @param {Layout["orientation"]} orientation
 */
function partition({ x, y, w, h }, lip, orientation) {
  return orientation === "lying"
    ? `M${x} ${y + 2 * lip + PARTITION_DOWN}V${y + h - PARTITION_UP}`
    : `M${x} ${y}a${w / 2} ${lip} 0 0 0 ${w} 0`;
}

/** @param {Box} box */
function rounded({ x, y, w, h }) {
  const r = NODE_CORNER;
  return `M${x + r} ${y}h${w - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${h - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}`
    + `h${2 * r - w}a${r} ${r} 0 0 1 ${-r} ${-r}v${2 * r - h}a${r} ${r} 0 0 1 ${r} ${-r}z`;
}

/**
 * Small arrows that show which way a pipe runs.
 * @param {Point[]} track
 */
export function chevrons(track) {
  const length = lengthOf(track);
  let d = "";
  for (let at = CHEVRON.first; at < length - CHEVRON.last; at += CHEVRON.step) {
    const point = along(track, at / length);
    const ahead = along(track, (at + 1) / length);
    const angle = Math.atan2(ahead.y - point.y, ahead.x - point.x);
    const arm = (/** @type {number} */ turn) =>
      `${point.x - CHEVRON.arm * Math.cos(angle + turn)} ${point.y - CHEVRON.arm * Math.sin(angle + turn)}`;
    d += `M${arm(CHEVRON.turn)}L${point.x} ${point.y}L${arm(-CHEVRON.turn)}`;
  }
  return d;
}
