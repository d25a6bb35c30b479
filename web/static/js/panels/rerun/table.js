// @ts-check
/** Was, Now and Δ: a row for each figure. Draws only. */
import { keyed, make, say, set } from "../../page/dom.js";
import { duration } from "../../page/format.js";

/** @typedef {import("../../facts/both.js").Figure} Figure */
/** @typedef {import("../../facts/both.js").Cell} Cell */
/** @typedef {{key: string, figure: Figure|null, group: string}} Row A figure, or the name of those that follow. */

/**
 * @param {HTMLElement} body
 * @param {Figure[]} figures
 */
export function drawTable(body, figures) {
  const rows = figures.flatMap((figure, at) => {
    const isFirst = figures[at - 1]?.group !== figure.group;
    const row = /** @type {Row} */ ({ key: `${figure.group} ${figure.says}`, figure, group: figure.group });
    return isFirst ? [{ key: figure.group, figure: null, group: figure.group }, row] : [row];
  });
  keyed(body, rows, ({ key }) => key, create, (element, { figure, group }) => {
    const [head, ...cells] = element.children;
    say(head, figure ? figure.says : group);
    if (!figure) return;
    set(element, "data-injected-row", figure.is_injected ? "" : null);
    set(element, "data-verdict", figure.verdict);
    [cellSays(figure.was, figure.unit), cellSays(figure.now, figure.unit), deltaSays(figure)].forEach((text, at) => say(cells[at], text));
  });
}

/** @param {Row} row */
function create({ figure }) {
  const row = make("tr");
  if (figure) row.append(make("th", { scope: "row" }), make("td"), make("td"), make("td"));
  else row.append(make("th", { scope: "rowgroup", colspan: "4", class: "both-group" }));
  return row;
}

/**
 * @param {Cell|null} cell
 * @param {string} unit
 */
function cellSays(cell, unit) {
  if (!cell) return "–";
  return `${cell.is_more ? "over " : ""}${valueSays(cell.value, unit)}`;
}

/**
 * @param {Figure} figure
 */
function deltaSays({ delta, unit, verdict }) {
  if (delta === null) return verdict ?? "–";
  if (delta === 0) return "0";
  return `${delta > 0 ? "+" : "−"}${valueSays(Math.abs(delta), unit)}${verdict ? ` ${verdict}` : ""}`;
}

/**
 * @param {number} value
 * @param {string} unit
 */
function valueSays(value, unit) {
  if (unit === "ms") return duration(value);
  if (unit === "%") return `${Number(value.toPrecision(3))} %`;
  return value.toLocaleString("en-GB");
}
