// @ts-check
/**
 * The charts: the staleness window, and lag and depth over the last minutes, each with its table.
 * What is drawn is worked out in staleness.js; drawn only while its tab is open.
 */
import Plot from "../../../vendor/uPlot-1.6.32.min.js";
import { duration } from "../../page/format.js";
import { keyed, make, one, oneOf, say, set } from "../../page/dom.js";
import { curveAt, grouped, lags, quantile, staleShare, untilProjected, untilSeen } from "../../facts/staleness.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../clock/clock.js").Scene} Scene */
/** @typedef {import("../../send/host.js").Host} Host */

/** @typedef {import("../../../vendor/uPlot-1.6.32.min.js").Axis} Axis */
/** @typedef {import("../../../vendor/uPlot-1.6.32.min.js").Data} Data */
/** @typedef {import("../../../vendor/uPlot-1.6.32.min.js").Options} Options */
/** @typedef {(plot: unknown, ticks: (number|null)[]) => string[]} Ticks */

const REDRAW_MS = 1000;
const POINTS = 160;
/** What "the last minutes" are. */
const MINUTES_MS = 300_000;

export class Charts {
  /**
   * @param {Document} root
   * @param {Journal} journal
   * @param {Host} host
   */
  constructor(root, journal, host) {
    this.root = root;
    this.journal = journal;
    this.tabs = [...root.querySelectorAll("[data-tab]")].map((tab) => /** @type {HTMLElement} */ (tab));
    this.open = "journeys";
    this.stale = true;
    this.drawn_ms = -Infinity;
    /** @type {Map<string, Plot>} */
    this.plots = new Map();
    this.curveBox = oneOf(root, "chart", "curve");
    this.lagBox = oneOf(root, "chart", "lag");
    this.depthBox = oneOf(root, "chart", "depth");
    this.windows = one(root, "windows");
    this.depths = one(root, "depths");
    this.knownSince = one(root, "known-since");
    this.shares = one(root, "stale-shares");
    this.pollSays = one(root, "poll-says");
    this.pollProblem = one(root, "poll-problem");
    const form = one(root, "poll", HTMLFormElement);
    this.field = /** @type {HTMLInputElement} */ (form.elements.namedItem("interval_ms"));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const problem = await host.ask("PUT", "/poll", { interval_ms: Number(this.field.value) });
      say(this.pollProblem, problem ?? "");
    });
    journal.addEventListener("poll", () => this.#sayPoll());
    const dialog = one(root, "definitions", HTMLDialogElement);
    for (const button of root.querySelectorAll("[data-define]")) {
      button.addEventListener("click", () => dialog.showModal());
    }
    for (const tab of this.tabs) tab.addEventListener("click", () => this.choose(tab.dataset.tab ?? ""));
    one(root, "tabs").addEventListener("keydown", (event) => this.#key(/** @type {KeyboardEvent} */ (event)));
    this.onChange = () => {};
    /** Called when a chart is opened. @type {() => unknown} */
    this.onOpen = () => {};
    const again = () => this.#again();
    new ResizeObserver(again).observe(this.curveBox.parentElement ?? this.curveBox);
    new ResizeObserver(again).observe(this.lagBox.parentElement ?? this.lagBox);
    const recolour = () => this.#drop();
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", recolour);
    new MutationObserver(recolour).observe(root.documentElement, { attributeFilter: ["data-theme", "data-present"] });
  }

  /** @param {string} name */
  choose(name) {
    this.open = name;
    for (const tab of this.tabs) {
      const isChosen = tab.dataset.tab === name;
      set(tab, "aria-selected", String(isChosen));
      set(tab, "tabindex", isChosen ? 0 : -1);
      oneOf(this.root, "tab-panel", tab.dataset.tab ?? "").hidden = !isChosen;
    }
    set(this.root.documentElement, "data-charts", name === "journeys" ? null : name);
    if (name !== "journeys") this.onOpen();
    this.#drop();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const here = this.tabs.findIndex((tab) => tab === event.target);
    if (!by || here < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = this.tabs[(here + by + this.tabs.length) % this.tabs.length];
    this.choose(next.dataset.tab ?? "");
    next.focus();
  }

  #drop() {
    for (const plot of this.plots.values()) plot.destroy();
    this.plots.clear();
    this.#again();
  }

  #again() {
    this.stale = true;
    if (this.open !== "journeys") this.onChange();
  }

  /** @param {Scene} scene */
  draw(scene) {
    if (this.open === "journeys") return;
    const now_ms = scene.at_ms + (scene.isPast ? 0 : scene.behind_ms);
    if (!this.stale && Math.abs(now_ms - this.drawn_ms) < REDRAW_MS) return;
    this.stale = false;
    this.drawn_ms = now_ms;
    if (this.open === "staleness") this.#drawStaleness(now_ms);
    else this.#drawLag(now_ms);
  }

  /** @param {number} now_ms */
  #drawStaleness(now_ms) {
    const { journal } = this;
    const journeys = [...journal.journeys.values()];
    const projected = untilProjected(journeys);
    const seen = untilSeen(journeys);
    const probes = grouped(journal.probes);
    keyed(this.windows, [
      { name: "in MongoDB", kind: "projected", ...projected },
      { name: "seen by this reader", kind: "seen", ...seen },
    ], ({ kind }) => kind, ({ kind, name }) => createRow(name, kind, 5), (row, it) => {
      [it.p50_ms, it.p95_ms, it.p99_ms].forEach((ms, index) => say(row.children[index + 1], duration(ms)));
      say(row.children[4], it.count.toLocaleString("en-GB"));
      say(row.children[5], it.pending.toLocaleString("en-GB"));
    });
    const stale = journal.probes.filter(({ visible }) => !visible).length;
    const share = staleShare(journeys, now_ms - MINUTES_MS, now_ms);
    const lines = [
      journal.probes.length
        ? `Probe reads: ${stale.toLocaleString("en-GB")} of ${journal.probes.length.toLocaleString("en-GB")} were stale, ${percent(stale / journal.probes.length)}`
        : "Probe reads: none yet; they follow what is added here or in a burst",
      share === null || !journeys.length ? "" : `Stale time: ${percent(share)} of the last 5 min`,
    ].filter(Boolean);
    keyed(this.shares, lines, (line) => line.split(":")[0], () => make("li"), say);
    this.#sayPoll();
    this.#plotCurve(projected.samples_ms, seen.samples_ms, probes);
  }

  /**
   * @param {number[]} projected
   * @param {number[]} seen
   * @param {{t_ms: number, share: number, count: number}[]} probes
   */
  #plotCurve(projected, seen, probes) {
    const all = [...projected, ...seen, ...probes.map(({ t_ms }) => t_ms)].filter((ms) => ms > 0);
    const from_ms = Math.max(0.1, Math.min(1, ...all));
    const to_ms = Math.max(100, ...all) * 1.3;
    const grid = Array.from({ length: POINTS }, (_, at) => from_ms * (to_ms / from_ms) ** (at / (POINTS - 1)));
    const xs = [...grid, ...probes.map(({ t_ms }) => Math.max(from_ms, t_ms))];
    const order = xs.map((_, index) => index).sort((a, b) => xs[a] - xs[b]);
    const x = order.map((index) => xs[index]);
    const measured = order.map((index) => (index < POINTS ? null : probes[index - POINTS].share));
    const data = [x, curveAt(projected, x), curveAt(seen, x), measured];
    set(this.curveBox, "aria-label", projected.length
      ? `The t-visibility curve. Half of ${projected.length} writes were in MongoDB after ${duration(quantile(projected, 0.5))}, 99 of 100 after ${duration(quantile(projected, 0.99))}.`
      : "The t-visibility curve: nothing has been measured yet.");
    this.#plot("curve", this.curveBox, data, () => ({
      scales: { x: { time: false, distr: 3, range: () => [x[0], x[x.length - 1]] }, y: { range: () => [0, 1.02] } },
      axes: [
        axis({ values: powers }),
        axis({ values: percents, size: 52 }),
      ],
      series: [
        {},
        { stroke: colour("--mongodb"), width: 2.5, points: { show: false } },
        { stroke: colour("--reader"), width: 2, dash: [7, 5], points: { show: false } },
        { stroke: colour("--text"), width: 0, paths: () => null, points: { show: true, size: 8, width: 2, fill: colour("--panel"), stroke: colour("--text") } },
      ],
    }));
  }

  /** @param {number} now_ms */
  #drawLag(now_ms) {
    const { journal } = this;
    const since_ms = now_ms - MINUTES_MS;
    const measured = lags(journal.journeys.values(), since_ms).filter(({ at_ms }) => at_ms <= now_ms);
    const held = heldWithin(journal.held, since_ms, now_ms);
    say(this.knownSince, heldSays(held[0]?.at_ms ?? null, since_ms, now_ms));
    const ago = (/** @type {number} */ at_ms) => (at_ms - now_ms) / 1000;
    const depthOf = (/** @type {string} */ process, /** @type {string} */ name) => held.map(({ holds }) => {
      const value = holds[process]?.[name];
      return typeof value === "number" ? value : null;
    });
    const depths = [
      { key: "outbox", name: "in the outbox", values: depthOf("command-service", "outbox") },
      { key: "queue", name: "in the queue", values: depthOf("projector", "queue") },
      { key: "projector", name: "in the projector, unacked", values: depthOf("projector", "unacked") },
      { key: "failed", name: "dead letters", values: depthOf("projector", "dead_letters") },
    ];
    const sorted = measured.map(({ lag_ms }) => lag_ms).sort((a, b) => a - b);
    keyed(this.depths, [
      ...depths.map(({ key, name, values }) => ({
        key, name, now: figure(values.at(-1) ?? null), most: figure(most(values)),
      })),
      { key: "lag", name: "lag, the last and the most", now: duration(measured.at(-1)?.lag_ms), most: duration(sorted.at(-1)) },
    ], ({ key }) => key, ({ key, name }) => createRow(name, key, 2), (row, { now, most: highest }) => {
      say(row.children[1], now);
      say(row.children[2], highest);
    });
    const seconds = (/** @type {unknown} */ _, /** @type {(number|null)[]} */ xs) => xs.map((x) => (!x ? "now" : `${-x} s ago`));
    const x = { time: false, range: () => /** @type {[number, number]} */ ([-MINUTES_MS / 1000, 0]) };
    set(this.lagBox, "aria-label", `How long after its commit each event was in MongoDB: ${measured.length} in the last 5 min, ${duration(quantile(sorted, 0.5))} for half of them.`);
    this.#plot("lag", this.lagBox, [measured.map(({ at_ms }) => ago(at_ms)), measured.map(({ lag_ms }) => Math.max(0.1, lag_ms))], () => ({
      scales: { x, y: { distr: 3, range: decades } },
      axes: [axis({ values: seconds }), axis({ values: powers, size: 62 })],
      series: [{}, { stroke: colour("--mongodb"), width: 0, paths: () => null, points: { show: true, size: 7, width: 1, fill: colour("--mongodb"), stroke: colour("--mongodb") } }],
    }));
    const now = held.length ? [...held.map(({ at_ms }) => ago(at_ms)), 0] : [];
    const last = (/** @type {(number|null)[]} */ values) => (values.length ? [...values, values[values.length - 1]] : []);
    set(this.depthBox, "aria-label", `What waits where, over the last 5 min: ${depths.map(({ name, values }) => `${figure(values.at(-1) ?? null)} ${name}`).join(", ")}.`);
    const stepped = Plot.paths.stepped({ align: 1 });
    this.#plot("depth", this.depthBox, [now, ...depths.slice(0, 3).map(({ values }) => last(values))], () => ({
      scales: { x, y: { range: fromZero } },
      axes: [axis({ values: seconds }), axis({ size: 46, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] })],
      series: [
        {},
        { stroke: colour("--postgresql"), width: 2, paths: stepped, points: { show: false } },
        { stroke: colour("--rabbitmq"), width: 2.5, dash: [8, 4], paths: stepped, points: { show: false } },
        { stroke: colour("--mongodb"), width: 2, dash: [2, 4], paths: stepped, points: { show: false } },
      ],
    }));
  }

  /**
   * @param {string} name
   * @param {HTMLElement} box
   * @param {Data} data
   * @param {() => Pick<Options, "scales"|"axes"|"series">} options
   */
  #plot(name, box, data, options) {
    const size = { width: box.clientWidth, height: box.clientHeight };
    if (size.width < 60 || size.height < 60) return;
    const plot = this.plots.get(name);
    if (plot && plot.width === size.width && plot.height === size.height) {
      // The bounds are worked out anew with the data.
      Object.assign(plot.scales.x, { range: options().scales.x.range });
      plot.setData(data);
      return;
    }
    plot?.destroy();
    /** @type {Options} */
    const given = { ...size, cursor: { show: false }, legend: { show: false }, padding: [8, 14, 0, 0], ...options() };
    this.plots.set(name, new Plot(given, data, box));
  }

  #sayPoll() {
    const { poll_interval_ms } = this.journal;
    if (poll_interval_ms === null) return;
    if (this.root.activeElement !== this.field) this.field.value = String(poll_interval_ms);
    say(this.pollSays, `${duration(poll_interval_ms / 2)} late on average`);
  }
}

