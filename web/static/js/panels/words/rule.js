// @ts-check
/** Below the stage: the rule for showing true times. */
import { say } from "../../page/dom.js";

/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */

/**
 * @param {HTMLElement} root
 * @param {{playhead: Playhead}} house
 */
export function mount(root, { playhead }) {
  return { root, group: "words", draw: () => say(root, ruleInWords(playhead)) };
}

/** @param {Playhead} playhead */
function ruleInWords(playhead) {
  const { floor_ms, cap_ms, late_ms } = playhead.limits;
  if (!playhead.isLive()) {
    return `Figures are true times. Times in which nothing happens are cut to ${cap_ms / 1000} s.`;
  }
  if (playhead.factor === 1) {
    return `Figures are true times, and so is what moves. What would be over ${late_ms / 1000} s late is hurried (▸).`;
  }
  const [least_s, most_s] = [floor_ms / 1000, cap_ms / 1000];
  return `True times, shown for ${least_s} s (◂ drawn out) to ${most_s} s (▸ hurried).`;
}
