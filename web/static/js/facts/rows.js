// @ts-check
/** The row of one todo in each store at a moment, worked out from the answers and the hops around that moment. Pure. */
import { hopOf, isDeletion } from "../journal/journey.js";

/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/types.js").Row} Row */
/**
 * @typedef {object} Answer One todo, as a store gave it.
 * @property {Row} [row]
 * @property {number} asked_ms Epoch. What had happened by then is in the answer.
 * @property {number} at_ms Epoch, when the answer was there. What happened later is not in it. What
 *   happened in between may or may not be.
 */
/** @typedef {{left: Answer, right: Answer}} Answered One todo, as both stores gave it. */
/** @typedef {{journey: Journey, version: number, on_ms: number}} Reached A version, and when it reached a store. */

/**
 * The rows of both stores at a moment.
 * @param {Answered} answer
 * @param {Journey[]} known The journeys of this todo, by version.
 * @param {number} at_ms Epoch.
 * @returns {{left: Row|null, right: Row|null}} `right` with `deleted` if it is a tombstone.
 */
export function sidesAt({ left, right }, known, at_ms) {
  return {
    left: alive(rowAt(left, known, at_ms, writtenAt)),
    // A write cannot be projected before it is written, whatever the two processes recorded, and even if
    // only the writing is in a trace.
    right: rowAt(right, known, at_ms, (journeys, version) => {
      const [written_ms, projected_ms] = [writtenAt(journeys, version), projectedAt(journeys, version)];
      return projected_ms === null ? ifLater(written_ms, at_ms) : Math.max(projected_ms, written_ms ?? -Infinity);
    }),
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
 * One side's row as it was at a moment: the answer without what had not happened by then, and with what
 * happened too late to be in it.
 * @param {Answer} answer
 * @param {Journey[]} journeys Of this todo, by version.
 * @param {number} at_ms Epoch, the moment.
 * @param {(journeys: Journey[], version: number) => number|null} reachedAt
 * @returns {Row|null}
 */
function rowAt(answer, journeys, at_ms, reachedAt) {
  const reached = journeys.flatMap((journey) => {
    const version = journey.version ?? 0;
    const on_ms = reachedAt(journeys, version);
    return on_ms === null ? [] : [{ journey, version, on_ms }];
  });
  const has = versionIn(answer, reached);
  const undone = reached.find(({ version, on_ms }) => version <= has && on_ms > at_ms);
  if (undone) return rowBefore(undone.journey, journeys);
  const last = reached.findLast(({ version, on_ms }) => version > has && on_ms > answer.asked_ms && on_ms <= at_ms);
  return last ? rowOf(last.journey) : answer.row ?? null;
}

/**
 * The version that an answer shows. One without a row shows a deletion, if the todo had been there before
 * or the deletion had happened by then.
 * @param {Answer} answer
 * @param {Reached[]} reached By version.
 * @returns {number} 0 if it shows that there was nothing yet, or nothing any more and nobody knows why.
 */
function versionIn({ row, asked_ms, at_ms }, reached) {
  if (row) return row.version;
  const deleted = reached.find(({ journey }) => isDeletion(journey));
  if (!deleted) return 0;
  const wasThere = reached.some(({ version, on_ms }) => version < deleted.version && on_ms <= asked_ms);
  return wasThere || deleted.on_ms <= at_ms ? deleted.version : 0;
}

/**
 * @param {Journey} journey
 * @param {Journey[]} journeys
 * @returns {Row|null}
 */
function rowBefore({ version, todo_id }, journeys) {
  const last = (version ?? 1) - 1;
  if (last <= 0) return null;
  const before = journeys.find((each) => each.version === last);
  return before ? rowOf(before) : { id: todo_id ?? 0, title: null, completed: null, version: last, isUnknown: true };
}

/**
 * When PostgreSQL first held that version. If the record of its commit has not come, what followed shows
 * that it was written by then; not if the command service publishes by itself, which it may do before it commits.
 * @param {Journey[]} journeys
 * @param {number} version
 */
export function writtenAt(journeys, version) {
  const journey = journeys.find((each) => each.version === version);
  if (!journey) return null;
  const followed = journey.isDirect ? undefined : journey.hops.find(({ hop }) => hop !== "received");
  return (hopOf(journey, "committed") ?? followed)?.at_ms ?? null;
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
  const row = { id: todo_id ?? 0, title, completed, version: version ?? 0 };
  if (isDeletion(journey)) return { ...row, deleted: true };
  // The span that tells its title has not come yet.
  return title === null ? { ...row, isUnknown: true } : row;
}
