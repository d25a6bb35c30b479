// @ts-check
/** Whether the teacher's bar is shown. It is hidden until it is wanted, and only the presenter view has it. */
import { set } from "./dom.js";

export class Teaching extends EventTarget {
  /**
   * @param {HTMLElement} page The element that gets the attribute `data-teaching`: the root of the document.
   * @param {EventTarget & {isPresenting: () => boolean, togglePresent: () => void}} look
   */
  constructor(page, look) {
    super();
    this.page = page;
    this.look = look;
    look.addEventListener("change", () => this.dispatchEvent(new Event("change")));
  }

  /** Whether the bar can be seen now. */
  get isShown() {
    return this.#isWanted && this.look.isPresenting();
  }

  /** Shows the bar, and the presenter view if need be, or hides the bar. It stays as it is left. */
  toggle() {
    const isWanted = !this.isShown;
    set(this.page, "data-teaching", isWanted ? "" : null);
    if (isWanted && !this.look.isPresenting()) this.look.togglePresent();
    else this.dispatchEvent(new Event("change"));
  }

  get #isWanted() {
    return this.page.hasAttribute("data-teaching");
  }
}
