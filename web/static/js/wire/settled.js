// @ts-check
/** When what has happened so far is known here: traces arrive some time after what they tell. */
import { SETTLE_MS } from "../clock/list.js";

/**
 * Waits until the traces of what has happened by now have arrived. A page that has lost its connection
 * gets them once it is back.
 * @param {{isConnected: boolean}} journal
 * @param {(ms: number) => Promise<unknown>} [pause]
 */
export async function settled(journal, pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))) {
  do await pause(SETTLE_MS); while (!journal.isConnected);
}
