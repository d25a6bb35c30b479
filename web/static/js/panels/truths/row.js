// @ts-check
/** A row of the two truths: what each side says about one todo, and whether they agree. */
import { words } from "../../facts/compare.js";
import { closed } from "../../page/bidi.js";
import { make, say, set } from "../../page/dom.js";
import { isApart } from "../../page/format.js";

/** @typedef {import("../../facts/compare.js").Compared} Compared */
/** @typedef {import("../../facts/compare.js").Row} Row */

/** @type {Record<string, [string, string]>} */
const SIGNS = { equal: ["=", "equal"], unknown: ["?", "not known"] };

/** @param {Compared} compared */
export function createRow({ id }) {
  const row = make("tr", { "data-truth": String(id) });
  row.append(
    make("th", { scope: "row", "data-left": "", dir: "auto" }),
    make("td", { class: "version" }),
    make("td", { class: "sign" }),
    make("td", { "data-right": "", dir: "auto" }),
    make("td", { class: "version" }),
  );
  return row;
}

/**
 * @param {Element} row
 * @param {Compared} compared
 */
export function updateRow(row, compared) {
  const { id, left, right, state, lost } = compared;
  const [leftCell, leftVersion, sign, rightCell, rightVersion] = row.children;
  set(row, "data-state", state);
  set(row, "data-lost", lost ? "" : null);
  says(leftCell, id, left, nothingSays(state, right));
  say(leftVersion, left ? `v${left.version}` : "");
  const [written, spoken] = SIGNS[state] ?? ["≠", "not equal"];
  say(sign, written);
  set(sign, "aria-label", spoken);
  // There is only room for the whole time, which is hatched then.
  set(rightCell, "data-injected", state !== "equal" && isApart(compared.for_ms, compared.injected_ms) ? "" : null);
  // What is not known now is shown as it was; the verdict says of when that is.
  if (state === "equal" || (state === "unknown" && right)) says(rightCell, id, right, "");
  else sayWords(rightCell, words(compared), compared.injected_ms ? words(compared, true) : null);
  // Words take the whole width if there is no version to show.
  set(rightCell, "colspan", right ? null : 2);
  /** @type {HTMLElement} */ (rightVersion).hidden = !right;
  say(rightVersion, right ? `v${right.version}` : "");
}

/**
 * What stands for a todo that PostgreSQL does not have. Its title stands nowhere else in the row.
 * @param {Compared["state"]} state
 * @param {Row|null} right
 */
function nothingSays(state, right) {
  if (state === "unknown") return "not known";
  return right?.title ? `no “${right.title}”` : "holds nothing";
}

/**
 * @param {Element} cell
 * @param {number} id
 * @param {Row|null} row
 * @param {string} otherwise
 */
function says(cell, id, row, otherwise) {
  const title = row ? row.title ?? "title not known" : otherwise;
  const mark = row?.completed ? " ✓" : "";
  if (cell.getAttribute("data-text") === `${id} ${title}${mark}`) return;
  set(cell, "data-text", `${id} ${title}${mark}`);
  cell.replaceChildren(make("b", {}, String(id)), " ", make("bdi", {}, closed(title)), mark);
  set(cell, "title", title);
}

/**
 * @param {Element} cell
 * @param {string} text
 * @param {string|null} title
 */
function sayWords(cell, text, title) {
  if (cell.getAttribute("data-text") === text) return;
  set(cell, "data-text", text);
  set(cell, "title", title);
  cell.replaceChildren(make("span", {}, text));
}
