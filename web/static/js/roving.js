// @ts-check
/**
 * One tab stop for many marks: Tab comes to one of them, the arrows up and down go to the others.
 * Source: https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/#kbd_roving_tabindex
 */

const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });

export class Roving {
  /**
   * @param {HTMLElement} group What holds the items.
   * @param {string} selector Which of its children they are.
   */
  constructor(group, selector) {
    this.group = group;
    this.selector = selector;
    /** @type {HTMLElement|null} The one that Tab comes to. */
    this.stop = null;
    group.addEventListener("keydown", (event) => this.#step(event));
    group.addEventListener("focusin", ({ target }) => {
      if (target instanceof HTMLElement && target.matches(selector)) this.#stopAt(target);
    });
  }

  /** Sees to it that there is one tab stop, after items have come or gone. */
  update() {
    if (this.stop?.isConnected && !this.stop.hidden) return;
    const first = this.#items()[0];
    if (first) this.#stopAt(first);
  }

  /** @param {HTMLElement} item */
  #stopAt(item) {
    if (this.stop === item) return;
    this.stop?.setAttribute("tabindex", "-1");
    item.setAttribute("tabindex", "0");
    this.stop = item;
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const by = STEPS[event.key];
    const items = this.#items();
    const at = items.findIndex((item) => item === event.target);
    if (!by || at < 0) return;
    event.preventDefault();
    items[(at + by + items.length) % items.length].focus();
  }

  /** @returns {HTMLElement[]} */
  #items() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.group.querySelectorAll(`${this.selector}:not([hidden])`))];
  }
}
