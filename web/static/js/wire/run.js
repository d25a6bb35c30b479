// @ts-check
/** Opens a run from a file: from then on the journal is the run's, and the page does not listen to the stack. */
import { boundsOf } from "../journal/run.js";

/**
 * @param {import("../journal/types.js").Run} run
 * @param {object} house
 * @param {import("../journal/journal.js").Journal} house.journal
 * @param {import("../clock/playhead.js").Playhead} house.playhead
 * @param {{close: () => void}} house.wire
 */
export function openRun(run, { journal, playhead, wire }) {
  wire.close();
  journal.open(run);
  const { from_ms, to_ms } = boundsOf(run);
  playhead.open(from_ms, to_ms);
}