/**
 * @param {string} name
 * @param {string} kind
 * @param {number} cells
 */
function createRow(name, kind, cells) {
  const row = make("tr", { "data-row": kind, "data-span": kind });
  row.append(make("th", { scope: "row" }, name), ...Array.from({ length: cells }, () => make("td")));
  return row;
}

/**
 * @param {Partial<Axis>} options
 * @returns {Axis}
 */
function axis(options) {
  const dim = colour("--dim");
  const line = colour("--line");
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8125;
  const font = `${size}px system-ui, sans-serif`;
  return {
    stroke: dim, font, labelFont: font, labelSize: size * 1.5, size: size * 2.1, gap: 4,
    grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 }, ...options,
  };
}

/**
 * A colour of the page, as a canvas can read it: worked out for the theme that is shown.
 * @param {string} name
 */
function colour(name) {
  const probe = make("span", { hidden: "" });
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** @param {number} share */
function percent(share) {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** @type {Ticks} */
function powers(_, ticks) {
  return ticks.map((ms) => (ms !== null && isRound(ms) ? tick(ms) : ""));
}

/** @type {Ticks} */
function percents(_, shares) {
  return shares.map((share) => percent(share ?? 0));
}

/**
 * Whole powers of ten round all that there is.
 * @param {unknown} _
 * @param {number|null} low
 * @param {number|null} high
 * @returns {[number, number]}
 */
function decades(_, low, high) {
  return [10 ** Math.floor(Math.log10(low || 1)), 10 ** Math.ceil(Math.log10((high || 100) * 1.01))];
}

/**
 * @param {unknown} _
 * @param {number|null} __
 * @param {number|null} high
 * @returns {[number, number]}
 */
function fromZero(_, __, high) {
  return [0, Math.max(5, (high ?? 0) * 1.1)];
}

/** @param {number} ms A power of ten. */
function tick(ms) {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

/** @param {number} value */
function isRound(value) {
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-6;
}

/**
 * What was told within a time, and what was so when it began.
 * @param {import("../../journal/journal.js").Journal["held"]} held Oldest first.
 * @param {number} since_ms Epoch.
 * @param {number} now_ms Epoch.
 */
export function heldWithin(held, since_ms, now_ms) {
  const before = held.findLast(({ at_ms }) => at_ms < since_ms);
  const within = held.filter(({ at_ms }) => at_ms >= since_ms && at_ms <= now_ms);
  return before ? [{ ...before, at_ms: since_ms }, ...within] : within;
}

/**
 * Of what time it is known what waited where.
 * @param {number|null} first_ms Epoch.
 * @param {number} since_ms Epoch.
 * @param {number} now_ms Epoch.
 */
export function heldSays(first_ms, since_ms, now_ms) {
  if (first_ms === null) return "not known";
  if (first_ms <= since_ms) return "last 5 min";
  return `known of the last ${duration(Math.max(1000, Math.round((now_ms - first_ms) / 1000) * 1000))}`;
}

/** @param {(number|null)[]} values */
function most(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? Math.max(...known) : null;
}

/** @param {number|null} value */
function figure(value) {
  return value === null ? "–" : value.toLocaleString("en-GB");
}
