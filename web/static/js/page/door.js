// @ts-check
/** The door to the lab: any part of the page can ask for a place and a switch to be shown there. */

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
