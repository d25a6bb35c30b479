// @ts-check
/**
 * The middle of the loop: what PostgreSQL and MongoDB say, todo by todo, and the verdict. The stage sets
 * its position and the size of its words, in custom properties of the stage's own root.
 */
import { chosen } from "../../facts/compare.js";
import { keyed, one, say, set } from "../../page/dom.js";
import { curl, serviceUrl, spaced } from "../../send/curl.js";
import { createRow, updateRow } from "./row.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../facts/facts.js").Facts} Facts */
/** @typedef {import("../../facts/verdict.js").Verdict} Verdict */

/** The least number of rows, for those who scroll, and below the stage. */
const LEAST = 3;
const MOST_BELOW = 40;
const ROWS_BELOW_STAGE = 8;
/** The height of a row with words of the plain size. */
const ROW_PX = 21;
/** The room for the table's head and the space around it, in rows. */
const HEAD_ROWS = 1.6;

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal}} house
 */
export function mount(root, { journal }) {
  const hint = one(root, "hint-curl");
  const sayHint = () => say(hint, curl({
    method: "POST", url: serviceUrl("/commands/todos", journal.ports, location.origin),
    headers: { "Content-Type": "application/json" }, body: spaced({ title: "Learn CQRS" }),
  }));
  journal.addEventListener("ports", sayHint);
  sayHint();
  return new Truths(root);
}

class Truths {
  /** The bar repeats what is said here, so both are drawn from the same moment. */
  group = "truths";

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.rows = one(root, "truth-rows");
    this.scroll = one(root, "truth-scroll");
    this.says = one(root, "truths-say");
    this.hint = one(root, "truths-hint");
  }

  /**
   * @param {Scene} scene
   * @param {Facts} facts
   */
  draw({ shown: marks }, { truths, todos }) {
    const { compared, verdict } = truths;
    this.scroll.hidden = compared.length === 0;
    this.hint.hidden = todos > 0 || marks.size > 0 || verdict.state !== "consistent";
    set(this.root, "data-truths", verdict.state);
    const row_px = this.#rowHeight();
    const room = Math.max(LEAST, Math.floor(this.#room(row_px) / row_px));
    const shown = chosen(compared, room, MOST_BELOW);
    this.scroll.style.maxHeight = `${(1 + room) * row_px}px`;
    keyed(this.rows, shown, ({ id }) => String(id), createRow, updateRow);
    say(this.says, summaryOf(verdict, shown.length, todos));
  }

  /** @param {number} row_px */
  #room(row_px) {
    const { position } = getComputedStyle(this.root);
    if (position !== "absolute") return row_px * ROWS_BELOW_STAGE;
    const others = [...this.root.children].filter((part) => part !== this.scroll);
    const used = others.reduce((sum, part) => sum + /** @type {HTMLElement} */ (part).offsetHeight, 0);
    return this.root.clientHeight - used - row_px * HEAD_ROWS;
  }

  #rowHeight() {
    const unit = getComputedStyle(this.root).getPropertyValue("--text-unit");
    return ROW_PX * (Number(unit) || 1);
  }
}

/**
 * @param {Verdict} verdict
 * @param {number} shown How many todos have a row.
 * @param {number} count How many there are.
 */
function summaryOf({ state, words, injected }, shown, count) {
  const says = injected ? `${words} (${injected})` : words;
  if (state === "unknown" || shown >= count) return says;
  return `${says} · ${shown} of ${count.toLocaleString("en-GB")} todos shown`;
}
