// @ts-check
/** How the page is looked at: dark or light, large for the room, and the list of the keys. */
import { one, say, set } from "./dom.js";

/** @typedef {"dark"|"light"} Theme */

export class View extends EventTarget {
  /**
   * @param {Document} document
   * @param {Storage} storage Remembers the choices in this browser.
   * @param {MediaQueryList} prefersLight
   */
  constructor(document, storage, prefersLight) {
    super();
    this.page = document.documentElement;
    this.storage = storage;
    this.prefersLight = prefersLight;
    this.themeButton = one(document, "theme-toggle");
    this.presentButton = one(document, "present-toggle");
    this.help = one(document, "help", HTMLDialogElement);
    this.keysBox = one(document, "keys-on", HTMLInputElement);
    this.keysBox.checked = storage.getItem("keys") !== "off";
    this.keysBox.addEventListener("change", () => storage.setItem("keys", this.keysBox.checked ? "on" : "off"));
    this.themeButton.addEventListener("click", () => this.toggleTheme());
    this.presentButton.addEventListener("click", () => this.togglePresent());
    one(document, "help-open").addEventListener("click", () => this.toggleHelp());
    one(document, "help-close").addEventListener("click", () => this.help.close());
    prefersLight.addEventListener("change", () => this.#draw());
    const chosen = storage.getItem("theme");
    if (chosen === "dark" || chosen === "light") set(this.page, "data-theme", chosen);
    this.#draw();
  }

  /** @returns {Theme} */
  get theme() {
    const chosen = this.page.dataset.theme;
    if (chosen === "dark" || chosen === "light") return chosen;
    return this.prefersLight.matches ? "light" : "dark";
  }

  /** Whether single keys act outside of the stage too. */
  get keysOn() {
    return this.keysBox.checked;
  }

  isPresenting() {
    return this.page.hasAttribute("data-present");
  }

  toggleTheme() {
    const theme = this.theme === "dark" ? "light" : "dark";
    set(this.page, "data-theme", theme);
    this.storage.setItem("theme", theme);
    this.#draw();
  }

  togglePresent() {
    set(this.page, "data-present", this.isPresenting() ? null : "");
    this.#draw();
  }

  toggleHelp() {
    if (this.help.open) this.help.close();
    else this.help.showModal();
  }

  #draw() {
    say(this.themeButton, this.theme === "dark" ? "Light" : "Dark");
    set(this.presentButton, "aria-pressed", String(this.isPresenting()));
    this.dispatchEvent(new Event("change"));
  }
}
