// @ts-check
/**
 * Queue and lag over the last minutes: how late each event reached MongoDB, how long the oldest one that was
 * not there had been waiting, and what waited where.
 */
import { counted, duration, isApart } from "../../page/format.js";
import { keyed, one, oneOf, say, set } from "../../page/dom.js";
import { lagAt, waitsOf } from "../../facts/lag.js";
import { quantile } from "../../facts/staleness.js";
import { MINUTES_MS, createRow, whileOpen } from "./chart.js";
import { depthsOf, heldSays, heldWithin, most } from "./held.js";
import { Plot, axis, counts, dots, line, powers, steps } from "./plot.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../facts/staleness.js").Moment} Moment */
/**
 * @typedef {{at_ms: number, lag_ms: number, injected_ms: number}} Lag Of an event that reached MongoDB: when, how late,
 *   and how much of that was injected.
 */
/** @typedef {ReturnType<typeof depthsOf>} Depths */

const LEAST_LAG_MS = 0.1;
/** At how many moments the age of the oldest waiting event is worked out. */
const MOMENTS = 300;
/** The steps of the axis: every count is a whole number. */
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
const TIME = { time: false, range: () => [-MINUTES_MS / 1000, 0] };

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, redraw: () => void, askOlder: () => unknown}} house
 */
export function mount(root, house) {
  const chart = new Lags(root, house.journal);
  return whileOpen(root, [chart.lag, chart.depth], house, (moment) => chart.draw(moment));
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

  /** @param {Moment} moment */
  draw(moment) {
    const { now_ms } = moment;
    const since_ms = now_ms - MINUTES_MS;
    const waits = waitsOf(this.journal, moment);
    const lagged = waits
      .flatMap(({ to_ms, lag_ms, injected_ms }) => (lag_ms === null || to_ms < since_ms ? [] : [{ at_ms: to_ms, lag_ms, injected_ms }]))
      .sort((a, b) => a.at_ms - b.at_ms);
    const times_ms = [
      ...Array.from({ length: MOMENTS }, (_, at) => since_ms + (at * MINUTES_MS) / MOMENTS),
      ...lagged.map(({ at_ms }) => at_ms), now_ms,
    ].sort((a, b) => a - b);
    const ages_ms = lagAt(waits, times_ms);
    const held = heldWithin(this.journal.told.holds.samples, since_ms, now_ms);
    const depths = depthsOf(held);
    say(this.knownSince, heldSays(held[0]?.at_ms ?? null, since_ms, now_ms));
    this.#drawRows(depths, lagged, ages_ms, waits.find(({ to_ms }) => to_ms > now_ms)?.injected_ms ?? 0);
    this.#plotLag(lagged, times_ms, ages_ms);
    this.#plotDepth(depths, held.map(({ at_ms }) => at_ms), now_ms);
  }

  /**
   * @param {Depths} depths
   * @param {Lag[]} lagged
   * @param {(number|null)[]} ages_ms
   * @param {number} injected_ms How much of the age of the oldest that waits the lab has injected.
   */
  #drawRows(depths, lagged, ages_ms, injected_ms) {
    const waiting_ms = ages_ms.at(-1) ?? null;
    const lag = {
      key: "lag", name: waiting_ms === null ? "lag of the last event" : "lag of the oldest, still waiting",
      now: duration(waiting_ms ?? lagged.at(-1)?.lag_ms),
      highest: duration(most([...lagged.map(({ lag_ms }) => lag_ms), ...ages_ms])),
    };
    const all_ms = [injected_ms, ...lagged.map((each) => each.injected_ms)];
    const injected = {
      key: "injected", name: "of that, injected",
      now: duration(waiting_ms === null ? lagged.at(-1)?.injected_ms : injected_ms), highest: duration(most(all_ms)),
    };
    const rows = depths.map(({ key, name, values }) => ({
      key, name, now: figure(values.at(-1) ?? null), highest: figure(most(values)),
    }));
    keyed(this.rows, [...rows, lag, ...(most(all_ms) ? [injected] : [])], ({ key }) => key, ({ key, name }) => createRow(name, key, 2),
      (row, { name, now, highest }) => [name, now, highest].forEach((text, index) => say(row.children[index], text)));
  }

  /**
   * @param {Lag[]} lagged
   * @param {number[]} times_ms Epoch, ascending; the last one is now.
   * @param {(number|null)[]} ages_ms How long the oldest event that was not there had waited at each of them.
   */
  #plotLag(lagged, times_ms, ages_ms) {
    const now_ms = times_ms[times_ms.length - 1];
    const [natural, held] = [0, 1].map((isHeld) => new Map(lagged
      .filter(({ lag_ms, injected_ms }) => Number(isApart(lag_ms, injected_ms)) === isHeld)
      .map(({ at_ms, lag_ms }) => [at_ms, lag_ms])));
    const half = quantile(lagged.map(({ lag_ms }) => lag_ms).sort((a, b) => a - b), 0.5);
    const waiting_ms = ages_ms.at(-1) ?? null;
    set(this.lag.box, "aria-label", "How long after its commit each event was in MongoDB: "
      + `${counted(lagged.length, "event")} in the last 5 min, ${duration(half)} for half of them${held.size ? `, ${held.size.toLocaleString("en-GB")} held up by the lab` : ""}. `
      + (waiting_ms === null ? "None is waiting." : `The oldest that is not there has waited for ${duration(waiting_ms)}.`));
    const drawn = (/** @type {number|null|undefined} */ ms) => (typeof ms === "number" ? Math.max(LEAST_LAG_MS, ms) : null);
    this.lag.draw([
      times_ms.map((at_ms) => (at_ms - now_ms) / 1000),
      times_ms.map((at_ms) => drawn(natural.get(at_ms))),
      times_ms.map((at_ms) => drawn(held.get(at_ms))),
      ages_ms.map(drawn),
    ], () => ({
      scales: { x: TIME, y: { distr: 3, range: decades } },
      axes: [axis(AGO), axis({ values: powers, size: 62 })],
      series: [{}, dots("--mongodb", 7, 1), dots("--fault", 7, 2, "--panel"), line("--late", 2.5)],
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
      axes: [axis(AGO), axis({ size: 50, incrs: COUNTS, values: counts })],
      series: [
        {},
        line("--postgresql", 2, steps()),
        line("--rabbitmq", 2.5, { ...steps(), dash: [8, 4] }),
        line("--mongodb", 2, { ...steps(), dash: [2, 4] }),
      ],
    }));
  }
}

/** The axis of the past, with room for "300 s ago" between one tick and the next. */
const AGO = { values: ago, space: 84 };

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
