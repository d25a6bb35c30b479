// @ts-check
/** The words below the two truths: what is wrong, what is not drawn, and how old the figures are. */
import { duration } from "../../page/format.js";
import { keyed, make, one, say } from "../../page/dom.js";

/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../facts/facts.js").Facts} Facts */

/** If the scene is later than this, the marks are not where the figures say. */
const LATE_MS = 1000;

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
    draw(scene, { faults }) {
      keyed(list, faults, (fault) => fault, faultLine, () => {});
      say(more, [notDrawn(scene), figuresOf(scene)].filter(Boolean).join(". "));
    },
  };
}

/** @param {string} fault */
function faultLine(fault) {
  return make("li", { "data-fault": "", "title": fault }, fault);
}

/**
 * The contents of the stores and the queue are asked for four times a second, and are those of now.
 * @param {Scene} scene
 */
function figuresOf({ isPast, behind_ms }) {
  if (isPast) return "Rows and depths are the last that were told before this moment";
  if (behind_ms < LATE_MS) return "";
  return `Rows and depths are of now, the marks ${duration(behind_ms)} late`;
}

/** @param {Scene} scene */
function notDrawn({ shown, undrawn, wentBy }) {
  if (undrawn.length + wentBy === 0) return "";
  const words = [`${shown.size} events followed`];
  if (undrawn.length) words.push(`${undrawn.length.toLocaleString("en-GB")} more as counts and flow`);
  if (wentBy) words.push(`${wentBy.toLocaleString("en-GB")} went by undrawn`);
  return words.join(", ");
}
