// @ts-check
/** The waterfall: the stretches of a journey as lines with bars. lines.js works out what they are. */
import { stretch } from "../../page/format.js";
import { keyed, make, say, set } from "../../page/dom.js";

/** @typedef {import("./lines.js").Line} Line */

/** In a journey that is not over, the wait gets this share of the width. */
const OPEN_SHARE = 0.15;
const LEAST_MS = 0.001;
/** @type {readonly import("../../journal/pieces.js").Piece[]} */
const NONE = Object.freeze([]);

/**
 * @param {HTMLElement} table
 * @param {readonly Line[]} known
 * @param {readonly Line[]} open The lines that have not ended.
 * @param {number} begin_ms Epoch, when the command came in: the zero of all the times.
 */
export function drawWaterfall(table, known, open, begin_ms) {
  const ends_ms = known.map(({ to_ms }) => (to_ms === Infinity ? null : to_ms) ?? begin_ms);
  const known_ms = Math.max(LEAST_MS, Math.max(...ends_ms) - begin_ms);
  const whole_ms = open.length || known.some(({ to_ms }) => to_ms === Infinity) ? known_ms / (1 - OPEN_SHARE) : known_ms;
  keyed(table, [...known, ...open], ({ key }) => key, createLine, (element, line) => {
    updateLine(element, line, begin_ms, whole_ms);
  });
}

/** @param {Line} line */
function createLine({ isAnswer }) {
  const row = make("tr", { "data-line": "" });
  const bar = make("td", { class: "bar-cell" });
  bar.append(make("span", { class: "stretch-bar", "data-bar": "" }), make("span", { class: "hatches" }));
  const name = make("th", { scope: "row" });
  name.append(make("span"), make("span", { class: "note" }));
  const cells = ["figure", "figure dim", "dim"].map((kind) => make("td", { class: kind }));
  row.append(name, bar, ...cells);
  if (isAnswer) row.setAttribute("data-answer-line", "");
  return row;
}

/**
 * @param {Element} row
 * @param {Line} line
 * @param {number} begin_ms
 * @param {number} whole_ms
 */
function updateLine(row, { name, span, from_ms, to_ms, process, note, injected = NONE }, begin_ms, whole_ms) {
  const [head, barCell, took, at, by] = row.children;
  set(row, "data-span", span);
  say(head.children[0], name);
  say(head.children[1], note);
  const bar = /** @type {HTMLElement} */ (barCell.children[0]);
  bar.style.left = `${Math.max(0, (from_ms - begin_ms) / whole_ms) * 100}%`;
  const isOpen = to_ms === Infinity;
  const took_ms = to_ms === null ? null : to_ms - from_ms;
  const share = isOpen ? 1 - (from_ms - begin_ms) / whole_ms : Math.max(0, took_ms ?? 0) / whole_ms;
  bar.style.width = `${share * 100}%`;
  keyed(barCell.children[1], injected, (piece) => String(piece.from_ms), () => make("span", { "data-injected": "" }), (hatch, piece) => {
    const [left, right] = [piece.from_ms, Math.min(piece.to_ms, begin_ms + whole_ms)].map((ms) => (ms - begin_ms) / whole_ms);
    const { style } = /** @type {HTMLElement} */ (hatch);
    style.left = `${left * 100}%`;
    style.width = `${Math.max(0, right - left) * 100}%`;
  });
  set(row, "data-open-line", isOpen ? "" : null);
  set(row, "title", process);
  bar.hidden = to_ms === null;
  say(took, !isOpen ? stretch(took_ms) : span === "injected" ? "not known" : "waiting");
  say(at, isOpen || to_ms === null ? "" : `at ${stretch(to_ms - begin_ms)}`);
  say(by, process);
}
