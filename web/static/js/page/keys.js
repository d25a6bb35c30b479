// @ts-check
/**
 * The keys, including those that presenter remotes send. Pure, except for `listen`: one table says what
 * each key does, and one rule says when.
 *
 * Keys that write a character act while the stage or the time has the focus. Elsewhere they act only if
 * that is switched on, and never in a field (WCAG 2.2, 2.1.4).
 *
 * In the presenter view a remote's keys always act; in a field the period is still a character. So that
 * nobody stays in a field without wanting to, Escape leaves it, and in the presenter view so does sending
 * what is in it.
 */

/** @typedef {"field"|"choice"|"control"|"scrubber"|"stage"|"list"|"none"} Focus What has the focus. */

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
  "c": "teach",
  "t": "theme",
  "b": "lab",
  "e": "lessons",
  "i": "marks",
  "?": "help",
});

/** Keys that a control or a page that scrolls may want for itself. */
const NAVIGATION = new Set([" ", "ArrowRight", "ArrowLeft", "Shift+ArrowRight", "Shift+ArrowLeft", "Home", "End"]);
const PAGING = new Set(["PageDown", "PageUp"]);
const REMOTE = new Set([...PAGING, "."]);

/**
 * @typedef {object} Where
 * @property {Focus} focus
 * @property {boolean} keysOn Whether single keys also act outside the stage.
 * @property {boolean} scrolls Whether the page is longer than the window.
 * @property {boolean} presents Whether this is the presenter view.
 */

/**
 * The action that a key asks for, given what has the focus; null if the key is not ours.
 * @param {Pick<KeyboardEvent, "key"|"shiftKey"|"ctrlKey"|"altKey"|"metaKey">} event
 * @param {Where} where
 * @returns {string|null}
 */
export function actionFor(event, where) {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  const key = keyOf(event);
  const action = /** @type {Record<string, string>} */ (KEYS)[key];
  return action && acts(key, where) ? action : null;
}

/**
 * @param {string} key
 * @param {Where} where
 */
function acts(key, where) {
  const { focus, presents } = where;
  if (presents && REMOTE.has(key)) return focus !== "field" || PAGING.has(key);
  if (focus === "field" || focus === "choice") return false;
  return focus === "stage" || focus === "scrubber" || isFree(key, where);
}

/** @param {Pick<KeyboardEvent, "key"|"shiftKey">} event */
function keyOf({ key, shiftKey }) {
  if (key.length === 1) return key.toLowerCase();
  return shiftKey && key.startsWith("Arrow") ? `Shift+${key}` : key;
}

/**
 * Whether a key acts outside the stage and the scrubber.
 * @param {string} key
 * @param {Where} where
 */
function isFree(key, { focus, keysOn, scrolls }) {
  if (PAGING.has(key)) return focus !== "list" && !scrolls;
  if (!NAVIGATION.has(key)) return keysOn;
  // A key that moves in a list, or presses a button, still does that.
  if (scrolls || focus === "list") return false;
  return key !== " " || (keysOn && focus !== "control");
}

/** What a person writes in. */
const FIELD = "textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=range])";

/**
 * Where the focus is, as far as keys are concerned.
 * @param {Element|null} element
 * @returns {Focus}
 */
function focusOf(element) {
  if (!element || element === document.body) return "none";
  if (element.matches("[data-scrub]")) return "scrubber";
  if (element.matches(FIELD)) return "field";
  if (element.matches("select, input[type=range]")) return "choice";
  if (element.matches("[data-lanes], [data-todos], [role=tab], [role=region], input[type=radio]")) return "list";
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
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const page = document.documentElement;
    const focus = focusOf(document.activeElement);
    if (event.key === "Escape" && (focus === "field" || focus === "choice")) leave(document.activeElement);
    const presents = view.isPresenting();
    const scrolls = !presents && page.scrollHeight > page.clientHeight + 4;
    const action = actionFor(event, { focus, keysOn: view.keysOn, scrolls, presents });
    const act = action ? actions[action] : undefined;
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("submit", ({ target }) => {
    const { activeElement } = document;
    if (!view.isPresenting() || !(target instanceof Element) || !target.contains(activeElement)) return;
    // What was not accepted stays to be written.
    if (!activeElement?.matches("[aria-invalid=true], dialog *")) leave(activeElement);
  });
}

/**
 * Takes the focus away from an element. Tab goes on from there.
 * @param {Element|null} element
 */
function leave(element) {
  if (element instanceof HTMLElement) element.blur();
}
