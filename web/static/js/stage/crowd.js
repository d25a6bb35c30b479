// @ts-check
/**
 * Which marks are drawn: as many as there is room for, without overlaps. The others are counted where
 * they stand, or beside the pipe that they are in. Pure.
 */
import { HALO, MARK_HEIGHT, markWidth } from "./layout/measures.js";
import { Branch } from "../journal/branches.js";
import { digitsOf, isUnderWay, pipeOf, placeOf, pointOf, rowOf, standsOf, travels } from "./place.js";

/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../clock/shown.js").AnyShown} Shown */
/** @typedef {import("./layout/types.js").AnyPlace} Place */
/** @typedef {import("./layout/types.js").AnyPipe} PipeName */
/** @typedef {import("./layout/types.js").Point} Point */
/** @typedef {import("./place.js").Ground} Ground */
/** @typedef {import("./layout/docks.js").Stand} Stand */

/**
 * @typedef {object} Placed A mark, and where it is.
 * @property {Shown} shown
 * @property {Stand|null} stand Its stand in a row.
 * @property {Point} point
 * @property {Place} place The place at which it is counted.
 * @property {boolean} isDrawn If not, it is only counted.
 * @property {boolean} isUnderWay
 * @property {"beside"|"below"|null} word Where there is room for a word, if anywhere.
 */

/**
 * @typedef {object} Crowd
 * @property {Placed[]} placed
 * @property {Map<Place|PipeName, string>} rest How many are not drawn, by where the number is written:
 *   "+3", or "×3" if none is drawn there.
 * @property {Taken[]} taken The room that the drawn marks take.
 */

/** @typedef {{x: number, y: number, half: number, tall: number}} Taken A middle, and half of each side. */

/** If two marks would come closer than this, only the first is drawn, and the later one is counted. */
const CLEAR = 1;

/**
 * @param {Scene} scene
 * @param {Ground} ground
 * @returns {Crowd}
 */
export function crowdOf({ shown: all, side, undrawn }, ground) {
  const { names } = ground.layout.side;
  const beside = [...side?.values() ?? []].filter(({ journey }) => journey instanceof Branch && names.includes(journey.name));
  const here = [...all.values(), ...beside].filter((shown) => shown.last || shown.moving);
  const found = standsOf(here, ground);
  /** @type {Map<Place|PipeName, number>} The marks that are not drawn. */
  const counted = new Map();
  /** @type {Map<Place|PipeName, number>} All the marks at a place, or nearest to it. */
  const present = new Map();
  for (const shown of [...here, ...undrawn]) increase(present, placeOf(shown, ground));
  for (const { to } of undrawn) increase(counted, to);
  /** @type {Taken[]} */
  const taken = [];
  const placed = standingFirst(here, ground).map((shown) => {
    const stand = found.get(shown) ?? null;
    const point = pointOf(shown, stand, ground);
    const isDrawn = (stand !== null || travels(shown, ground)) && takeFor(shown, taken, point, ground);
    if (!isDrawn) increase(counted, rowOf(shown, ground) ?? pipeOf(shown));
    return /** @type {Placed} */ ({
      shown, stand, point, isDrawn, place: placeOf(shown, ground), word: null,
      isUnderWay: !ground.steps && isUnderWay(shown),
    });
  });
  for (const mark of placed) mark.word = wordAt(mark, present.get(mark.place) === 1, counted, ground);
  return { placed, rest: restOf(counted, present), taken };
}

/**
 * Puts the standing marks first. They have the right of way: they hide passing marks, not the other way
 * round.
 * @param {Shown[]} here
 * @param {Ground} ground
 */
function standingFirst(here, ground) {
  const [standing, travelling] = [/** @type {Shown[]} */ ([]), /** @type {Shown[]} */ ([])];
  for (const shown of here) (travels(shown, ground) ? travelling : standing).push(shown);
  return [...standing, ...travelling];
}

/**
 * Where there is room for a word: beside a mark in a row with room for it, or below a mark that is the
 * only one at its place, if the pipe is level there.
 * @param {Placed} mark
 * @param {boolean} isAlone
 * @param {Map<Place|PipeName, number>} counted
 * @param {Ground} ground
 * @returns {Placed["word"]}
 */
function wordAt({ shown, stand, point, place, isUnderWay: isMoving }, isAlone, counted, ground) {
  if (stand?.isWorded && !isMoving) return "beside";
  if (!isAlone || place === "queue") return null;
  if (!ground.layout.levels.some((level) => Math.abs(point.y - level) < 1)) return null;
  return travels(shown, ground) && counted.has(pipeOf(shown)) ? null : "below";
}

/**
 * @param {Map<Place|PipeName, number>} counted
 * @param {Map<Place|PipeName, number>} present
 */
function restOf(counted, present) {
  /** @type {Crowd["rest"]} */
  const rest = new Map();
  for (const [where, count] of counted) {
    const sign = count === present.get(where) ? "×" : "+";
    rest.set(where, `${sign}${count.toLocaleString("en-GB")}`);
  }
  return rest;
}

/**
 * Takes the room for a mark, including its second outline.
 * @param {Shown} shown
 * @param {Taken[]} taken
 * @param {Point} point
 * @param {Ground} ground
 */
function takeFor({ redelivered, journey }, taken, point, { layout }) {
  const halo = redelivered ? HALO : 0;
  const half = (markWidth(digitsOf(journey.todo_id)) / 2 + halo) * layout.type.mark;
  return take(taken, point, half, (MARK_HEIGHT / 2 + halo) * layout.type.mark);
}

/**
 * Takes some room if all of it is free.
 * @param {Taken[]} taken
 * @param {Point} point
 * @param {number} half Half its width.
 * @param {number} tall Half its height.
 * @returns {boolean} Whether it was free.
 */
export function take(taken, { x, y }, half, tall) {
  const isFree = taken.every((other) =>
    Math.abs(other.x - x) >= other.half + half + CLEAR || Math.abs(other.y - y) >= other.tall + tall + CLEAR);
  if (isFree) taken.push({ x, y, half, tall });
  return isFree;
}

/**
 * @template K
 * @param {Map<K, number>} counts
 * @param {K} key
 */
function increase(counts, key) {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
