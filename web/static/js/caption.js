// @ts-check
/** Below the two truths, in words: what is wrong, and what is not drawn. Draws only. */
import { keyed, make, one, say } from "./dom.js";
import { faults, reports, toldAt } from "./nodes.js";

/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./clock.js").Scene} Scene */

export class Caption {
  /**
   * @param {ParentNode} root
   * @param {Journal} journal
   */
  constructor(root, journal) {
    this.journal = journal;
    this.more = one(root, "caption-more");
    this.faults = one(root, "faults");
  }

  /** @param {Scene} scene */
  draw(scene) {
    const { health, holds } = toldAt(this.journal, scene);
    const wrong = faults(reports(health, holds));
    keyed(this.faults, wrong, (fault) => fault, (fault) => make("li", { "data-fault": "", "title": fault }, fault), () => {});
    say(this.more, notDrawn(scene));
  }
}

/** @param {Scene} scene */
function notDrawn({ shown, undrawn, wentBy }) {
  if (undrawn.length + wentBy === 0) return "";
  const words = [`${shown.size} events drawn`];
  if (undrawn.length) words.push(`${undrawn.length.toLocaleString("en-GB")} more as counts and flow`);
  if (wentBy) words.push(`${wentBy.toLocaleString("en-GB")} went by`);
  return words.join(", ");
}
