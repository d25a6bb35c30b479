// @ts-check
/** The button in the bar that opens and closes the lessons. It says which one is under way. */
import { set } from "../../page/dom.js";

/**
 * @param {HTMLElement} root
 * @param {{journal: EventTarget & {lab: boolean|null}, lessonDoor: {toggle: () => void}}} house
 */
export function mount(root, { journal, lessonDoor }) {
  journal.addEventListener("lab", () => { root.hidden = !journal.lab; });
  journal.addEventListener("lesson", (event) => set(root, "data-on", event instanceof CustomEvent && event.detail ? "" : null));
  root.addEventListener("click", () => lessonDoor.toggle());
  return { root };
}
