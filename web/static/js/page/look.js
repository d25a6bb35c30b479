// @ts-check
/** How the page looks, dark or light and large for the room, and where single keys act. */
import { set } from "./dom.js";

/** @typedef {"dark"|"light"} Theme */

export class Look extends EventTarget {
  /**
   * @param {HTMLElement} page The element that gets the look as attributes: the root of the document.
   * @param {import("./storage.js").Remembers} storage Remembers the choices in this browser.
   * @param {MediaQueryList} prefersLight
   */
  constructor(page, storage, prefersLight) {
    super();
    this.page = page;
    this.storage = storage;
    this.prefersLight = prefersLight;
    prefersLight.addEventListener("change", () => this.#tell());
    const chosen = storage.getItem("theme");
    if (isTheme(chosen)) set(page, "data-theme", chosen);
  }

  /** @returns {Theme} */
  get theme() {
    const chosen = this.page.dataset.theme;
    if (isTheme(chosen)) return chosen;
    return this.prefersLight.matches ? "light" : "dark";
  }

  /** Whether single keys also act outside the stage. */
  get keysOn() {
    return this.storage.getItem("keys") !== "off";
  }

  set keysOn(on) {
    this.storage.setItem("keys", on ? "on" : "off");
  }

  isPresenting() {
    return this.page.hasAttribute("data-present");
  }

  toggleTheme() {
    const theme = this.theme === "dark" ? "light" : "dark";
    set(this.page, "data-theme", theme);
    this.storage.setItem("theme", theme);
    this.#tell();
  }

  togglePresent() {
    set(this.page, "data-present", this.isPresenting() ? null : "");
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {string|null|undefined} text
 * @returns {text is Theme}
 */
function isTheme(text) {
  return text === "dark" || text === "light";
}
