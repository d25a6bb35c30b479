// @ts-check
/** What there is now of a thing that is explained, in words, as the page shows it. Pure. */
import { SIDE_PLACES, sideTells } from "../../facts/sides.js";
import { toldAt } from "../../facts/status.js";
import { spoken } from "../../facts/places.js";
import { NEWS_MS, untilProjected } from "../../facts/staleness.js";
import { injectedBy } from "../../journal/injected.js";
import { counted, duration } from "../../page/format.js";

/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../facts/facts.js").Facts} Facts */
/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {{scene: Scene, facts: Facts, journal: Journal, factor: number}} Shown */

/** What the figures say. @type {Readonly<Record<string, (shown: Shown) => string>>} */
const FIGURES = Object.freeze({
  "two-databases": ({ facts }) => facts.truths.verdict.words,
  "two-truths": ({ facts }) => facts.truths.verdict.words,
  "verdict": ({ facts }) => facts.verdict.words,
  "behind": ({ facts }) => counted(facts.behind.length, "write"),
  "queue-depth": ({ facts: { status } }) => ["outbox", "rabbitmq", "projector"]
    .map((node) => `${node === "outbox" ? "outbox " : ""}${status[node]?.says ?? "–"}`).join(", "),
  "t-visibility": visibility,
  "factor": ({ factor }) => (factor === 1 ? "in real time" : `${factor.toLocaleString("en-GB")}× slower`),
});

/**
 * @param {string} key
 * @param {Shown} shown
 * @returns {string} "" if there is nothing to say.
 */
export function nowOf(key, shown) {
  const report = shown.facts.status[key];
  const side = shown.facts.sides.find(({ name }) => SIDE_PLACES[name].some((place) => place === key));
  if (report && side) return [sideSay(key, side, report), report.why, report.lab].filter(Boolean).join(", ");
  if (report) return [sayOf(key, report.says), report.now, report.why, report.lab].filter(Boolean).join(", ");
  return FIGURES[key]?.(shown) ?? labAt(key, shown);
}

/**
 * What another read model, its process or its queue holds, and by how much it lags.
 * @param {string} key
 * @param {import("../../facts/sides.js").Side} side
 * @param {import("../../facts/status.js").Report} report
 */
function sideSay(key, side, { state, says }) {
  const [queue, process] = SIDE_PLACES[side.name];
  if (key === queue) return `${says} waiting`;
  if (key !== process) return sideTells({ ...side, inHand: null });
  if (state !== "up") return says;
  return [`${(side.inHand ?? 0).toLocaleString("en-GB")} in hand`, side.lag_ms === null ? "" : `applied ${duration(side.lag_ms)} after they are delivered`]
    .filter(Boolean).join(", ");
}

/**
 * What a node says, where that says something about now, and with its unit.
 * @param {string} node
 * @param {string} says
 */
function sayOf(node, says) {
  if (says === "service" || node === "browser") return "";
  return node === "dead-letters" ? `${says} parked` : says;
}

/**
 * What the lab does at a link.
 * @param {string} place
 * @param {Shown} shown
 */
function labAt(place, { journal, scene }) {
  const { switches } = toldAt(journal, scene);
  const on = Object.entries(switches[place] ?? {}).filter(([, state]) => state?.on).map(([name]) => spoken(name).toLowerCase());
  return on.length ? `${on.join(", ")} by the lab` : "";
}

/** @param {Shown} shown */
function visibility({ journal, scene: { at_ms, isPast, behind_ms } }) {
  const moment = isPast ? { now_ms: at_ms, news_ms: 0 } : { now_ms: at_ms + behind_ms, news_ms: NEWS_MS };
  const rule = injectedBy(journal.firings);
  const { p50, p99, count, pending, held } = untilProjected(journal.journeys.values(), moment, { rule });
  if (!count) return "no write has been measured yet";
  const [half, nearly] = [p50, p99].map(said);
  const says = `half of ${counted(count + pending, "write")} could be read after ${half}, 99 of 100 after ${nearly}`;
  if (!held) return says;
  const without = untilProjected(journal.journeys.values(), moment, { rule, isWithout: true });
  return `${says}; without what the lab has injected, after ${said(without.p50)} and ${said(without.p99)}`;
}

/** @param {import("../../facts/staleness.js").Quantile} quantile */
function said({ ms, isMore }) {
  return `${isMore ? "more than " : ""}${duration(ms)}`;
}
