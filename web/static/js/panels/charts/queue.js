// @ts-check
/** The queue's chart in the teacher's bar: what waited where, over the last minutes. */
import { keyed, make, one, oneOf, say, set } from "../../page/dom.js";
import { whileOpen } from "./chart.js";
import { depthsOf, heldWithin, most } from "./held.js";
import { Plot, axis, line, steps } from "./plot.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {ReturnType<typeof depthsOf>} Depths */

/** How far back it shows: a lesson's last step. */
const SHOWN_MS = 120_000;
/** The short names of the lines, and what explains them. @type {Readonly<Record<string, {name: string, about: string}>>} */
const NAMES = Object.freeze({
  outbox: { name: "outbox", about: "outbox" },
  queue: { name: "queue", about: "queue-depth" },
  projector: { name: "in hand", about: "projector" },
});
/** What the axis reaches at least. */
const LEAST_COUNT = 10;
/** The chart is low, so only the ends of its axis are written. Half a line and a digit, in rem. */
const HALF_LINE = 0.45;
const DIGIT = 0.55;

/**
 * @param {HTMLElement} root
 * @param {{
 *   journal: Journal, teaching: EventTarget & {isShown: boolean}, redraw: () => void, askOlder: () => unknown,
 * }} house
 */
export function mount(root, house) {
  const { journal, teaching } = house;
  const plot = new Plot(oneOf(root, "chart", "queue"));
  const caption = one(root, "queue-depths");
  const show = () => { root.hidden = journal.lab === false || !teaching.isShown; };
  teaching.addEventListener("change", show);
  journal.addEventListener("lab", show);
  return whileOpen(root, [plot], house, ({ now_ms }) => {
    const held = heldWithin(journal.told.holds.samples, now_ms - SHOWN_MS, now_ms);
    const depths = depthsOf(held).filter(({ key }) => key in NAMES);
    drawCaption(caption, depths);
    set(plot.box, "aria-label", `What waits where, over the last 2 min: ${depths.map(saysOf).join(", ")}.`);
    drawDepths(plot, held.map(({ at_ms }) => (at_ms - now_ms) / 1000), depths);
  });
}

/**
 * The caption names the lines by their colours, and says how many wait there now.
 * @param {HTMLElement} caption
 * @param {Depths} depths
 */
function drawCaption(caption, depths) {
  keyed(caption, depths, ({ key }) => key, ({ key }) => {
    const { name, about } = NAMES[key];
    const part = make("button", { "type": "button", "class": "explains", "data-depth": key, "data-explain": about });
    part.append(make("b"), ` ${name}`);
    return part;
  }, (part, { values }) => say(part.children[0], figure(values.at(-1) ?? null)));
}

/** @param {Depths[number]} depth */
function saysOf({ name, values }) {
  return `${figure(values.at(-1) ?? null)} ${name}, at most ${figure(most(values))}`;
}

/**
 * @param {Plot} plot
 * @param {number[]} told_s When the depths were told, in seconds before now.
 * @param {Depths} depths
 */
function drawDepths(plot, told_s, depths) {
  // The last report holds until now.
  const lines = depths.map(({ values }) => [...values, ...values.slice(-1)]);
  plot.draw([told_s.length ? [...told_s, 0] : [], ...lines], () => ({
    padding: [rem() * HALF_LINE, rem() * DIGIT, rem() * HALF_LINE, 0],
    scales: { x: { time: false, range: () => [-SHOWN_MS / 1000, 0] }, y: { range: fromZero } },
    axes: [{ show: false }, axis({ splits: ends, values: figures, size: widthOf })],
    series: [
      {},
      line("--postgresql", 2, steps()),
      line("--rabbitmq", 3, steps()),
      line("--mongodb", 2, { ...steps(), dash: [2, 4] }),
    ],
  }));
}

/**
 * @param {unknown} _
 * @param {unknown} __
 * @param {number} low
 * @param {number} high
 */
function ends(_, __, low, high) {
  return [low, high];
}

/**
 * @param {unknown} _
 * @param {number[]} counts
 */
function figures(_, counts) {
  return counts.map(figure);
}

/**
 * Room for the longest count on the axis.
 * @param {unknown} _
 * @param {string[]|null} values
 */
function widthOf(_, values) {
  const digits = Math.max(2, ...(values ?? []).map((value) => value?.length ?? 0));
  return (digits + 1) * DIGIT * rem();
}

/** The page's unit of type, in pixels. */
function rem() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/**
 * @param {unknown} _
 * @param {number|null} __
 * @param {number|null} high
 */
function fromZero(_, __, high) {
  return [0, Math.max(LEAST_COUNT, high ?? 0)];
}

/** @param {number|null} value */
function figure(value) {
  return value === null ? "–" : value.toLocaleString("en-GB");
}
