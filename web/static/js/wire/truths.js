// @ts-check
/**
 * Keeps asking for the contents of both stores: often while they differ or something has just happened,
 * seldom at rest, and never while nobody is looking or if there is no lab to ask.
 */

/** @typedef {import("../journal/journal.js").Journal} Journal */

/**
 * How often both stores are asked: while they differ or something is under way, until the older todos
 * have all been compared once, and at rest.
 */
const BUSY_MS = 400;
const FIRST_ROUND_MS = 1000;
const IDLE_MS = 4000;
/** If answers take long, the page asks less often, to leave a share of the time to others. */
const REST_PER_ANSWER = 10;
const WINDOW = 200;

export class TruthPoll {
  /**
   * @param {Journal} journal
   * @param {object} means
   * @param {typeof fetch} means.ask
   * @param {() => number} means.now The page's clock, in ms.
   * @param {() => boolean} means.differ Whether the stores differ, as far as is known.
   * @param {() => boolean} means.isHidden Whether nobody is looking.
   */
  constructor(journal, { ask, now, differ, isHidden }) {
    this.journal = journal;
    this.ask = ask;
    this.now = now;
    this.differ = differ;
    this.isHidden = isHidden;
    this.asked_ms = -Infinity;
    this.took_ms = 0;
    this.isBusy = true;
    this.isAsking = false;
    /** What the parts last said that they held. */
    this.held = "";
    for (const what of ["hops", "read"]) journal.addEventListener(what, () => { this.isBusy = true; });
    journal.addEventListener("holds", () => this.#noteHolds());
    journal.addEventListener("lab", () => this.round());
  }

  /** Asks whenever it is time to, from now on. */
  start() {
    setInterval(() => this.round(), BUSY_MS / 2);
  }

  /** Asks, if it is time to. */
  async round() {
    if (!this.#isDue()) return;
    [this.isAsking, this.isBusy, this.asked_ms] = [true, false, this.now()];
    try {
      const answer = await this.ask(`/truths?limit=${WINDOW}`);
      const told = answer.ok ? await answer.json() : null;
      // A run may have been opened meanwhile, and the contents of the stack do not concern it.
      if (told && !this.journal.run) this.journal.setTruths(told);
    } catch {
      // The bar says that web cannot be reached, and the next round asks again.
    } finally {
      this.took_ms = Math.min(this.now() - this.asked_ms, IDLE_MS / REST_PER_ANSWER);
      this.isAsking = false;
    }
  }

  /** The same contents come again now and then, and only their time has changed. */
  #noteHolds() {
    const held = JSON.stringify(this.journal.told.holds.latest, (name, value) => (name === "at_ms" ? undefined : value));
    if (held !== this.held) this.isBusy = true;
    this.held = held;
  }

  #isDue() {
    const { journal } = this;
    if (this.isAsking || !journal.lab || journal.run || this.isHidden()) return false;
    const { after, older } = journal.truths ?? {};
    const rest_ms = after && older?.since_ms === null ? FIRST_ROUND_MS : IDLE_MS;
    const due_ms = Math.max(this.isBusy || this.differ() ? BUSY_MS : rest_ms, this.took_ms * REST_PER_ANSWER);
    return this.now() - this.asked_ms >= due_ms;
  }
}
