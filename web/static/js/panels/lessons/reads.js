// @ts-check
/** What each read of the step before was shown, so that it is before the eyes of whoever watches. */
import { keyed, make, say } from "../../page/dom.js";

/** @typedef {import("../../journal/lesson.js").ActionState} ActionState */
/** @typedef {import("./house.js").Part} Part */
/** @typedef {import("./house.js").Step} Step */

/** How web tells the reads of one action apart. */
const APART = " · ";

/**
 * The actions of a step that read more than once. Pure.
 * @param {Step|undefined} step
 * @param {readonly ActionState[]} actions As they stand, one for each of the step's.
 * @returns {{says: string, reads: string[]}[]}
 */
export function readsOf(step, actions) {
  return actions
    .filter(({ answer }, index) => answer && step?.actions?.[index]?.["read"])
    .map(({ says, answer }) => ({ says, reads: (answer ?? "").split(APART) }))
    .filter(({ reads }) => reads.length > 1);
}

/**
 * @param {readonly Step[]} steps
 * @param {number} at The step after it.
 * @returns {Part}
 */
export function createReads(steps, at) {
  const element = make("div", { class: "lists-read" });
  return {
    element,
    draw({ now }) {
      const all = readsOf(steps[at - 1], now.steps[at - 1]?.actions ?? []);
      element.hidden = !all.length;
      keyed(element, all.map((each, index) => ({ ...each, index })), ({ index }) => String(index), createReader, (box, { says, reads }) => {
        say(box.children[0], says);
        keyed(/** @type {HTMLElement} */ (box.children[1]), reads.map((read, index) => ({ read, index })), ({ index }) => String(index), () => make("li"), (row, { read }) => say(row, read));
      });
    },
  };
}

function createReader() {
  const box = make("div");
  box.append(make("p", { class: "quiet" }), make("ol"));
  return box;
}
