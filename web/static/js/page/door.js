// @ts-check
/** The doors to panels: any part of the page can ask for one to be opened, and for a place in it to be shown. */
import { set } from "./dom.js";

/** @typedef {{place: string, name: string|null, isAlone?: boolean}} Wanted `isAlone`: the switch, without the rest of the lab. */

export class Door extends EventTarget {
  /**
   * Asks for a place to be shown.
   * @param {string} place
   * @param {string|null} [name] One of its switches.
   * @param {boolean} [isAlone] Whether only that is wanted.
   */
  open(place, name = null, isAlone = false) {
    this.dispatchEvent(new CustomEvent("open", { detail: { place, name, isAlone } }));
  }

  /** Opens the lab where it was, or closes it. */
  toggle() {
    this.dispatchEvent(new Event("toggle"));
  }
}

/**
 * Says on the buttons that open a panel whether it is open.
 * @param {HTMLElement} panel
 */
export function tellDoors(panel) {
  for (const button of panel.ownerDocument.querySelectorAll(`[aria-controls="${panel.id}"]`)) {
    set(button, "aria-expanded", String(!panel.hidden));
  }
}
