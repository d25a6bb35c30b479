// @ts-check
/** The buttons for how the page looks: presenter view, and dark or light. */
import { one, say, set } from "../../page/dom.js";

/** @typedef {import("../../page/look.js").Look} Look */

/**
 * @param {HTMLElement} root
 * @param {{look: Look}} house
 */
export function mount(root, { look }) {
  const theme = one(root, "theme-toggle");
  const present = one(root, "present-toggle");
  theme.addEventListener("click", () => look.toggleTheme());
  present.addEventListener("click", () => look.togglePresent());
  const draw = () => {
    say(theme, look.theme === "dark" ? "Light" : "Dark");
    set(present, "aria-pressed", String(look.isPresenting()));
  };
  look.addEventListener("change", draw);
  draw();
  return { root };
}
