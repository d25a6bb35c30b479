// @ts-check
/** The row of one todo in each store at a moment, worked out from the answers and the hops around that moment. Pure. */
import { hopOf, isDeletion } from "../journal/journey.js";

/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/types.js").Row} Row */
/** @typedef {{left?: Row, right?: Row, left_ms: number, right_ms: number}} Answered One todo, as both stores gave it. */

/**
 * The rows of both stores at a moment.
 * @param {Answered} answer
 * @param {Journey[]} known The journeys of this todo, by version.
 * @param {number} at_ms Epoch.
 * @returns {{left: Row|null, right: Row|null}} `right` with `deleted` if it is a tombstone.
 */
export function sidesAt({ left, right, left_ms, right_ms }, known, at_ms) {
  return {
    left: alive(rowAt(left, left_ms, known, at_ms, writtenAt)),
    // A write cannot be projected before it is written, even if only the writing is in a trace.
    right: rowAt(right, right_ms, known, at_ms, (journeys, version) =>
      projectedAt(journeys, version) ?? ifLater(writtenAt(journeys, version), at_ms)),
  };
}

/**
 * @param {number|null} time_ms
 * @param {number} at_ms
 */
function ifLater(time_ms, at_ms) {
  return time_ms !== null && time_ms > at_ms ? time_ms : null;
}

/**
 * The row, unless it is missing or a tombstone.
 * @param {Row|null|undefined} row
 */
export function alive(row) {
  return row && !row.deleted ? row : null;
}

/**
 * One side's row as it was at a moment: the answer, rolled back or forward by the hops between the answer
 * and that moment. If there are none, the answer stands.
 * @param {Row|undefined} row
 * @param {number} asked_ms Epoch, when the side answered.
 * @param {Journey[]} journeys Of this todo, by version.
 * @param {number} at_ms Epoch, the moment.
 * @param {(journeys: Journey[], version: number) => number|null} reachedAt
 * @returns {Row|null}
 */
export function rowAt(row, asked_ms, journeys, at_ms, reachedAt) {
  const reached = journeys.map((journey) => ({ journey, on_ms: reachedAt(journeys, journey.version ?? 0) }));
  const happened = (/** @type {number} */ from_ms, /** @type {number} */ to_ms) => reached
    .filter(({ on_ms }) => on_ms !== null && on_ms > from_ms && on_ms <= to_ms);
  if (at_ms >= asked_ms) {
    const last = happened(asked_ms, at_ms).at(-1);
    return last && (last.journey.version ?? 0) > (row?.version ?? 0) ? rowOf(last.journey) : row ?? null;
  }
  const undone = happened(at_ms, asked_ms);
  if (!undone.length) return row ?? null;
  const first = undone[0].journey.version ?? 1;
  if (first <= 1) return null;
  const before = journeys.find(({ version }) => version === first - 1);
  if (before) return rowOf(before);
  return { id: undone[0].journey.todo_id ?? 0, title: null, completed: null, version: first - 1 };
}

/**
 * @param {Journey[]} journeys
 * @param {number} version
 */
function writtenAt(journeys, version) {
  const journey = journeys.find((each) => each.version === version);
  return (journey && hopOf(journey, "committed")?.at_ms) ?? null;
}

/**
 * When MongoDB first held that version or a newer one.
 * @param {Journey[]} journeys
 * @param {number} version
 */
export function projectedAt(journeys, version) {
  const times = journeys
    .filter((journey) => (journey.version ?? 0) >= version)
    .map((journey) => hopOf(journey, "projected")?.at_ms)
    .filter((at_ms) => at_ms !== undefined);
  return times.length ? Math.min(...times) : null;
}

/**
 * @param {Journey} journey
 * @returns {Row}
 */
function rowOf(journey) {
  const { todo_id, title, completed, version } = journey;
  return {
    id: todo_id ?? 0, title, completed, version: version ?? 0,
    ...(isDeletion(journey) ? { deleted: true } : {}),
  };
}
