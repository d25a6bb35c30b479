// @ts-check
/** What this reader has answered, and who they are to the others: nobody in particular, but always the same. */

/** @typedef {import("../../journal/lesson.js").Answer} Answer */
/** @typedef {import("../../page/storage.js").Remembers} Remembers */

const WHO = "lesson-who";
const KEPT_AS = "lesson-answers";

export class Answered {
  /** @param {Remembers} kept Keeps it over a reload. */
  constructor(kept) {
    this.kept = kept;
    /** The attempt that the answers belong to. */
    this.of = "";
    /** By step. @type {Map<number, Answer>} */
    this.by = new Map();
  }

  /** Who answers, made up by this browser. */
  get who() {
    const known = this.kept.getItem(WHO);
    if (known) return known;
    const who = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    this.kept.setItem(WHO, who);
    return who;
  }

  /**
   * The attempt that is under way; the answers to another are forgotten.
   * @param {{run: string, attempt?: number}} now
   */
  follow({ run, attempt = 1 }) {
    const of = `${run} ${attempt}`;
    if (of === this.of) return;
    this.of = of;
    this.by = new Map(parsed(this.kept.getItem(KEPT_AS), of));
  }

  /**
   * @param {number} step
   * @param {Answer} answer
   * @param {string} of The attempt that it was given in; another may have begun since.
   */
  note(step, answer, of) {
    if (of !== this.of) return;
    this.by.set(step, answer);
    this.kept.setItem(KEPT_AS, JSON.stringify({ of: this.of, by: [...this.by] }));
  }
}

/**
 * @param {string|null} text
 * @param {string} of
 * @returns {[number, Answer][]}
 */
function parsed(text, of) {
  try {
    const told = JSON.parse(text ?? "null");
    return told?.of === of && Array.isArray(told.by) ? told.by : [];
  } catch {
    return [];
  }
}
