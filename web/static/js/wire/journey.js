// @ts-check
/** Asks for one journey in full: what this page does not know about it, and what the stores have of it now. */

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {{event: unknown, row: unknown, document: unknown}} Held */

/**
 * @param {Journal} journal
 * @param {typeof fetch} ask
 * @returns {(event_id: string) => Promise<Held|null>} Null if web does not know the journey either. It
 *   throws if web cannot be reached.
 */
export function journeyAsker(journal, ask) {
  return async (event_id) => {
    const answer = await ask(`/journeys/${encodeURIComponent(event_id)}`);
    if (!answer.ok) return null;
    const { journey, firings = [], ...held } = await answer.json();
    // A link may lead to a journey older than any that this page was sent.
    if (!journal.run) {
      journal.mergeFirings(firings);
      journal.mergeJourneys([journey]);
    }
    return held;
  };
}
