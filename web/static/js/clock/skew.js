// @ts-check
/**
 * The skew: by how much the page's clock is ahead of web's, worked out from when messages were sent and
 * when they came. A message takes some time, so the smallest difference is the closest. Pure.
 *
 * Neither clock jumps, but the two may drift apart, and one of them may stand still while its machine
 * sleeps. So a difference counts only for a while.
 */

/** A difference counts for at least this long, and for at most twice as long. */
export const COUNTS_FOR_MS = 20_000;
/** A message that seems to have taken longer than this was sent by another clock. */
export const MOST_LATE_MS = 2000;

export class Skew {
  constructor() {
    /** The smallest difference of this while. */
    this.smallest_ms = Infinity;
    /** The smallest difference of the while before it. */
    this.before_ms = Infinity;
    /** When this while began, on the page's clock. */
    this.since_ms = -Infinity;
  }

  /** Forgets all differences. */
  restart() {
    [this.smallest_ms, this.before_ms, this.since_ms] = [Infinity, Infinity, -Infinity];
  }

  /**
   * Takes in a message.
   * @param {number} server_ms Epoch, when web sent it, by web's clock.
   * @param {number} now_ms The page's clock.
   */
  note(server_ms, now_ms) {
    if (!Number.isFinite(server_ms)) return;
    if (now_ms - this.since_ms > COUNTS_FOR_MS) {
      [this.before_ms, this.smallest_ms, this.since_ms] = [this.smallest_ms, Infinity, now_ms];
    }
    this.smallest_ms = Math.min(this.smallest_ms, now_ms - server_ms);
  }

  /**
   * Whether a message cannot be of the clock that the others were of.
   * @param {number} server_ms
   * @param {number} now_ms
   */
  contradicts(server_ms, now_ms) {
    return Number.isFinite(server_ms) && now_ms - server_ms > this.#closest_ms + MOST_LATE_MS;
  }

  /** Whether there has been a message. */
  get isKnown() {
    return Number.isFinite(this.#closest_ms);
  }

  /** In ms; 0 before the first message. */
  get ms() {
    return this.isKnown ? this.#closest_ms : 0;
  }

  get #closest_ms() {
    return Math.min(this.smallest_ms, this.before_ms);
  }
}
