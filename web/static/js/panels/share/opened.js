// @ts-check
/** Says that the page shows a run from a file and not the stack, and leads back to the stack. */
import { make, one, say, set } from "../../page/dom.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */

/** How long web may take to answer. */
const ANSWER_MS = 5000;

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, ask: typeof fetch, reload: () => void}} house `reload`: loads the page again.
 */
export function mount(root, { journal, ask, reload }) {
  const says = one(root, "run-says");
  const problem = one(root, "leave-problem");
  journal.addEventListener("run", () => {
    if (!journal.run) return;
    const { at_ms, journeys } = journal.run;
    const when = new Date(journal.timeOfDay(at_ms)).toLocaleString("en-GB");
    root.hidden = false;
    const count = journeys.length.toLocaleString("en-GB");
    says.replaceChildren(`A run from a file, of ${when}, with ${count} journeys.`, make("span", {}, " This is not the stack now."));
    switchOff(root.ownerDocument);
  });
  one(root, "leave-run").addEventListener("click", async () => {
    say(problem, "");
    // If web could not show the stack, the run would be lost for nothing.
    if (await answers(ask)) reload();
    else say(problem, "This page cannot reach web, so the run stays open.");
  });
  return { root };
}

/** @param {typeof fetch} ask */
async function answers(ask) {
  try {
    return (await ask("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) })).ok;
  } catch {
    return false;
  }
}

/**
 * Controls that would send to the stack look disabled, and say why.
 * @param {Document} page
 */
function switchOff(page) {
  for (const part of page.querySelectorAll("[data-sends]")) set(part, "aria-disabled", "true");
  for (const hint of page.querySelectorAll("[data-run-sends-nothing]")) set(hint, "hidden", null);
}
