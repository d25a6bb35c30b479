// @ts-check
/** Queue and lag over the last minutes: how late each event reached MongoDB, and what waited where. */
import { duration } from "../../page/format.js";
import { keyed, one, oneOf, say, set } from "../../page/dom.js";
import { lags, quantile } from "../../facts/staleness.js";
import { MINUTES_MS, createRow, whileOpen } from "./chart.js";
import { depthsOf, heldSays, heldWithin, most } from "./held.js";
import { Plot, axis, dots, line, powers, steps } from "./plot.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {{at_ms: number, lag_ms: number}} Lag */
/** @typedef {ReturnType<typeof depthsOf>} Depths */

const LEAST_LAG_MS = 0.1;
/** The steps of the axis: every count is a whole number. */
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
const TIME = { time: false, range: () => [-MINUTES_MS / 1000, 0] };

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, redraw: () => void, askOlder: () => unknown}} house
 */
export function mount(root, house) {
  const chart = new Lags(root, house.journal);
  return whileOpen(root, [chart.lag, chart.depth], house, (now_ms) => chart.draw(now_ms));
}

class Lags {
  /**
   * @param {HTMLElement} root
   * @param {Journal} journal
   */
  constructor(root, journal) {
    this.journal = journal;
    this.lag = new Plot(oneOf(root, "chart", "lag"));
    this.depth = new Plot(oneOf(root, "chart", "depth"));
    this.rows = one(root, "depths");
    this.knownSince = one(root, "known-since");
  }

  /** @param {number} now_ms Epoch. */
  draw(now_ms) {
    const since_ms = now_ms - MINUTES_MS;
    const lagged = lags(this.journal.journeys.values(), since_ms).filter(({ at_ms }) => at_ms <= now_ms);
    const held = heldWithin(this.journal.told.holds.samples, since_ms, now_ms);
    const depths = depthsOf(held);
    say(this.knownSince, heldSays(held[0]?.at_ms ?? null, since_ms, now_ms));
    this.#drawRows(depths, lagged);
    this.#plotLag(lagged, now_ms);
    this.#plotDepth(depths, held.map(({ at_ms }) => at_ms), now_ms);
  }

  /**
   * @param {Depths} depths
   * @param {Lag[]} lagged
   */
  #drawRows(depths, lagged) {
    const lag = {
      key: "lag", name: "lag, the last and the most",
      now: duration(lagged.at(-1)?.lag_ms), highest: duration(most(lagged.map(({ lag_ms }) => lag_ms))),
    };
    const rows = depths.map(({ key, name, values }) => ({
      key, name, now: figure(values.at(-1) ?? null), highest: figure(most(values)),
    }));
    keyed(this.rows, [...rows, lag], ({ key }) => key, ({ key, name }) => createRow(name, key, 2),
      (row, { now, highest }) => {
        say(row.children[1], now);
        say(row.children[2], highest);
      });
  }

  /**
   * @param {Lag[]} lagged
   * @param {number} now_ms
   */
  #plotLag(lagged, now_ms) {
    const half = quantile(lagged.map(({ lag_ms }) => lag_ms).sort((a, b) => a - b), 0.5);
    set(this.lag.box, "aria-label", "How long after its commit each event was in MongoDB: "
      + `${lagged.length} in the last 5 min, ${duration(half)} for half of them.`);
    const xs = lagged.map(({ at_ms }) => (at_ms - now_ms) / 1000);
    this.lag.draw([xs, lagged.map(({ lag_ms }) => Math.max(LEAST_LAG_MS, lag_ms))], () => ({
      scales: { x: TIME, y: { distr: 3, range: decades } },
      axes: [axis({ values: ago }), axis({ values: powers, size: 62 })],
      series: [{}, dots("--mongodb", 7, 1)],
    }));
  }

  /**
   * @param {Depths} depths
   * @param {number[]} told_ms Epoch, when they were reported.
   * @param {number} now_ms
   */
  #plotDepth(depths, told_ms, now_ms) {
    const now = depths.map(({ name, values }) => `${figure(values.at(-1) ?? null)} ${name}`).join(", ");
    set(this.depth.box, "aria-label", `What waits where, over the last 5 min: ${now}.`);
    // The last report holds until now.
    const xs = told_ms.length ? [...told_ms.map((at_ms) => (at_ms - now_ms) / 1000), 0] : [];
    const [outbox, queue, projector] = depths.map(({ values }) => [...values, ...values.slice(-1)]);
    this.depth.draw([xs, outbox, queue, projector], () => ({
      scales: { x: TIME, y: { range: fromZero } },
      axes: [axis({ values: ago }), axis({ size: 46, incrs: COUNTS })],
      series: [
        {},
        line("--postgresql", 2, steps()),
        line("--rabbitmq", 2.5, { ...steps(), dash: [8, 4] }),
        line("--mongodb", 2, { ...steps(), dash: [2, 4] }),
      ],
    }));
  }
}

/**
 * @param {unknown} _
 * @param {number[]} xs
 */
function ago(_, xs) {
  return xs.map((x) => (x === 0 ? "now" : `${-x} s ago`));
}

/**
 * The whole powers of ten around all the values.
 * @param {unknown} _
 * @param {number|null} low
 * @param {number|null} high
 */
function decades(_, low, high) {
  return [10 ** Math.floor(Math.log10(low || 1)), 10 ** Math.ceil(Math.log10((high || 100) * 1.01))];
}

/**
 * @param {unknown} _
 * @param {number|null} __
 * @param {number|null} high
 */
function fromZero(_, __, high) {
  return [0, Math.max(5, (high ?? 0) * 1.1)];
}

/** @param {number|null} value */
function figure(value) {
  return value === null ? "–" : value.toLocaleString("en-GB");
}
