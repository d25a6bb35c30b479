// @ts-check
/** The help: what this is, what the marks mean, and the keys, from the table that decides what they do. */
import { make, one } from "../../page/dom.js";
import { KEYS } from "../../page/keys.js";
import { Tabs } from "../../page/tabs.js";

/** How a key is called where that is not what it sends. @type {Record<string, string>} */
const CALLED = {
  " ": "Space", "ArrowRight": "→", "ArrowLeft": "←", "PageDown": "Page Down", "PageUp": "Page Up", "-": "−",
};

/**
 * @param {HTMLElement} root
 * @param {{look: {keysOn: boolean}}} house
 */
export function mount(root, { look }) {
  for (const cell of root.querySelectorAll("[data-keys-of]")) {
    const actions = cell.getAttribute("data-keys-of")?.split(" ") ?? [];
    cell.replaceChildren(...actions.flatMap((action, index) => (index ? [", ", ...keysOf(action)] : keysOf(action))));
  }
  const box = one(root, "keys-on", HTMLInputElement);
  box.checked = look.keysOn;
  box.addEventListener("change", () => { look.keysOn = box.checked; });
  const tabs = new Tabs(one(root, "help-tabs"), () => { root.scrollTop = 0; });
  root.addEventListener("open", (event) => tabs.open(/** @type {CustomEvent<string>} */ (event).detail));
  return { root };
}

/**
 * The keys of an action, as they are printed on a keyboard, with a space between them.
 * @param {string} action
 * @returns {(Element|string)[]}
 */
function keysOf(action) {
  const keys = Object.entries(KEYS).filter(([, each]) => each === action).map(([key]) => key);
  const printed = keys.flatMap((key) => key.split(/(?<=.)\+/)).map((key) => make("kbd", {}, CALLED[key] ?? key));
  return printed.flatMap((key, index) => (index ? [" ", key] : [key]));
}
