// @ts-check
/** Shared by the charts: when they are drawn, and the rows of their tables. */
import { NEWS_MS } from "../../facts/staleness.js";
import { make } from "../../page/dom.js";

/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../facts/staleness.js").Moment} Moment */
/** @typedef {import("./plot.js").Plot} Plot */

/** How long "the last minutes" are. */
export const MINUTES_MS = 300_000;
const REDRAW_MS = 1000;

/**
 * A view that draws only while its tab is open: once a second, and at once if the size or the colours
 * change.
 * @param {HTMLElement} root
 * @param {readonly Plot[]} plots
 * @param {{redraw: () => void, askOlder: () => unknown}} house
 * @param {(moment: Required<Moment>) => void} draw Draws for the true moment.
 * @returns {import("../../views/view.js").View}
 */
export function whileOpen(root, plots, { redraw, askOlder }, draw) {
  let isStale = true;
  let drawn_ms = -Infinity;
  const again = () => {
    isStale = true;
    if (!root.hidden) redraw();
  };
  const recolour = () => {
    for (const plot of plots) plot.drop();
    again();
  };
  for (const { box } of plots) new ResizeObserver(again).observe(box.parentElement ?? box);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", recolour);
  new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ["data-theme", "data-present"] });
  // This makes every page show figures for the same journeys.
  new MutationObserver(() => root.hidden || askOlder()).observe(root, { attributeFilter: ["hidden"] });
  return {
    root,
    draw(scene) {
      if (root.hidden) return;
      const now_ms = scene.at_ms + (scene.isPast ? 0 : scene.behind_ms);
      if (!isStale && Math.abs(now_ms - drawn_ms) < REDRAW_MS) return;
      isStale = false;
      drawn_ms = now_ms;
      draw({ now_ms, news_ms: scene.isPast ? 0 : NEWS_MS });
    },
  };
}

/**
 * A row of a chart's table.
 * @param {string} name
 * @param {string} kind
 * @param {number} cells
 */
export function createRow(name, kind, cells) {
  const row = make("tr", { "data-row": kind, "data-span": kind });
  row.append(make("th", { scope: "row" }, name), ...Array.from({ length: cells }, () => make("td")));
  return row;
}
