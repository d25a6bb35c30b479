// @ts-check
/** What both stores hold: asked of web again and again, and put into the journal. */

/** @typedef {import("../journal/journal.js").Journal} Journal */

/**
 * How often both stores are asked: while they differ or something is under way; while the older
 * todos have not all been compared once; and at rest.
 */
const BUSY_MS = 400;
const FIRST_ROUND_MS = 1000;
const IDLE_MS = 4000;
/** An answer that takes long is asked for less often: a share of the time is left to others. */
const REST_PER_ANSWER = 10;
const WINDOW = 200;

/**
 * Asks for both truths again and again: often while they differ or something has just happened,
 * seldom at rest, never while nobody looks.
 * @param {Journal} journal
 * @param {() => boolean} differ Whether they differ, as far as is known.
 * @param {typeof fetch} ask
 */
export function keepAsking(journal, differ, ask) {
  let asked_ms = -Infinity;
  let took_ms = 0;
  let isBusy = true;
  let isAsking = false;
  const round = async () => {
    const now_ms = performance.now();
    const { after, older } = journal.truths ?? {};
    const rest_ms = after && older?.since_ms === null ? FIRST_ROUND_MS : IDLE_MS;
    const due_ms = Math.max(isBusy || differ() ? BUSY_MS : rest_ms, took_ms * REST_PER_ANSWER);
    if (isAsking || document.hidden || journal.run || now_ms - asked_ms < due_ms) return;
    [isAsking, isBusy, asked_ms] = [true, false, now_ms];
    try {
      const answer = await ask(`/truths?limit=${WINDOW}`);
      const told = answer.ok ? await answer.json() : null;
      // A run may have been opened meanwhile, and what the stack holds is no concern of it.
      if (told && !journal.run) journal.setTruths(told);
    } catch {
      // The bar says that web cannot be reached; the next round asks again.
    } finally {
      took_ms = Math.min(performance.now() - asked_ms, IDLE_MS / REST_PER_ANSWER);
      isAsking = false;
    }
  };
  for (const what of ["hops", "holds", "read"]) journal.addEventListener(what, () => { isBusy = true; });
  setInterval(round, BUSY_MS / 2);
  round();
}
