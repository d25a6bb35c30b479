// @ts-check
/**
 * What happened before this page joined. The page asks web for it once, when somebody first looks back or
 * opens the charts, whose figures are then of the same journeys on every page.
 */

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../clock/playhead.js").Playhead} Playhead */

/**
 * @param {Journal} journal
 * @param {Playhead} playhead
 * @param {typeof fetch} ask
 * @returns {() => Promise<void>} Asks, unless there has been an answer.
 */
export function olderOf(journal, playhead, ask) {
  let isAsked = false;
  const askOnce = async () => {
    if (isAsked || journal.run || journal.journeys.size === 0) return;
    isAsked = true;
    // If there is no answer, the page shows what it has, and the next look back asks again.
    isAsked = await askFor(journal, ask);
  };
  playhead.addEventListener("change", () => playhead.isLive() || askOnce());
  return askOnce;
}

/**
 * @param {Journal} journal
 * @param {typeof fetch} ask
 * @returns {Promise<boolean>} Whether there was an answer, or none was needed.
 */
async function askFor(journal, ask) {
  const before_ms = Math.floor(journal.inOrder()[0]?.at_ms ?? 0);
  const limit = journal.limit - journal.journeys.size;
  if (limit <= 0) return true;
  try {
    const answer = await ask(`/journeys?before_ms=${before_ms}&limit=${limit}`);
    if (!answer.ok) return false;
    /** @type {{journeys: import("../journal/types.js").Journey[], firings?: import("../journal/types.js").Firing[]}} */
    const { journeys, firings = [] } = await answer.json();
    // A run may have been opened meanwhile, and must not be mixed with anything.
    if (journal.run) return true;
    journal.mergeFirings(firings);
    journal.mergeOlder(journeys);
    return true;
  } catch {
    return false;
  }
}
