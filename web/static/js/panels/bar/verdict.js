// @ts-check
/**
 * The verdict in the bar, in words: what is acknowledged but not yet readable, and what the two truths
 * say. For people who cannot see the stage, it also gives a summary now and then.
 */
import { counted } from "../../page/format.js";
import { one, say, set } from "../../page/dom.js";

/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */
/** @typedef {import("../../facts/behind.js").Behind} Behind */
/** @typedef {import("../../facts/facts.js").Facts} Facts */

const SUMMARY_EVERY_MS = 4000;

/**
 * @param {HTMLElement} root
 * @param {{playhead: Playhead, announce: (text: string) => void}} house
 */
export function mount(root, house) {
  return new Verdict(root, house);
}

class Verdict {
  /** It repeats what the table of both truths says, so both are drawn from the same moment. */
  group = "truths";

  /**
   * @param {HTMLElement} root
   * @param {{playhead: Playhead, announce: (text: string) => void}} house
   */
  constructor(root, { playhead, announce }) {
    this.root = root;
    this.words = one(root, "verdict-words");
    this.playhead = playhead;
    this.announce = announce;
    this.summarised = "";
    this.summarised_ms = 0;
  }

  /**
   * @param {Scene} scene
   * @param {Facts} facts
   */
  draw({ now_ms }, { behind, verdict, truths }) {
    set(this.root, "data-verdict", verdict.state);
    say(this.words, verdict.words);
    // There is only room for the whole time, which is hatched then.
    set(this.root, "data-injected", verdict.injected ? "" : null);
    const whole = verdict.state === "unknown" ? verdict.words : null;
    set(this.words, "title", verdict.injected ? `${verdict.words} (${verdict.injected})` : whole);
    this.#summarise(verdict.state, truths.verdict.words, behind, now_ms);
  }

  /**
   * Announces all the changes in one message, rather than one for each hop.
   * @param {string} state
   * @param {string} loss The losses, in words.
   * @param {Behind[]} behind
   * @param {number} now_ms
   */
  #summarise(state, loss, behind, now_ms) {
    if (now_ms < this.summarised_ms + SUMMARY_EVERY_MS || this.playhead.isPaused()) return;
    const text = {
      consistent: "Consistent: reads show all that was acknowledged.",
      behind: `${counted(todosOf(behind), "todo")} acknowledged and not yet readable.`,
      offline: "Not connected.",
      lost: `${loss}.`,
    }[state] ?? "";
    if (text === this.summarised) return;
    this.summarised = text;
    this.summarised_ms = now_ms;
    this.announce(text);
  }
}

/** @param {Behind[]} behind */
function todosOf(behind) {
  return new Set(behind.map(({ journey }) => journey.todo_id)).size;
}
