// @ts-check
/** The staleness window: the chance that a read sees a write, as calculated and as probed. */
import { duration } from "../../page/format.js";
import { keyed, make, one, oneOf, say, set } from "../../page/dom.js";
import { curveAt, sharesByDelay, quantile, staleShare, untilProjected, untilSeen } from "../../facts/staleness.js";
import { MINUTES_MS, createRow, whileOpen } from "./chart.js";
import { Plot, axis, dots, line, powers } from "./plot.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../journal/journal.js").Journey} Journey */
/** @typedef {ReturnType<typeof untilSeen>} Window */
/** @typedef {ReturnType<typeof sharesByDelay>} Probes */

/** The number of moments at which the curves are calculated. */
const POINTS = 160;
/** The least and the most time that the axis spans, and the room that it leaves. */
const LEAST_MS = 0.1;
const FROM_MS = 1;
const TO_MS = 100;
const ROOM = 1.3;

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, redraw: () => void, askOlder: () => unknown}} house
 */
export function mount(root, house) {
  const chart = new Staleness(root, house.journal);
  return whileOpen(root, [chart.curve], house, (now_ms) => chart.draw(now_ms));
}

class Staleness {
  /**
   * @param {HTMLElement} root
   * @param {Journal} journal
   */
  constructor(root, journal) {
    this.journal = journal;
    this.curve = new Plot(oneOf(root, "chart", "curve"));
    this.windows = one(root, "windows");
    this.shares = one(root, "stale-shares");
  }

  /** @param {number} now_ms Epoch. */
  draw(now_ms) {
    const journeys = [...this.journal.journeys.values()];
    const projected = untilProjected(journeys);
    const seen = untilSeen(journeys);
    this.#drawWindows(projected, seen);
    const shares = sharesOf(this.journal, journeys, now_ms);
    keyed(this.shares, shares, (words) => words.split(":")[0], () => make("li"), say);
    this.#plot(projected.samples_ms, seen.samples_ms, sharesByDelay(this.journal.probes));
  }

  /**
   * @param {Window} projected
   * @param {Window} seen
   */
  #drawWindows(projected, seen) {
    keyed(this.windows, [
      { name: "in MongoDB", kind: "projected", ...projected },
      { name: "seen by this reader", kind: "seen", ...seen },
    ], ({ kind }) => kind, ({ kind, name }) => createRow(name, kind, 5), (row, window) => {
      const figures = [window.p50_ms, window.p95_ms, window.p99_ms].map(duration);
      const counts = [window.count, window.pending].map((count) => count.toLocaleString("en-GB"));
      [...figures, ...counts].forEach((text, index) => say(row.children[index + 1], text));
    });
  }

  /**
   * @param {number[]} projected
   * @param {number[]} seen
   * @param {Probes} probes
   */
  #plot(projected, seen, probes) {
    const all = [...projected, ...seen, ...probes.map(({ t_ms }) => t_ms)].filter((ms) => ms > 0);
    const from_ms = Math.max(LEAST_MS, Math.min(FROM_MS, ...all));
    const to_ms = Math.max(TO_MS, ...all) * ROOM;
    const grid = Array.from({ length: POINTS }, (_, at) => from_ms * (to_ms / from_ms) ** (at / (POINTS - 1)));
    const xs = [...grid, ...probes.map(({ t_ms }) => Math.max(from_ms, t_ms))];
    const order = xs.map((_, index) => index).sort((a, b) => xs[a] - xs[b]);
    const x = order.map((index) => xs[index]);
    const measured = order.map((index) => (index < POINTS ? null : probes[index - POINTS].share));
    set(this.curve.box, "aria-label", labelOf(projected));
    this.curve.draw([x, curveAt(projected, x), curveAt(seen, x), measured], () => ({
      scales: { x: { time: false, distr: 3, range: () => [x[0], x[x.length - 1]] }, y: { range: () => [0, 1.02] } },
      axes: [axis({ values: powers }), axis({ values: percents, size: 52 })],
      series: [
        {},
        line("--mongodb", 2.5),
        line("--reader", 2, { dash: [7, 5] }),
        dots("--text", 8, 2, "--panel"),
      ],
    }));
  }
}

/** @param {number[]} projected */
function labelOf(projected) {
  if (!projected.length) return "The t-visibility curve: nothing has been measured yet.";
  const [half, nearly] = [0.5, 0.99].map((share) => duration(quantile(projected, share)));
  return `The t-visibility curve. Half of ${projected.length} writes were in MongoDB after ${half}, `
    + `99 of 100 after ${nearly}.`;
}

/**
 * How much was stale: the share of the probe reads, and of the time.
 * @param {Journal} journal
 * @param {Journey[]} journeys
 * @param {number} now_ms Epoch.
 */
function sharesOf({ probes }, journeys, now_ms) {
  const stale = probes.filter(({ visible }) => !visible).length;
  const [some, all] = [stale, probes.length].map((count) => count.toLocaleString("en-GB"));
  const share = staleShare(journeys, now_ms - MINUTES_MS, now_ms);
  return [
    probes.length
      ? `Probe reads: ${some} of ${all} were stale, ${percent(stale / probes.length)}`
      : "Probe reads: none yet; they follow what is added here or in a burst",
    share === null || !journeys.length ? "" : `Stale time: ${percent(share)} of the last 5 min`,
  ].filter(Boolean);
}

/** @param {number} share */
function percent(share) {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** @type {import("./plot.js").Ticks} */
function percents(_, shares) {
  return shares.map((share) => percent(share ?? 0));
}
