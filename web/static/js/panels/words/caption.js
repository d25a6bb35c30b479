// @ts-check
/** The words below the two truths: what is wrong, what is not drawn, and how late the stage is. */
import { duration } from "../../page/format.js";
import { keyed, make, one, say } from "../../page/dom.js";

/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../facts/counts.js").Counts} Counts */
/** @typedef {import("../../facts/facts.js").Facts} Facts */

/** @param {HTMLElement} root */
export function mount(root) {
  const more = one(root, "caption-more");
  const list = one(root, "faults");
  return {
    root,
    group: "words",
    /**
     * @param {Scene} scene
     * @param {Facts} facts
     */
    draw(scene, { faults, counts, now }) {
      keyed(list, faults, (fault) => fault, faultLine, () => {});
      say(more, [notDrawn(scene), latenessOf(scene, counts, now)].filter(Boolean).join(". "));
    },
  };
}

/** @param {string} fault */
function faultLine(fault) {
  return make("li", { "data-fault": "", "title": fault }, fault);
}

/** The parts in which events wait. @type {readonly (keyof Counts)[]} */
const WAITING = ["outbox", "queue", "inHand"];

/**
 * How late the stage is, if something else waits now. The nodes say how much.
 * @param {Scene} scene
 * @param {Counts} counts
 * @param {Counts|null} now
 */
function latenessOf({ behind_ms }, counts, now) {
  if (!now || WAITING.every((part) => now[part] === counts[part])) return "";
  return `The stage is ${duration(behind_ms)} late`;
}

/** @param {Scene} scene */
function notDrawn({ shown, undrawn, wentBy }) {
  if (undrawn.length + wentBy === 0) return "";
  const words = [`${shown.size} events followed`];
  if (undrawn.length) words.push(`${undrawn.length.toLocaleString("en-GB")} more as counts and flow`);
  if (wentBy) words.push(`${wentBy.toLocaleString("en-GB")} went by undrawn`);
  return words.join(", ");
}
