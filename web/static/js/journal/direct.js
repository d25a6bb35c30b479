// @ts-check
/** Which events the command service publishes by itself, as a switch of the lab says: they go by no outbox. Pure. */

/** @typedef {import("./types.js").Firing} Firing */
/** @typedef {import("./types.js").Journey} Journey */

export class Direct {
  /** By event, or by the trace of the command. @type {Set<string>} */
  #keys = new Set();

  /**
   * @param {Iterable<Firing>} firings What is new.
   * @param {Iterable<Journey>} journeys All that are known: the firing may be heard of last.
   */
  take(firings, journeys) {
    const published = [...firings].filter(({ fault, place }) => fault === "publish" && place === "command-service");
    if (!published.length) return;
    for (const { event_id, trace_id } of published) for (const key of [event_id, trace_id]) if (key !== undefined) this.#keys.add(key);
    for (const journey of journeys) this.note(journey);
  }

  /** @param {Journey} [journey] One that has changed. */
  note(journey) {
    if (journey && (this.#keys.has(journey.event_id) || this.#keys.has(journey.trace_id ?? ""))) journey.isDirect = true;
  }

  clear() {
    this.#keys.clear();
  }
}
