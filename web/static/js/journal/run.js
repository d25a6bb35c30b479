// @ts-check
/** A run as a file: what was saved of it, checked before it is shown. Pure. */
import { statesOf } from "./deltas.js";
import { KNOWN } from "./types.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Journey} Journey */
/** @typedef {import("./types.js").Firing} Firing */
/** @typedef {import("./types.js").Hop} Hop */
/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./types.js").Sample} Sample */

/** What the run of a lesson has beside what every run has. */
const OF_SHEET = ["lesson", "when", "attempt", "began_ms", "over_ms", "ended", "steps", "facts", "table", "machine", "versions", "left_out"];
const FORMAT = "eventually-run";
const VERSION = 1;

/** A file that is not a run; the message says why. */
export class NotARun extends Error {}

/**
 * @param {string} text The file's content.
 * @returns {Run}
 * @throws {NotARun}
 */
export function parseRun(text) {
  const run = parsed(text);
  if (run?.format !== FORMAT) throw new NotARun("This file holds no run of Eventually.");
  if (run.version !== VERSION) throw new NotARun(`This run is of version ${run.version}; this page reads version ${VERSION}.`);
  const journeys = list(run.journeys).filter((journey) => typeof journey?.event_id === "string");
  if (!journeys.length) throw new NotARun("There is no journey in this run.");
  return {
    format: FORMAT, version: VERSION, at_ms: number(run.at_ms) ?? 0,
    day_ahead_ms: number(run.day_ahead_ms) ?? 0,
    journeys: journeys.map(journeyOf),
    // Older files have none.
    firings: list(run.firings).flatMap(firingOf),
    reads: list(run.reads).filter((read) => Array.isArray(read?.todos)),
    probes: list(run.probes).filter(({ t_ms, visible }) => number(t_ms) !== null && typeof visible === "boolean"),
    // Older files have none of these, or only some.
    health: statesOf(samples(run.health)), holds: statesOf(samples(run.holds)),
    switches: statesOf(samples(run.switches)),
    ...(run.lesson && { sheet: Object.fromEntries(OF_SHEET.map((name) => [name, run[name]])) }),
    ...runsOf(run.runs),
  };
}

/**
 * When the first run of a lesson was, if the file is a lesson's sheet: only that is played again.
 * @param {any} runs
 * @returns {Pick<Run, "runs">}
 */
function runsOf(runs) {
  const began_ms = number(runs?.was?.began_ms);
  return began_ms === null ? {} : { runs: { was: { began_ms, over_ms: number(runs.was.over_ms) } } };
}

/**
 * Makes a run of what this page itself knows, in case web cannot be asked for one.
 * @param {Journal} journal
 * @param {number} day_ms Epoch, the time of day.
 * @returns {Run}
 */
export function runOf(journal, day_ms) {
  const { day_ahead_ms } = journal;
  return {
    format: FORMAT, version: VERSION, at_ms: day_ms - day_ahead_ms, day_ahead_ms, journeys: [...journal.journeys.values()],
    firings: [...journal.firings],
    reads: journal.read ? [journal.read] : [], probes: journal.probes,
    health: journal.told.health.samples, holds: journal.told.holds.samples,
    switches: journal.told.switches.samples,
  };
}

/**
 * When a run began and ended. It ends with its last hop, or with the last word on what waits where.
 * @param {Run} run
 * @returns {{from_ms: number, to_ms: number}}
 */
export function boundsOf({ journeys, firings, holds }) {
  let [from_ms, to_ms] = [Infinity, holds.at(-1)?.at_ms ?? -Infinity];
  for (const { hops } of journeys) {
    for (const { at_ms } of hops) {
      from_ms = Math.min(from_ms, at_ms);
      to_ms = Math.max(to_ms, at_ms);
    }
  }
  for (const { began_ms, over_ms = began_ms } of firings) to_ms = Math.max(to_ms, began_ms, over_ms);
  return { from_ms, to_ms };
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotARun("This file is not JSON.");
  }
}

/**
 * @param {any} journey
 * @returns {Journey}
 */
function journeyOf(journey) {
  const known = Object.fromEntries(KNOWN.map((name) => [name, plain(journey[name])]));
  const hops = list(journey.hops)
    .filter(({ hop, at_ms }) => typeof hop === "string" && number(at_ms) !== null)
    .map(({ span_id, ...hop }) => ({
      ...hop, event_id: journey.event_id, process: String(hop.process),
      // No span recorded what a read has shown.
      ...(plain(span_id) === null ? {} : { span_id: String(span_id) }),
    }));
  return /** @type {Journey} */ (/** @type {unknown} */ ({ event_id: journey.event_id, ...known, hops }));
}

/** The fields of a firing, besides its times. */
const NAMED = /** @type {const} */ (["id", "fault", "place", "process", "at", "file", "function", "trace_id", "event_id"]);
const NUMBERED = /** @type {const} */ (["over_ms", "line", "todo_id", "version"]);

/**
 * @param {any} firing
 * @returns {Firing[]} None if it is not one.
 */
function firingOf(firing) {
  const began_ms = number(firing.began_ms);
  if (began_ms === null || ![firing.id, firing.fault, firing.place].every((each) => typeof each === "string")) return [];
  const named = NAMED.filter((name) => typeof firing[name] === "string").map((name) => [name, firing[name]]);
  const numbered = NUMBERED.filter((name) => number(firing[name]) !== null).map((name) => [name, firing[name]]);
  const ended = number(firing.over_ms) === null ? [] : [["ended", firing.ended === "alive" ? "alive" : "told"]];
  return [/** @type {Firing} */ ({ ...Object.fromEntries([...named, ...numbered, ...ended]), began_ms })];
}

/**
 * @param {any} value
 * @returns {Sample[]}
 */
function samples(value) {
  return list(value).filter(({ at_ms, told }) => number(at_ms) !== null && told !== null && typeof told === "object");
}

/** @param {any} value */
function plain(value) {
  return ["string", "number", "boolean"].includes(typeof value) ? value : null;
}

/**
 * @param {any} value
 * @returns {any[]}
 */
function list(value) {
  return Array.isArray(value) ? value.filter((each) => each !== null && typeof each === "object") : [];
}

/** @param {any} value */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
