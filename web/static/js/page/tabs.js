// @ts-check
/**
 * Tabs: they show one of several panels. Tab reaches the chosen tab, and the arrows go to the others.
 * Source: https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
 */
import { set } from "./dom.js";

const BY = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 });

/**
 * @param {HTMLElement} root The element with the tabs.
 * @param {{redraw: () => void}} house
 */
export function mount(root, { redraw }) {
  return new Tabs(root, (name, isFirst) => {
    set(root.ownerDocument.documentElement, "data-tab-open", isFirst ? null : name);
    redraw();
  });
}

export class Tabs {
  /**
   * @param {HTMLElement} root
   * @param {(name: string, isFirst: boolean) => void} chosen Called once a tab has been chosen.
   */
  constructor(root, chosen) {
    this.root = root;
    this.page = root.ownerDocument;
    this.chosen = chosen;
    const tabs = [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-tab]"))];
    /** A tab whose panel has been removed leads nowhere. */
    this.tabs = tabs.filter((tab) => this.#panelOf(tab));
    for (const tab of tabs) tab.hidden = !this.tabs.includes(tab);
    for (const tab of this.tabs) tab.addEventListener("click", () => this.choose(tab));
    root.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {HTMLElement} chosen */
  choose(chosen) {
    for (const tab of this.tabs) {
      set(tab, "aria-selected", String(tab === chosen));
      set(tab, "tabindex", tab === chosen ? 0 : -1);
      const panel = this.#panelOf(tab);
      if (panel) panel.hidden = tab !== chosen;
    }
    this.chosen(chosen.dataset.tab ?? "", chosen === this.tabs[0]);
  }

  /**
   * Chooses a tab, and gives it the focus.
   * @param {string} name The first tab if there is none of that name.
   */
  open(name) {
    const tab = this.tabs.find(({ dataset }) => dataset.tab === name) ?? this.tabs[0];
    if (!tab) return;
    this.choose(tab);
    tab.focus();
  }

  /** @param {HTMLElement} tab */
  #panelOf(tab) {
    return this.page.getElementById(tab.getAttribute("aria-controls") ?? "");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = BY[event.key];
    const here = this.tabs.findIndex((tab) => tab === event.target);
    if (!by || here < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const shown = this.tabs.filter(({ hidden }) => !hidden);
    const next = shown[(shown.indexOf(this.tabs[here]) + by + shown.length) % shown.length];
    this.choose(next);
    next.focus();
  }
}
