// @ts-check
/**
 * The bar: the verdict in words, and whether what is shown is live. And, for those who do not see
 * the stage, a summary now and then.
 */
import { counted, duration } from "../../page/format.js";
import { one, say, set } from "../../page/dom.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../clock/clock.js").Scene} Scene */
/** @typedef {import("../../facts/behind.js").Behind} Behind */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */

const SUMMARY_EVERY_MS = 4000;
/** What is shown less late than this is called live. */
const LIVE_WITHIN_MS = 100;

export class Verdict {
  /**
   * @param {ParentNode} root
   * @param {Journal} journal
   * @param {Playhead} playhead
   */
  constructor(root, journal, playhead) {
    this.journal = journal;
    this.playhead = playhead;
    this.verdict = one(root, "verdict");
    this.verdictWords = one(root, "verdict-words");
    this.live = one(root, "live");
    this.liveWords = one(root, "live-words");
    this.summary = one(root, "summary");
    this.summarised = "";
    this.summarised_ms = 0;
  }

  /**
   * @param {Scene} scene
   * @param {import("../../facts/facts.js").Facts} facts
   */
  draw(scene, { behind, verdict, truths }) {
    set(this.verdict, "data-verdict", verdict.state);
    say(this.verdictWords, verdict.words);
    this.drawLate(scene.now_ms);
    this.#summarise(verdict.state, behind, truths.verdict.words, scene.now_ms);
  }

  /**
   * How far behind live what is shown is. The one thing that goes on while the rest is paused.
   * @param {number} now_ms The page's clock.
   */
  drawLate(now_ms) {
    const { mode } = this.playhead;
    const late_ms = this.playhead.behind(now_ms);
    const isPaused = mode === "paused";
    const late = late_ms < LIVE_WITHIN_MS ? "live" : `${lateness(late_ms, isPaused)} behind live`;
    const isOffline = !this.journal.isConnected && this.journal.run === null;
    set(this.live, "data-live", isOffline ? "offline" : isPaused ? "paused" : late === "live" ? "live" : "behind");
    if (isOffline) say(this.liveWords, "not connected");
    else if (this.journal.run) say(this.liveWords, `a run of a file${isPaused ? ", paused" : ""}`);
    else if (isPaused) say(this.liveWords, late === "live" ? "paused" : `paused, ${late}`);
    else say(this.liveWords, late);
  }

  /**
   * One message for what changed, not one for each hop.
   * @param {string} state
   * @param {Behind[]} behind
   * @param {string} loss What is lost, in words.
   * @param {number} now_ms
   */
  #summarise(state, behind, loss, now_ms) {
    if (now_ms < this.summarised_ms + SUMMARY_EVERY_MS || this.playhead.isPaused()) return;
    const todos = new Set(behind.map(({ journey }) => journey.todo_id)).size;
    const text = {
      consistent: "Consistent: reads show all that was acknowledged.",
      behind: `${counted(todos, "todo")} acknowledged and not yet readable.`,
      offline: "Not connected.",
      lost: `${loss}.`,
    }[state] ?? "";
    if (text === this.summarised) return;
    this.summarised = text;
    this.summarised_ms = now_ms;
    say(this.summary, text);
  }
}

/**
 * While paused, in whole seconds: it is told once a second.
 * @param {number} late_ms
 * @param {boolean} isPaused
 */
function lateness(late_ms, isPaused) {
  if (late_ms >= 100_000) return duration(late_ms);
  return `${(late_ms / 1000).toFixed(isPaused ? 0 : 1)} s`;
}
