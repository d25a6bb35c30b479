// @ts-check
/** The wire: Socket.IO from web. Only this module knows Socket.IO; it passes every message to the inbox. */
import { io } from "../../vendor/socket.io-client-4.8.4.esm.min.js";
import { Inbox } from "./inbox.js";

export class Wire extends EventTarget {
  /**
   * @param {import("../journal/journal.js").Journal} journal
   * @param {import("../clock/playhead.js").Playhead} playhead
   * @param {() => number} now The page's clock, in ms.
   */
  constructor(journal, playhead, now) {
    super();
    this.journal = journal;
    /** Settled once web has sent this page its welcome. @type {Promise<void>} */
    this.welcomed = new Promise((resolve) => this.addEventListener("welcome", () => resolve(), { once: true }));
    // Where a network lets no WebSocket through, the page asks again and again instead.
    this.socket = io({ transports: ["websocket", "polling"], tryAllTransports: true, reconnectionDelayMax: 2000 });
    const inbox = new Inbox(journal, playhead, now);
    for (const [name, take] of Object.entries(inbox.takes)) {
      this.socket.on(name, (/** @type {any} */ message) => take(message));
    }
    this.socket.on("connect", () => this.#tell("change"));
    this.socket.on("connect_error", () => this.#tell("change"));
    this.socket.on("welcome", () => {
      this.#tell("welcome");
      this.#tell("change");
    });
    this.socket.on("disconnect", (/** @type {string} */ why) => {
      // The page may also have hung up itself, to show a run from a file.
      if (why !== "io client disconnect") inbox.lose();
      this.#tell("change");
    });
  }

  /** Stops listening to the stack. */
  close() {
    this.socket.disconnect();
  }

  isConnected() {
    return this.socket.connected === true;
  }

  /** @param {string} what */
  #tell(what) {
    this.journal.setConnected(this.isConnected());
    this.dispatchEvent(new Event(what));
  }
}
