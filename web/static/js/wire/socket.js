// @ts-check
/** The wire: Socket.IO from web into the journal and the playhead. The one place that knows it. */
import { io } from "../../vendor/socket.io-client-4.8.4.esm.min.js";
import { readAfter, statesOf } from "../journal/deltas.js";
import { isOver } from "../journal/over.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {import("../clock/playhead.js").Playhead} Playhead */

export class Wire extends EventTarget {
  /**
   * @param {Journal} journal
   * @param {Playhead} playhead
   * @param {() => number} now The page's clock, in ms.
   */
  constructor(journal, playhead, now) {
    super();
    this.journal = journal;
    this.playhead = playhead;
    this.clock = playhead.clock;
    this.now = now;
    /** @type {import("../journal/journal.js").Read|null} */
    this.read = null;
    /** Settled once web has told this page what it has to know. @type {Promise<void>} */
    this.welcomed = new Promise((resolve) => this.addEventListener("welcome", () => resolve(), { once: true }));
    this.socket = io({ transports: ["websocket", "polling"], reconnectionDelayMax: 2000 });
    this.socket.on("connect", () => this.#tell());
    this.socket.on("disconnect", (/** @type {string} */ why) => this.#lost(why));
    this.socket.on("connect_error", () => this.#tell());
    this.socket.on("welcome", (/** @type {any} */ message) => this.#welcome(message));
    this.socket.on("hops", (/** @type {any} */ message) => this.#hops(message));
    this.socket.on("read", (/** @type {any} */ message) => this.#read(message));
    this.socket.on("health", (/** @type {any} */ health) => journal.setHealth(health, this.#live()));
    this.socket.on("holds", (/** @type {any} */ holds) => journal.setHolds(holds, this.#live()));
    this.socket.on("switches", (/** @type {any} */ switches) => journal.setSwitches(switches));
    this.socket.on("burst", (/** @type {any} */ burst) => journal.setBurst(burst));
    this.socket.on("probes", (/** @type {any} */ { probes }) => journal.addProbes(probes));
    this.socket.on("poll", (/** @type {any} */ { interval_ms }) => journal.setPoll(interval_ms));
  }

  /** Listens to the stack no more. */
  close() {
    this.socket.disconnect();
  }

  isConnected() {
    return this.socket.connected === true;
  }

  /** @param {{now_ms: number, journeys: Journey[], poll_interval_ms: number, ports: Record<string, number>, probes: any[], past: Record<string, any[]>, read: any, health: any, holds: any, switches: any, burst: any}} message */
  #welcome({ now_ms, journeys, poll_interval_ms, ports, probes, past, read, health, holds, switches, burst }) {
    const { journal, clock } = this;
    clock.sync(now_ms, this.now());
    journal.setPoll(poll_interval_ms);
    journal.setPorts(ports);
    journal.setProbes(probes);
    journal.setPast(statesOf(past.health), statesOf(past.holds));
    journal.setRead((this.read = read));
    journal.setHealth(health, now_ms);
    journal.setHolds(holds, now_ms);
    journal.setSwitches(switches);
    journal.setBurst(burst);
    for (const event_id of journal.mergeJourneys(journeys)) {
      const journey = journal.journeys.get(event_id);
      if (!journey || !this.playhead.isLive()) continue;
      if (clock.plays.has(event_id)) clock.follow(journey, this.now());
      else if (isOver(journal, journey)) clock.leave(journey);
      else clock.join(journey, this.now());
    }
    this.dispatchEvent(new Event("welcome"));
    this.#tell();
  }

  /** @param {any} message */
  #read(message) {
    this.journal.setRead((this.read = readAfter(this.read, message)));
  }

  /** @param {{now_ms: number, hops: import("../journal/journal.js").Hop[]}} message */
  #hops({ now_ms, hops }) {
    this.clock.sync(now_ms, this.now());
    for (const event_id of this.journal.merge(hops)) {
      const journey = this.journal.journeys.get(event_id);
      if (journey) this.playhead.follow(journey, this.now());
    }
  }

  /**
   * Web is gone, or this page has hung up on it to show a run of a file.
   * @param {string} why
   */
  #lost(why) {
    if (why !== "io client disconnect") {
      // How things are is not known from here on.
      this.journal.setHealth({}, this.#live());
      this.journal.setHolds({}, this.#live());
    }
    this.#tell();
  }

  /** The true moment now. */
  #live() {
    return this.clock.live(this.now());
  }

  #tell() {
    this.journal.setConnected(this.isConnected());
    this.dispatchEvent(new Event("change"));
  }
}
