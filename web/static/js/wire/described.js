// @ts-check
/**
 * What the lab can do, as each place describes it: `GET /lab`. It is asked for once somebody wants to know,
 * and again when a place is heard of that has not been described.
 */

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Descriptions} Descriptions */
/** @typedef {import("../journal/types.js").Lab} Lab */

export class Described extends EventTarget {
  /**
   * @param {Journal} journal
   * @param {typeof fetch} ask
   */
  constructor(journal, ask) {
    super();
    this.journal = journal;
    this.ask = ask;
    /** @type {Descriptions} */
    this.places = {};
    this.isAsking = false;
    this.isWanted = false;
    journal.addEventListener("switches", () => { if (this.isWanted) this.#askIfNew(); });
  }

  /** Somebody wants to know. Emits `change` when there is something new. */
  want() {
    if (!this.journal.lab) return;
    const isFirst = !this.isWanted;
    this.isWanted = true;
    if (isFirst) void this.#ask();
    else this.#askIfNew();
  }

  #askIfNew() {
    const told = Object.entries(this.journal.told.switches.latest ?? {});
    const isNew = told.some(([place, states]) => Object.keys(states ?? {}).some((name) => !this.places[place]?.[name]));
    if (isNew) void this.#ask();
  }

  async #ask() {
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      const answer = await this.ask("/lab");
      if (answer.ok) this.#take(await answer.json());
    } catch {
      // The next report of the switches' states asks again.
    } finally {
      this.isAsking = false;
    }
  }

  /** @param {Lab} lab */
  #take(lab) {
    const described = Object.entries(lab).filter(([, it]) => Object.keys(it?.descriptions ?? {}).length);
    // What a place that is away just now said before still holds.
    this.places = { ...this.places, ...Object.fromEntries(described.map(([place, it]) => [place, it?.descriptions ?? {}])) };
    this.dispatchEvent(new Event("change"));
  }
}
