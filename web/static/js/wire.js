// @ts-check
/** The wire: Socket.IO from web into the journal and the clock. The one place that knows it. */
import { io } from "../vendor/socket.io-client-4.8.4.esm.min.js";

/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./journal.js").Journey} Journey */
/** @typedef {import("./clock.js").Clock} Clock */

export class Wire extends EventTarget {
  /**
   * @param {Journal} journal
   * @param {Clock} clock
   * @param {() => number} now The page's clock, in ms.
   */
  constructor(journal, clock, now) {
    super();
    this.journal = journal;
    this.clock = clock;
    this.now = now;
    this.socket = io({ transports: ["websocket", "polling"], reconnectionDelayMax: 2000 });
    this.socket.on("connect", () => this.#tell());
    this.socket.on("disconnect", () => this.#tell());
    this.socket.on("connect_error", () => this.#tell());
    this.socket.on("welcome", (/** @type {any} */ message) => this.#welcome(message));
    this.socket.on("hops", (/** @type {any} */ message) => this.#hops(message));
    this.socket.on("read", (/** @type {any} */ read) => journal.setRead(read));
    this.socket.on("health", (/** @type {any} */ health) => journal.setHealth(health));
    this.socket.on("holds", (/** @type {any} */ holds) => journal.setHolds(holds));
  }

  isConnected() {
    return this.socket.connected === true;
  }

  /** @param {{now_ms: number, journeys: Journey[], read: any, health: any, holds: any}} message */
  #welcome({ now_ms, journeys, read, health, holds }) {
    const { journal, clock } = this;
    clock.sync(now_ms, this.now());
    journal.setRead(read);
    journal.setHealth(health);
    journal.setHolds(holds);
    for (const event_id of journal.mergeJourneys(journeys)) {
      const journey = journal.journeys.get(event_id);
      if (!journey) continue;
      if (clock.plays.has(event_id)) clock.follow(journey, this.now());
      else if (journal.isComplete(journey) || journal.isReadable(journey)) clock.leave(journey);
      else clock.join(journey, this.now());
    }
    this.#tell();
  }

  /** @param {{now_ms: number, hops: import("./journal.js").Hop[]}} message */
  #hops({ now_ms, hops }) {
    this.clock.sync(now_ms, this.now());
    for (const event_id of this.journal.merge(hops)) {
      const journey = this.journal.journeys.get(event_id);
      if (journey) this.clock.follow(journey, this.now());
    }
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
