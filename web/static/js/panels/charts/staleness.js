// @ts-check
/** The staleness window: the chance that a read sees a write, as calculated and as probed. */
import { counted, duration } from "../../page/format.js";
import { keyed, make, one, oneOf, say, set } from "../../page/dom.js";
import { injectedBy } from "../../journal/injected.js";
import { apartOf, checkOf, sharesByDelay, staleOf } from "../../facts/probes.js";
import { curveAt, staleShare, untilProjected, untilSeen } from "../../facts/staleness.js";
import { MINUTES_MS, createRow, whileOpen } from "./chart.js";
import { Plot, axis, dots, line, powers } from "./plot.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../journal/journal.js").Journey} Journey */
/** @typedef {import("../../facts/staleness.js").Moment} Moment */
/** @typedef {import("../../facts/staleness.js").Quantile} Quantile */
/** @typedef {import("../../facts/staleness.js").Window} Window */
/** @typedef {import("../../journal/types.js").Probe} Probe */
/** @typedef {ReturnType<typeof sharesByDelay>} Groups */

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
  return whileOpen(root, [chart.curve], house, (moment) => chart.draw(moment));
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

  /** @param {Required<Moment>} moment */
  draw(moment) {
    const journeys = [...this.journal.journeys.values()];
    const probes = this.journal.probes.filter(({ at_ms }) => at_ms <= moment.now_ms);
    const rule = injectedBy(this.journal.firings);
    const projected = untilProjected(journeys, moment, { rule });
    const without = projected.held ? untilProjected(journeys, moment, { rule, isWithout: true }) : null;
    const seen = untilSeen(journeys, moment);
    this.#drawWindows(projected, without, seen);
    const check = checkOf(probes, this.journal.journeys, moment.now_ms);
    const { held, others } = apartOf(probes, this.journal.journeys, rule);
    const shares = [probesSay(probes, check, held.length), timeSays(journeys, moment, without && rule)].filter(Boolean);
    keyed(this.shares, shares, (words) => words.split(":")[0], () => make("li"), say);
    this.#plot([projected, without, seen], [sharesByDelay(others), sharesByDelay(held)]);
  }

  /**
   * @param {Window} projected
   * @param {Window|null} without The same, without what was injected; null if nothing was.
   * @param {Window} seen
   */
  #drawWindows(projected, without, seen) {
    keyed(this.windows, [
      { name: "in MongoDB", kind: "projected", ...projected },
      ...(without ? [{ name: "not injected", kind: "without", ...without }] : []),
      { name: "first seen", kind: "seen", ...seen },
    ], ({ kind }) => kind, ({ kind, name }) => createRow(name, kind, 5), (row, window) => {
      const figures = [window.p50, window.p95, window.p99].map(atMost);
      const counts = [window.count, window.pending].map((count) => count.toLocaleString("en-GB"));
      [...figures, ...counts].forEach((text, index) => say(row.children[index + 1], text));
    });
  }

  /**
   * @param {[projected: Window, without: Window|null, seen: Window]} windows
   * @param {[others: Groups, held: Groups]} probes
   */
  #plot([projected, without, seen], probes) {
    const dots_ms = probes.flatMap((groups) => groups.map(({ t_ms }) => t_ms));
    const all = [
      ...projected.samples_ms, ...without?.samples_ms ?? [], ...seen.samples_ms, projected.known_ms, seen.known_ms, ...dots_ms,
    ].filter((ms) => ms > 0);
    const from_ms = Math.max(LEAST_MS, Math.min(FROM_MS, ...all));
    const to_ms = Math.max(TO_MS, ...all) * ROOM;
    const grid = Array.from({ length: POINTS }, (_, at) => from_ms * (to_ms / from_ms) ** (at / (POINTS - 1)));
    const xs = [...grid, ...dots_ms.map((t_ms) => Math.max(from_ms, t_ms))];
    const order = xs.map((_, index) => index).sort((a, b) => xs[a] - xs[b]);
    const x = order.map((index) => xs[index]);
    const measured = probes.map((groups, set_index) => {
      const first = POINTS + (set_index ? probes[0].length : 0);
      return order.map((index) => groups[index - first]?.share ?? null);
    });
    set(this.curve.box, "aria-label", labelOf(projected, without));
    const curves = [projected, without, seen].map((window) => (window ? curveAt(window, x) : x.map(() => null)));
    this.curve.draw([x, ...curves, ...measured], () => ({
      scales: { x: { time: false, distr: 3, range: () => [x[0], x[x.length - 1]] }, y: { range: () => [0, 1.02] } },
      axes: [axis({ values: powers }), axis({ values: percents, size: 52 })],
      series: [
        {},
        line("--mongodb", 2.5),
        line("--mongodb", 2.5, { dash: [2, 4] }),
        line("--reader", 2, { dash: [7, 5] }),
        dots("--text", 8, 2, "--panel"),
        dots("--fault", 8, 2, "--panel"),
      ],
    }));
  }
}

/**
 * @param {Window} projected
 * @param {Window|null} without
 */
function labelOf({ count, pending, p50, p99 }, without) {
  if (!count && !pending) return "The t-visibility curve: nothing has been measured yet.";
  return `The t-visibility curve. Half of ${counted(count + pending, "write")} were in MongoDB after ${atMost(p50)}, `
    + `99 of 100 after ${atMost(p99)}; ${pending.toLocaleString("en-GB")} are not there yet.`
    + (without ? ` Without what the lab has injected: ${atMost(without.p50)} and ${atMost(without.p99)}.` : "");
}

/** @param {Quantile} quantile */
function atMost({ ms, isMore }) {
  return isMore ? `over ${duration(ms)}` : duration(ms);
}

/**
 * What the probe reads found, and whether the traces of the same writes say so too.
 * @param {readonly Probe[]} probes
 * @param {ReturnType<typeof checkOf>} check
 * @param {number} held How many of them were of writes that the lab held up.
 */
function probesSay(probes, { agree, compared }, held) {
  const share = staleOf(probes);
  if (share === null) return "Probe reads: none yet; they follow what is added here or in a burst";
  const stale = probes.filter(({ visible }) => !visible).length;
  const [some, all, right, known] = [stale, probes.length, agree, compared].map((count) => count.toLocaleString("en-GB"));
  return `Probe reads: ${some} of ${all} stale, for ${percent(share)} of the writes; ${right} of ${known} agree with their traces${held ? `; ${held.toLocaleString("en-GB")} of writes that the lab held up` : ""}`;
}

/**
 * @param {Journey[]} journeys
 * @param {Required<Moment>} moment
 * @param {import("../../journal/injected.js").Injected|null} rule What was injected; null if nothing was.
 */
function timeSays(journeys, { now_ms, news_ms }, rule) {
  const [from_ms, to_ms] = [now_ms - MINUTES_MS, now_ms - news_ms];
  const share = staleShare(journeys, from_ms, to_ms);
  if (share === null || !journeys.length) return "";
  const without = rule ? staleShare(journeys, from_ms, to_ms, rule) : null;
  return `Stale time: ${percent(share)} of the last 5 min${without === null ? "" : `, ${percent(without)} not injected`}`;
}

/** @param {number} share */
function percent(share) {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** @type {import("./plot.js").Ticks} */
function percents(_, shares) {
  return shares.map((share) => percent(share ?? 0));
}
