// @ts-check
/** What happened before this page joined: asked of web once, when somebody first looks back. */
import { HELD_MS } from "./playhead.js";

/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./playhead.js").Playhead} Playhead */

/**
 * @param {Journal} journal
 * @param {Playhead} playhead
 * @param {typeof fetch} ask
 * @param {() => number} now The page's clock, in ms.
 */
export function askForOlder(journal, playhead, ask, now) {
  let isAsked = false;
  playhead.addEventListener("change", async () => {
    if (isAsked || playhead.isLive() || journal.run || journal.journeys.size === 0) return;
    isAsked = true;
    const { to_ms } = playhead.bounds(now());
    const before_ms = Math.floor(journal.inOrder()[0].at_ms);
    const limit = journal.limit - journal.journeys.size;
    if (before_ms <= to_ms - HELD_MS || limit <= 0) return;
    try {
      const answer = await ask(`/journeys?before_ms=${before_ms}&limit=${limit}`);
      if (!answer.ok) return;
      /** @type {{journeys: import("./journal.js").Journey[]}} */
      const { journeys } = await answer.json();
      const held = journeys.filter(({ hops }) => (hops[0]?.at_ms ?? 0) >= to_ms - HELD_MS);
      // A run may have been opened meanwhile; what it holds is not mixed with anything.
      if (!journal.run) journal.mergeOlder(held);
    } catch {
      // What is held is said; the next look back asks again.
      isAsked = false;
    }
  });
}
