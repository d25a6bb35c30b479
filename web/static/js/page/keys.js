// @ts-check
/**
 * The keys, including those that presenter remotes send. Pure, except for `listen`: one table says what
 * each key does, and one rule says when.
 *
 * Keys that write a character act while the stage or the time has the focus. Elsewhere they act only if
 * that is switched on, and never in a field (WCAG 2.2, 2.1.4).
 */

/** @typedef {Partial<Record<string, () => void>>} Actions By name. */

/** What each key does. A remote sends PageDown, PageUp and a period. */
export const KEYS = Object.freeze({
  " ": "toggle",
  "k": "toggle",
  ".": "toggle",
  "ArrowRight": "forward",
  "PageDown": "forward",
  "ArrowLeft": "back",
  "PageUp": "back",
  "Shift+ArrowRight": "later",
  "Shift+ArrowLeft": "earlier",
  "Home": "start",
  "End": "live",
  "l": "live",
  "-": "slower",
  "+": "faster",
  "n": "add",
  "p": "present",
  "t": "theme",
  "?": "help",
});

/** Keys that a control or a page that scrolls may want for itself. */
const NAVIGATION = new Set([" ", "ArrowRight", "ArrowLeft", "Shift+ArrowRight", "Shift+ArrowLeft", "Home", "End"]);
const REMOTE = new Set(["PageDown", "PageUp"]);

/**
 * The action that a key asks for, given what has the focus; null if the key is not ours.
 * @param {Pick<KeyboardEvent, "key"|"shiftKey"|"ctrlKey"|"altKey"|"metaKey">} event
 * @param {{focus: "field"|"control"|"scrubber"|"stage"|"list"|"none", keysOn: boolean, scrolls: boolean}} where
 *   `scrolls`: whether the page is longer than the window.
 * @returns {string|null}
 */
export function actionFor(event, { focus, keysOn, scrolls }) {
  if (event.ctrlKey || event.altKey || event.metaKey || focus === "field") return null;
  const key = keyOf(event);
  const action = /** @type {Record<string, string>} */ (KEYS)[key];
  const isOurs = focus === "stage" || focus === "scrubber";
  return action && (isOurs || isFree(key, { focus, keysOn, scrolls })) ? action : null;
}

/** @param {Pick<KeyboardEvent, "key"|"shiftKey">} event */
function keyOf({ key, shiftKey }) {
  if (key.length === 1) return key.toLowerCase();
  return shiftKey && key.startsWith("Arrow") ? `Shift+${key}` : key;
}

/**
 * Whether a key acts outside the stage and the scrubber.
 * @param {string} key
 * @param {{focus: string, keysOn: boolean, scrolls: boolean}} where
 */
function isFree(key, { focus, keysOn, scrolls }) {
  if (REMOTE.has(key)) return focus !== "list" && !scrolls;
  if (!NAVIGATION.has(key)) return keysOn;
  // A key that moves in a list, or presses a button, still does that.
  if (scrolls || focus === "list") return false;
  return key !== " " || (keysOn && focus !== "control");
}

/**
 * Where the focus is, as far as keys are concerned.
 * @param {Element|null} element
 * @returns {"field"|"control"|"scrubber"|"stage"|"list"|"none"}
 */
export function focusOf(element) {
  if (!element || element === document.body) return "none";
  if (element.matches("[data-scrub]")) return "scrubber";
  if (element.matches("textarea, select, [contenteditable], input:not([type=checkbox])")) return "field";
  if (element.matches("[data-lanes], [data-todos], [role=tab], [role=region]")) return "list";
  if (element.matches("button, a, input, summary, [role=button]")) return "control";
  if (element.closest("[data-view=stage], [data-view=timeline]")) return "stage";
  return "none";
}

/**
 * @param {Document} document
 * @param {Actions} actions
 * @param {{keysOn: boolean, isPresenting: () => boolean}} view
 */
export function listen(document, actions, view) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const page = document.documentElement;
    const action = actionFor(event, {
      focus: focusOf(document.activeElement),
      keysOn: view.keysOn,
      scrolls: !view.isPresenting() && page.scrollHeight > page.clientHeight + 4,
    });
    const act = action ? actions[action] : undefined;
    if (!act) return;
    event.preventDefault();
    act();
  });
}
