// @ts-check
/** The button that shows and hides the teacher's bar. What is in the bar are panels of their own. */
import { set } from "../../page/dom.js";

/** @typedef {import("../../page/teaching.js").Teaching} Teaching */

/**
 * @param {HTMLElement} root
 * @param {{teaching: Teaching, announce: (text: string) => void}} house
 */
export function mount(root, { teaching, announce }) {
  const bar = document.getElementById(root.getAttribute("aria-controls") ?? "");
  let wasShown = teaching.isShown;
  teaching.addEventListener("change", () => {
    const { isShown } = teaching;
    set(root, "aria-expanded", String(isShown));
    if (isShown === wasShown) return;
    wasShown = isShown;
    // What is hidden with the focus in it would lose it.
    if (!isShown && bar?.contains(document.activeElement)) root.focus();
    announce(isShown ? "The teacher's bar is shown." : "The teacher's bar is hidden.");
  });
  root.addEventListener("click", () => teaching.toggle());
  return { root };
}
