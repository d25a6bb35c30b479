// @ts-check
/** Words that stand only until the next click: what went wrong, where other things have to be seen again. */
import { say } from "./dom.js";

/**
 * @param {Element} element
 * @param {string} text
 */
export function sayUntilNextClick(element, text) {
  say(element, text);
  if (text) element.ownerDocument.addEventListener("click", () => say(element, ""), { once: true, capture: true });
}
