// @ts-check
/** The button in the bar that opens and closes the lab. */

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../page/door.js").Door} Door */

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, door: Door}} house
 */
export function mount(root, { journal, door }) {
  journal.addEventListener("lab", () => { root.hidden = !journal.lab; });
  root.addEventListener("click", () => door.toggle());
  return { root };
}
