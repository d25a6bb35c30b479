// @ts-check
/** Which events the command service publishes by itself, as a switch of the lab says: they go by no outbox. Pure. */
import { itinerary } from "./path.js";

/** @typedef {import("./types.js").Firing} Firing */
/** @typedef {import("./types.js").Journey} Journey */

/**
 * Whether an event that is committed waits for nobody: it has no row in the outbox.
 * @param {Journey} journey
 */
export function waitsNowhere(journey) {
  return Boolean(journey.isDirect) && itinerary(journey).at(-1)?.hop === "committed";
}

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
