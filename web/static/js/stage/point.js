// @ts-check
/**
 * Points at parts of the stage: nodes by their names, and links by theirs in the lab or by their pipes'. Whatever was
 * pointed at before no longer is. It may be called in every frame.
 */
import { set } from "../page/dom.js";

const PARTS = "[data-loop] :is([data-node], [data-pipe])";

/**
 * @param {ParentNode} page
 * @param {readonly string[]} names None points at nothing.
 * @returns {string[]} Those that are on the stage now; another read model is only while the lab keeps it.
 */
export function pointAt(page, names) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const part of page.querySelectorAll(PARTS)) {
    const name = names.find((each) => ["data-node", "data-pipe", "data-explain"].some((attribute) => part.getAttribute(attribute) === each));
    set(part, "data-pointed", name === undefined ? null : "");
    if (name !== undefined) found.add(name);
  }
  return names.filter((name) => found.has(name));
}
