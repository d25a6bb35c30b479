// @ts-check
/** Where what the lab does to a link takes the place of the name of its stretch. Pure. */
import { LINKS } from "../table.js";

/** @typedef {import("./types.js").Layout} Layout */
/** @typedef {import("./types.js").Measures} Measures */

/**
 * @param {Layout["labels"]} labels
 * @param {Measures} type
 * @returns {Layout["links"]["spots"]}
 */
export function insteadOf(labels, { label: { up } }) {
  const entries = LINKS.map(({ name, label }) => [name, { ...labels[label], y: labels[label].y - up }]);
  return /** @type {Layout["links"]["spots"]} */ (Object.fromEntries(entries));
}
