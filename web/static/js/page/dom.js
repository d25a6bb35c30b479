// @ts-check
/** The few things that every view does with the document. Text goes in as text, never as markup. */

/**
 * The element with that behaviour hook: `one(document, "todos")` finds `[data-todos]`.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} hook
 * @param {new () => T} [kind] What it has to be, e.g. HTMLInputElement; HTMLElement by default.
 * @returns {T}
 */
export function one(root, hook, kind) {
  return found(root, `[data-${hook}]`, kind);
}

/**
 * The element whose hook has that value: `oneOf(document, "view", "list")` finds `[data-view="list"]`.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} hook
 * @param {string} value
 * @param {new () => T} [kind] As for `one`.
 * @returns {T}
 */
export function oneOf(root, hook, value, kind) {
  return found(root, `[data-${hook}="${value}"]`, kind);
}

/**
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T}
 */
function found(root, selector, kind = /** @type {any} */ (HTMLElement)) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`The page has no ${selector}`);
  if (!(element instanceof kind)) throw new Error(`${selector} is no ${kind.name}`);
  return element;
}

/**
 * Sets a text only if it differs, so an unchanged text costs nothing.
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Sets an attribute if it differs; null removes it.
 * @param {Element} element
 * @param {string} name
 * @param {string|number|null} value
 */
export function set(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/**
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {string} [text]
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

/**
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @returns {SVGElement}
 */
export function draw(tag, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/**
 * Gives the focus back to what had it, if that is still there. Nothing scrolls.
 * @param {Element|null} element
 */
export function focusAgain(element) {
  if (element?.isConnected && (element instanceof HTMLElement || element instanceof SVGElement)) element.focus({ preventScroll: true });
}

/**
 * Brings the children of an element in line with a list, keeping the elements of those that stay.
 * @template T
 * @param {Element} parent
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => Element} create
 * @param {(element: Element, item: T) => void} update
 */
export function keyed(parent, items, keyOf, create, update) {
  const old = new Map([...parent.children].map((child) => [child.getAttribute("data-key"), child]));
  const keys = new Set(items.map(keyOf));
  // This comes first, so that the elements after them need not move: an element that moves loses the
  // focus.
  for (const [key, element] of old) {
    if (key !== null && keys.has(key)) continue;
    element.remove();
    old.delete(key);
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let element = old.get(key);
    if (!element) {
      element = create(item);
      element.setAttribute("data-key", key);
    }
    update(element, item);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
}
