// @ts-check
/** The counts by the minute, as a read gives them, while the card of the counts is open. */
import { keyed, make, say } from "../../page/dom.js";
import { timeOf } from "../../page/format.js";

/** @typedef {{minute: string, created: number, completed: number, deleted: number}} Minute */

const KEYS = new Set(["counts", "counter"]);
/** How many of the newest minutes have room. */
const SHOWN = 4;
const EVERY_MS = 1000;

export class Minutes {
  /**
   * @param {HTMLElement} root
   * @param {{ask: typeof fetch, now: () => number, isRun: () => boolean}} house `isRun`: whether a file is shown, and no stack.
   */
  constructor(root, { ask, now, isRun }) {
    this.root = root;
    this.ask = ask;
    this.now = now;
    this.isRun = isRun;
    this.asked_ms = -Infinity;
  }

  /**
   * Shows them, or nothing where something else is explained.
   * @param {string|null} key What is explained.
   */
  show(key) {
    if (key === null || !KEYS.has(key) || this.isRun()) {
      this.root.hidden = true;
      this.asked_ms = -Infinity;
    } else if (this.now() >= this.asked_ms + EVERY_MS) {
      this.asked_ms = this.now();
      void this.#askFor();
    }
  }

  async #askFor() {
    const asked_ms = this.asked_ms;
    const minutes = await this.#read();
    if (asked_ms !== this.asked_ms) return;
    this.root.hidden = !minutes.length;
    keyed(this.root.querySelector("tbody") ?? this.root, minutes.slice(-SHOWN), ({ minute }) => minute, createRow, (row, each) => {
      [timeOf(Date.parse(each.minute)).slice(0, 5), each.created, each.completed, each.deleted].forEach((value, index) => say(row.children[index], String(value)));
    });
  }

  /** @returns {Promise<Minute[]>} None while they are not kept. */
  async #read() {
    try {
      const answer = await this.ask("/queries/counts");
      return answer.ok ? await answer.json() : [];
    } catch {
      return [];
    }
  }
}

function createRow() {
  const row = make("tr");
  row.append(make("th", { scope: "row" }), make("td"), make("td"), make("td"));
  return row;
}
