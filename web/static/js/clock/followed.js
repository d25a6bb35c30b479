// @ts-check
/**
 * What is remembered of the journey whose figures the stage shows: the one that was chosen, and otherwise
 * the one that was followed when the page was last live. `facts.followed` says which journey it is.
 */

export class Followed extends EventTarget {
  constructor() {
    super();
    /** The event that was chosen, until it is let go. @type {string|null} */
    this.chosen = null;
    /** The event that was followed last while the page was live. @type {string|null} */
    this.live = null;
  }

  /**
   * Follows one journey, whatever else is under way; null lets it go.
   * @param {string|null} event_id
   */
  choose(event_id) {
    if (this.chosen === event_id) return;
    this.chosen = event_id;
    this.dispatchEvent(new Event("change"));
  }
}
