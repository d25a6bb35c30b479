// @ts-check
/** What is in the sheet of a lesson, as web gives it or as a file has it. Pure. */
import { deltaSays } from "../../facts/lesson.js";

/** @typedef {import("../../facts/lesson.js").Row} Row */
/** @typedef {import("../../journal/lesson.js").Ask} Ask */
/** @typedef {import("../../journal/lesson.js").StepKind} StepKind */
/** @typedef {import("../../journal/lesson.js").StepState} StepState */
/** @typedef {import("../../journal/types.js").Firing} Firing */
/** @typedef {StepState & {kind: StepKind, title: string, text?: string, ask?: Ask}} SheetStep A step, and how far it came. */

/**
 * @typedef {object} Played
 * @property {{lesson: string, number: number, title: string, minutes: number, goal: string}} lesson
 * @property {string} when The time of day at which the sheet was made.
 * @property {number|null} took_ms How long it took; null if it has not ended.
 * @property {number} attempt
 * @property {string} ended How it ended; "" if it has not.
 * @property {readonly SheetStep[]} steps
 * @property {readonly Row[]} table
 * @property {boolean} isCured Whether there is a run with the cure to compare with.
 * @property {readonly Firing[]} firings
 * @property {string} machine
 * @property {string} versions
 * @property {string} leftOut What did not fit.
 */

/**
 * @param {any} told
 * @returns {Played|null} Null if it is no sheet.
 */
export function playedIn(told) {
  const lesson = told?.lesson;
  if (!lesson || typeof lesson !== "object" || typeof lesson.title !== "string") return null;
  const [began_ms, over_ms] = [number(told.began_ms), number(told.over_ms)];
  return {
    lesson: { lesson: "", number: 0, minutes: 0, goal: "", ...lesson },
    when: text(told.when), took_ms: began_ms !== null && over_ms !== null ? over_ms - began_ms : null,
    attempt: number(told.attempt) ?? 1, ended: text(told.ended), steps: list(told.steps),
    table: list(told.table).map(rowOf), isCured: Boolean(told.facts?.now), firings: list(told.firings),
    machine: named(told.machine), versions: named(told.versions), leftOut: named(told.left_out),
  };
}

/**
 * A row of the table: web has put its figures into words.
 * @param {any} row
 * @returns {Row}
 */
function rowOf({ fact, says, unit, was, now, delta, is_better }) {
  const by = number(delta);
  return {
    name: text(fact), says: text(says), unit: "", was: text(was), now: text(now), delta: deltaSays(by, { unit: text(unit) }),
    verdict: typeof is_better === "boolean" ? (is_better ? "better" : "worse") : null, why: "",
  };
}

/**
 * Names and values in a line: "cores 2, python 3.11.2".
 * @param {unknown} value
 */
export function named(value) {
  if (!value || typeof value !== "object") return text(value);
  const known = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return known.map(([name, each]) => `${SPOKEN[name] ?? name.replaceAll("_", " ")} ${each}`).join(", ");
}

/** The names of what has a name of its own. @type {Readonly<Record<string, string>>} */
const SPOKEN = Object.freeze({ postgresql: "PostgreSQL", rabbitmq: "RabbitMQ", mongodb: "MongoDB", python: "Python", cpu: "CPU", os: "system" });

/** @param {any} value */
function text(value) {
  return typeof value === "string" ? value : "";
}

/** @param {any} value @returns {any[]} */
function list(value) {
  return Array.isArray(value) ? value.filter((each) => each !== null && typeof each === "object") : [];
}

/** @param {any} value */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/**
 * What stands in a list more than once in a row, once: "slow (50 times)".
 * @param {readonly string[]} lines
 * @returns {string[]}
 */
export function folded(lines) {
  /** @type {{line: string, times: number}[]} */
  const runs = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.line === line) last.times += 1;
    else runs.push({ line, times: 1 });
  }
  return runs.map(({ line, times }) => (times > 1 ? `${line} (${times} times)` : line));
}
