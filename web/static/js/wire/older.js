// @ts-check
/**
 * What happened before this page joined: asked of web once, when somebody first looks back or at the
 * charts, whose figures are then of the same journeys on every page.
 */

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../clock/playhead.js").Playhead} Playhead */

/**
 * @param {Journal} journal
 * @param {Playhead} playhead
 * @param {typeof fetch} ask
 * @returns {() => Promise<void>} Asks, unless that has been done.
 */
export function olderOf(journal, playhead, ask) {
  let isAsked = false;
  const askOnce = async () => {
    if (isAsked || journal.run || journal.journeys.size === 0) return;
    isAsked = true;
    const before_ms = Math.floor(journal.inOrder()[0].at_ms);
    const limit = journal.limit - journal.journeys.size;
    if (limit <= 0) return;
    try {
      const answer = await ask(`/journeys?before_ms=${before_ms}&limit=${limit}`);
      if (!answer.ok) return;
      /** @type {{journeys: import("../journal/journal.js").Journey[]}} */
      const { journeys } = await answer.json();
      // A run may have been opened meanwhile; what it holds is not mixed with anything.
      if (!journal.run) journal.mergeOlder(journeys);
    } catch {
      // What is held is said; the next look back asks again.
      isAsked = false;
    }
  };
  playhead.addEventListener("change", () => playhead.isLive() || askOnce());
  return askOnce;
}
