// @ts-check
/** The line of a pipe, with rounded corners, and a mark's position on it. Pure. */

/** @typedef {import("./types.js").Point} Point */

/** The radius of a corner, if its sides are long enough. */
const BEND = 34;
/** The number of parts into which a corner is divided: enough for smooth movement. */
const BEND_PARTS = 8;

/**
 * A line with rounded corners, as an SVG path and as points close enough together to move along.
 * @param {Point[]} points
 * @returns {{d: string, track: Point[]}}
 */
export function rounded(points) {
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
    const before = track[track.length - 1];
    const radius = Math.min(BEND, distance(before, point), distance(point, next) / 2);
    const enter = towards(point, before, radius);
    const leave = towards(point, next, radius);
    d += `L${enter.x} ${enter.y}Q${point.x} ${point.y} ${leave.x} ${leave.y}`;
    for (let part = 0; part <= BEND_PARTS; part += 1) track.push(quadratic(enter, point, leave, part / BEND_PARTS));
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
 * The length of a whole track.
 * @param {Point[]} track
 */
export function lengthOf(track) {
  return lengthsOf(track).at(-1) ?? 0;
}

/**
 * The length of each part of a track, and finally of the whole. It is kept, because marks ask for it in
 * every frame.
 * @param {Point[]} track
 * @returns {number[]}
 */
function lengthsOf(track) {
  const kept = trackLengths.get(track);
  if (kept) return kept;
  const lengths = track.slice(1).map((point, index) => distance(track[index], point));
  lengths.push(lengths.reduce((sum, length) => sum + length, 0));
  trackLengths.set(track, lengths);
  return lengths;
}

/** @type {WeakMap<Point[], number[]>} */
const trackLengths = new WeakMap();

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

/**
 * A straight line from a point to the near edge of a box, as an SVG path.
 * @param {Point} start
 * @param {import("./types.js").Box} box To the left of the point, or above it.
 */
export function straightTo({ x, y }, box) {
  const isLevel = y >= box.y && y <= box.y + box.h;
  return `M${x} ${y}${isLevel ? `H${box.x + box.w}` : `V${box.y + box.h}`}`;
}
