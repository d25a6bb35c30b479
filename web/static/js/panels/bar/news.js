// @ts-check
/** What has been added since the page was paused, and is not shown. Pure. */

/** @typedef {import("../../journal/journal.js").Journal} Journal */

export class News {
  /** @param {Pick<Journal, "journeys">} journal */
  constructor(journal) {
    this.journal = journal;
    this.isFollowing = false;
    /** The last journey that was heard of before the pause. @type {string|null} */
    this.last = null;
    /** The first one after it, if there was none before. @type {string|null} */
    this.first = null;
  }

  /** @param {boolean} isLive Whether the page now shows the present. */
  follow(isLive) {
    if (!isLive && this.isFollowing) return;
    this.isFollowing = !isLive;
    this.last = [...this.journal.journeys.keys()].at(-1) ?? null;
    this.first = null;
  }

  /** How many journeys the page has heard of since. Older ones, which it may fetch meanwhile, come before them. */
  get count() {
    if (!this.isFollowing) return 0;
    const ids = [...this.journal.journeys.keys()];
    if (this.last === null) this.first ??= ids[0] ?? null;
    // If even that one has been let go, all that are kept are new.
    return ids.length - Math.max(0, this.last === null ? ids.indexOf(this.first ?? "") : ids.indexOf(this.last) + 1);
  }
}
