// @ts-check
/**
 * One tab stop for many items: Tab reaches one of them, and the up and down arrows go to the others. If
 * an item has several buttons, left and right go from one to the next. Home and End go to the first and
 * the last item. Source:
 * https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/#kbd_roving_tabindex
 */

/** @typedef {HTMLElement|SVGElement} Item */

const DOWN = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });
const ACROSS = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 });
const ENDS = /** @type {Record<string, number>} */ ({ Home: 0, End: -1 });

export class Roving {
  /**
   * @param {Item} group The element with the items.
   * @param {string} selector Which of its descendants can have the focus.
   * @param {string} [row] The element around the buttons of one item, if an item has several.
   */
  constructor(group, selector, row = selector) {
    this.group = group;
    this.selector = selector;
    this.row = row;
    /** @type {Item|null} The item that Tab reaches. */
    this.stop = null;
    group.addEventListener("keydown", (event) => this.#step(/** @type {KeyboardEvent} */ (event)));
    group.addEventListener("focusin", ({ target }) => {
      if (isItem(target) && target.matches(selector)) this.stopAt(target);
    });
  }

  /** Makes sure that there is one tab stop after items have come or gone. */
  update() {
    if (this.stop?.isConnected && !this.stop.hasAttribute("hidden")) return;
    const first = all(this.group, this.selector)[0];
    if (first) this.stopAt(first);
  }

  /**
   * Makes an item the one that Tab reaches.
   * @param {Item} [item]
   */
  stopAt(item) {
    if (!item || this.stop === item) return;
    this.stop?.setAttribute("tabindex", "-1");
    item.setAttribute("tabindex", "0");
    this.stop = item;
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const { target } = event;
    if (!isItem(target) || !target.matches(this.selector)) return;
    const next = this.#next(target, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  /**
   * @param {Item} item
   * @param {string} key
   * @returns {Item|undefined} Undefined if the key is not ours.
   */
  #next(item, key) {
    const rows = all(this.group, this.row);
    const at = rows.findIndex((row) => row.contains(item));
    if (this.row === this.selector) return DOWN[key] ? rows[(at + DOWN[key] + rows.length) % rows.length] : undefined;
    const here = all(rows[at], this.selector);
    const place = here.indexOf(item);
    if (ACROSS[key]) return here[(place + ACROSS[key] + here.length) % here.length];
    const row = DOWN[key] ? rows[(at + DOWN[key] + rows.length) % rows.length] : rows.at(ENDS[key] ?? rows.length);
    return row && all(row, this.selector)[place];
  }
}

/**
 * @param {EventTarget|null} target
 * @returns {target is Item}
 */
function isItem(target) {
  return target instanceof HTMLElement || target instanceof SVGElement;
}

/**
 * @param {Item} within
 * @param {string} selector
 * @returns {Item[]}
 */
function all(within, selector) {
  return [.../** @type {NodeListOf<Item>} */ (within.querySelectorAll(`${selector}:not([hidden])`))];
}
