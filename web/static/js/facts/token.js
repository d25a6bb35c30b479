// @ts-check
/** The consistency token of what the stage has shown. Pure. */
import { hopOf } from "../journal/journey.js";

/** @typedef {import("../journal/types.js").Journey} Journey */

/** For how many todos a read waits. The query service takes up to 100 (contracts/queries.openapi.yaml). */
const MOST_TOKENS = 20;

/**
 * The newest versions that the stage has shown as acknowledged, whoever wrote them.
 * @param {Iterable<Journey>} journeys
 * @returns {string} As a read sends it; "" if there are none.
 */
export function seenToken(journeys) {
  /** @type {Map<number, {version: number, at_ms: number}>} */
  const newest = new Map();
  for (const journey of journeys) {
    const at_ms = hopOf(journey, "acknowledged")?.at_ms;
    const { todo_id, version } = journey;
    if (at_ms === undefined || todo_id === null || version === null) continue;
    if (version > (newest.get(todo_id)?.version ?? 0)) newest.set(todo_id, { version, at_ms });
  }
  return [...newest]
    .sort(([, a], [, b]) => a.at_ms - b.at_ms)
    .slice(-MOST_TOKENS)
    .map(([id, { version }]) => `${id}.${version}`)
    .join(",");
}
