// @ts-check
/** Which lessons were played to their end on this browser, and how long each took. */

/** @typedef {import("../../page/storage.js").Remembers} Remembers */

const KEPT_AS = "lessons-done";
const MINUTE_MS = 60_000;

export class Done {
  /** @param {Remembers} kept */
  constructor(kept) {
    this.kept = kept;
    /** How long each took, in ms. @type {Record<string, number>} */
    this.took_ms = parsed(kept.getItem(KEPT_AS));
  }

  /**
   * @param {string} lesson
   * @param {number} took_ms
   */
  note(lesson, took_ms) {
    this.took_ms[lesson] = took_ms;
    this.kept.setItem(KEPT_AS, JSON.stringify(this.took_ms));
  }

  /**
   * In words; "" if it was not.
   * @param {string} lesson
   */
  says(lesson) {
    const took_ms = this.took_ms[lesson];
    if (took_ms === undefined) return "";
    return took_ms < MINUTE_MS ? "Done here, in under a minute" : `Done here, in ${Math.round(took_ms / MINUTE_MS)} min`;
  }
}

/**
 * @param {string|null} text
 * @returns {Record<string, number>}
 */
function parsed(text) {
  try {
    const told = Object.entries(JSON.parse(text ?? "{}") ?? {});
    return Object.fromEntries(told.filter(([, took_ms]) => typeof took_ms === "number"));
  } catch {
    return {};
  }
}
