// @ts-check
/**
 * Where a mark is. This module does all the working out. Pure.
 *
 * The clock says from which place to which a mark is going, and how much of the way it has covered. The
 * layout says where places and pipes are. A mark at a place has a stand in that place's row. A travelling
 * mark is in a pipe. It leaves its row on the first part of its way, and joins the next row on the last
 * part.
 */
import { stands } from "./layout/docks.js";
import { markWidth } from "./layout/measures.js";
import { route } from "./layout/routes.js";
import { along } from "./layout/track.js";

/** @typedef {import("../clock/shown.js").AnyShown} Shown */
/** @typedef {import("./layout/types.js").Layout} Layout */
/** @typedef {import("./layout/types.js").AnyPipe} PipeName */
/** @typedef {import("./layout/types.js").AnyPlace} Place */
/** @typedef {import("./layout/types.js").Point} Point */
/** @typedef {import("./layout/docks.js").Stand} Stand */

/**
 * @typedef {object} Ground The ground on which marks stand and move.
 * @property {Layout} layout
 * @property {Map<PipeName, Point[]>} tracks The line of each pipe.
 * @property {boolean} steps Whether marks jump from place to place, and are never in a pipe.
 */

/** The share of its way over which a mark leaves its row, and over which it joins the next. */
const NEAR = 0.2;

/**
 * The point where a mark is.
 * @param {Shown} shown
 * @param {Stand|null} stand Its stand in the row that it is leaving, in or joining; null if there is
 *   none.
 * @param {Ground} ground
 * @returns {Point}
 */
export function pointOf(shown, stand, { layout, tracks, steps }) {
  const { from, to, progress, moving } = shown;
  const hasLeft = moving && progress > 0;
  if (steps || !hasLeft) return stand ?? dockOf(layout, progress === 0 ? from : to).at;
  const way = route(from, to);
  if (!way.length) return stand ?? dockOf(layout, to).at;
  const { pipe, back, within } = legOf(way, progress);
  const point = along(tracks.get(pipe) ?? [], back ? 1 - within : within);
  return stand ? drawnToRow(point, stand, progress, endOf(way, progress > 0.5, tracks)) : point;
}

/**
 * The dock at a place. A mark on the way into a read model that has just left the stage is at the queue.
 * @param {Layout} layout
 * @param {Place} place
 */
function dockOf({ docks, side }, place) {
  return place in docks ? docks[/** @type {keyof typeof docks} */ (place)] : side.docks[/** @type {keyof typeof side.docks} */ (place)] ?? docks.queue;
}

/**
 * Where a way begins or ends. Upright, some rows are away from the ends of their pipes.
 * @param {import("./layout/routes.js").Way} way
 * @param {boolean} isAtEnd
 * @param {Ground["tracks"]} tracks
 * @returns {Point}
 */
function endOf(way, isAtEnd, tracks) {
  const { pipe, back } = way[isAtEnd ? way.length - 1 : 0];
  return along(tracks.get(pipe) ?? [], back === isAtEnd ? 0 : 1);
}

/**
 * The pipe that a mark is in, and how far along it is.
 * @param {import("./layout/routes.js").Way} way
 * @param {number} progress
 */
function legOf(way, progress) {
  const share = ease(progress) * way.length;
  const index = Math.min(way.length - 1, Math.floor(share));
  return { ...way[index], within: share - index };
}

/**
 * Pulls a point in a pipe towards a stand: fully at the end of the pipe, and not at all well inside it.
 * @param {Point} point
 * @param {Point} stand
 * @param {number} progress
 * @param {Point} end The end of the pipe at that stand's row.
 * @returns {Point}
 */
function drawnToRow(point, stand, progress, end) {
  const near = Math.max(0, Math.abs(progress - 0.5) - (0.5 - NEAR)) / NEAR;
  return { x: point.x + (stand.x - end.x) * near, y: point.y + (stand.y - end.y) * near };
}

/**
 * Makes a mark set out and arrive gently.
 * @param {number} t
 */
function ease(t) {
  return t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2;
}

/**
 * The stands of marks, in the order in which they wait. A mark that is about to leave keeps its place in
 * the row, and one that arrives gets the last place.
 * @param {Shown[]} here
 * @param {Ground} ground
 * @returns {Map<Shown, Stand>} Only the marks for which there is room.
 */
export function standsOf(here, ground) {
  /** @type {Map<Place, Shown[]>} */
  const rows = new Map();
  for (const shown of here) {
    const place = rowOf(shown, ground);
    if (!place) continue;
    const row = rows.get(place);
    if (row) row.push(shown);
    else rows.set(place, [shown]);
  }
  /** @type {Map<Shown, Stand>} */
  const found = new Map();
  for (const [place, row] of rows) {
    row.sort((a, b) => turnOf(a, ground) - turnOf(b, ground) || a.order - b.order);
    const widest = Math.max(...row.map(({ journey }) => markWidth(digitsOf(journey.todo_id))));
    stands(dockOf(ground.layout, place), row.length, widest).forEach((stand, index) => found.set(row[index], stand));
  }
  return found;
}

/**
 * The order in a row: first the marks that are leaving, then those standing, then those arriving.
 * @param {Shown} shown
 * @param {Ground} ground
 */
function turnOf(shown, ground) {
  if (!travels(shown, ground)) return 1;
  return shown.progress < NEAR ? 0 : 2;
}

/**
 * The place in whose row a mark has its stand; null once it is well on its way.
 * @param {Shown} shown
 * @param {Ground} ground
 * @returns {Place|null}
 */
export function rowOf(shown, ground) {
  if (!travels(shown, ground)) return placeOf(shown, ground);
  if (shown.progress < NEAR) return shown.from;
  return shown.progress > 1 - NEAR ? shown.to : null;
}

/**
 * The place at which a mark is counted: from half way on, it belongs to its destination.
 * @param {Shown} shown
 * @param {Ground} ground
 * @returns {Place}
 */
export function placeOf({ from, to, progress, moving }, { steps }) {
  if (steps) return moving && progress < 1 && from !== to ? from : to;
  return moving && progress < 0.5 ? from : to;
}

/**
 * The pipe that a mark on its way is in.
 * @param {Shown} shown
 * @returns {PipeName}
 */
export function pipeOf({ from, to, progress }) {
  return legOf(route(from, to), progress).pipe;
}

/**
 * Whether a mark is on its way through a pipe.
 * @param {Shown} shown
 * @param {Ground} ground
 */
export function travels(shown, { steps }) {
  return !steps && isUnderWay(shown) && route(shown.from, shown.to).length > 0;
}

/**
 * Whether a mark has left one place and not yet reached the other.
 * @param {Shown} shown
 */
export function isUnderWay({ moving, progress }) {
  return moving && progress > 0 && progress < 1;
}

/**
 * The number of digits on a mark.
 * @param {number|null} todo_id
 */
export function digitsOf(todo_id) {
  return String(todo_id ?? "?").length;
}
