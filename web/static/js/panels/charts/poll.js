// @ts-check
/** How often the poller reads, which the host may change. */
import { duration } from "../../page/format.js";
import { one, say } from "../../page/dom.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {{ask: (method: string, path: string, body?: object) => Promise<string|null>}} Host */

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, host: Host}} house
 */
export function mount(root, { journal, host }) {
  const field = one(root, "poll-interval", HTMLInputElement);
  const says = one(root, "poll-says");
  const problem = one(root, "poll-problem");
  const draw = () => {
    const { poll_interval_ms } = journal;
    if (poll_interval_ms === null) return;
    if (document.activeElement !== field) field.value = String(poll_interval_ms);
    say(says, `${duration(poll_interval_ms / 2)} late on average`);
  };
  root.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(problem, (await host.ask("PUT", "/poll", { interval_ms: Number(field.value) })) ?? "");
  });
  journal.addEventListener("poll", draw);
  return { root, group: "words", draw };
}
