// @ts-check
/** Whether anything is under way anywhere, judging by the last reported contents of the stores and the queue. Pure. */

/** @typedef {import("../journal/journal.js").Holds} Holds */

/**
 * Since when nothing has been under way anywhere.
 * @param {import("../journal/types.js").Sample<Holds>[]} samples Oldest first.
 * @returns {number|null} Epoch; null if something is under way, or if that is not known.
 */
export function quietSince(samples) {
  let since_ms = null;
  for (let index = samples.length - 1; index >= 0 && underWay(samples[index].told) === 0; index -= 1) {
    since_ms = samples[index].at_ms;
  }
  return since_ms;
}

/**
 * How many events are waiting or in hand anywhere. Dead letters count too, since any of them could be
 * sent again. Null if a part cannot be asked.
 * @param {Holds} holds
 * @returns {number|null}
 */
export function underWay(holds) {
  const parts = [
    holds["command-service"]?.outbox, holds.projector?.queue, holds.projector?.unacked,
    holds.projector?.dead_letters,
  ];
  let sum = 0;
  for (const part of parts) {
    if (typeof part !== "number") return null;
    sum += part;
  }
  return sum;
}
