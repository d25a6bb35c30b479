// @ts-check
/** The lab at the desk: a button that opens its switches beside the stage. */
import { one, set } from "../../page/dom.js";
import { Switches } from "./switches.js";

/** @typedef {import("../../page/beside.js").Beside} Beside */
/** @typedef {import("./switches.js").House} House */

/**
 * @param {HTMLElement} root The button.
 * @param {House & {beside: Beside}} house
 */
export function mount(root, house) {
  const panel = document.getElementById(root.getAttribute("aria-controls") ?? "");
  if (!panel) throw new Error("The page has no panel for the lab.");
  const { journal, beside } = house;
  const closed = () => set(root, "aria-expanded", "false");
  const close = () => {
    beside.close(panel);
    closed();
    root.focus();
  };
  root.addEventListener("click", () => {
    if (!panel.hidden) return close();
    beside.open(panel, closed);
    set(root, "aria-expanded", "true");
    one(panel, "lab-heading").focus({ preventScroll: true });
  });
  one(panel, "close-lab").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });
  journal.addEventListener("lab", () => { root.hidden = !journal.lab; });
  new Switches(panel, house, { isExplained: true });
  return { root };
}
