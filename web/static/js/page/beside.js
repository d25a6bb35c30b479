// @ts-check
/**
 * The area beside the stage, in which one panel at a time is open. While one is, the page has
 * `data-panel-beside`, so that the other areas make room.
 */
import { set } from "./dom.js";

export class Beside {
  /** @param {HTMLElement} page The element that gets the attribute: the root of the document. */
  constructor(page) {
    this.page = page;
    /** @type {{root: HTMLElement, onClose: () => void}|null} */
    this.shown = null;
  }

  /**
   * Opens a panel in place of the one that is open.
   * @param {HTMLElement} root
   * @param {() => void} [onClose] Called when another panel takes its place.
   */
  open(root, onClose = () => {}) {
    const before = this.shown;
    this.shown = { root, onClose };
    if (before && before.root !== root) {
      before.root.hidden = true;
      before.onClose();
    }
    root.hidden = false;
    set(this.page, "data-panel-beside", root.dataset.view ?? "");
  }

  /** @param {HTMLElement} root */
  close(root) {
    root.hidden = true;
    if (this.shown?.root !== root) return;
    this.shown = null;
    set(this.page, "data-panel-beside", null);
  }
}
