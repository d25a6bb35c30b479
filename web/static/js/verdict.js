// @ts-check
/**
 * The bar: the verdict in words, the stretch, and whether what is shown is live. And, for those who
 * do not see the stage, a summary now and then.
 */
import { counted, duration } from "./format.js";
import { one, say, set } from "./dom.js";

/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./clock.js").Clock} Clock */
/** @typedef {import("./behind.js").Behind} Behind */

const SUMMARY_EVERY_MS = 4000;

export class Verdict {
  /**
   * @param {ParentNode} root
   * @param {Journal} journal
   * @param {Clock} clock
   * @param {{isConnected: () => boolean}} wire
   */
  constructor(root, journal, clock, wire) {
    this.journal = journal;
    this.clock = clock;
    this.wire = wire;
    this.verdict = one(root, "verdict");
    this.verdictWords = one(root, "verdict-words");
    this.live = one(root, "live");
    this.liveWords = one(root, "live-words");
    this.summary = one(root, "summary");
    this.summarised = "";
    this.summarised_ms = 0;
    const { stretch, floor_ms, cap_ms } = clock;
    say(one(root, "stretch"), `shown ${stretch} times slower`);
    say(one(root, "key"), `Figures are true times. Each hop is shown for at least ${floor_ms / 1000} s (◂) `
      + `and at most ${cap_ms / 1000} s (▸).`);
  }

  /**
   * @param {number} now_ms
   * @param {Behind[]} behind
   */
  draw(now_ms, behind) {
    const [state, words] = verdictOf(behind, this.journal, this.wire.isConnected());
    set(this.verdict, "data-verdict", state);
    say(this.verdictWords, words);
    const late_ms = this.clock.behind(now_ms);
    const isLive = late_ms < 100;
    const live = !this.wire.isConnected() ? "offline" : isLive ? "live" : "behind";
    set(this.live, "data-live", live);
    say(this.liveWords, live === "offline" ? "not connected" : isLive ? "live" : `${(late_ms / 1000).toFixed(1)} s behind live`);
    this.#summarise(state, behind, now_ms);
  }

  /**
   * One message for what changed, not one for each hop.
   * @param {string} state
   * @param {Behind[]} behind
   * @param {number} now_ms
   */
  #summarise(state, behind, now_ms) {
    if (now_ms < this.summarised_ms + SUMMARY_EVERY_MS) return;
    const todos = new Set(behind.map(({ journey }) => journey.todo_id)).size;
    const text = {
      consistent: "Consistent: reads show all that was acknowledged.",
      behind: `${counted(todos, "todo")} acknowledged and not yet readable.`,
      offline: "Not connected.",
    }[state] ?? "";
    if (text === this.summarised) return;
    this.summarised = text;
    this.summarised_ms = now_ms;
    say(this.summary, text);
  }
}

/**
 * @param {Behind[]} behind
 * @param {Journal} journal
 * @param {boolean} isConnected
 * @returns {["consistent"|"behind"|"unknown"|"offline", string]}
 */
export function verdictOf(behind, { read }, isConnected) {
  if (!isConnected) return ["offline", "not connected to web, trying again"];
  if (behind.length) {
    const todos = new Set(behind.map(({ journey }) => journey.todo_id)).size;
    const oldest = duration(Math.max(...behind.map(({ for_ms }) => for_ms)));
    return ["behind", todos === 1 ? `1 todo behind, for ${oldest}` : `${todos} todos behind, the oldest for ${oldest}`];
  }
  if (!read) return ["unknown", "unknown: no read has been answered yet"];
  if (read.error) return ["unknown", "unknown: reads fail"];
  return ["consistent", "consistent, as far as this page has seen"];
}
