// @ts-check
/** What is in the sheet of a lesson, as web gives it or as a file has it. Pure. */

/** @typedef {import("../../journal/lesson.js").Facts} Facts */
/** @typedef {import("../../journal/lesson.js").Lesson} Lesson */
/** @typedef {import("../../journal/lesson.js").StepState} StepState */
/** @typedef {import("../../journal/types.js").Firing} Firing */

/**
 * @typedef {object} Played
 * @property {Lesson} lesson
 * @property {number} began_ms
 * @property {number|null} over_ms
 * @property {number} at_ms When the sheet was made.
 * @property {number} day_ahead_ms
 * @property {number} attempt
 * @property {readonly StepState[]} steps
 * @property {{was?: Facts|null, now?: Facts|null}} facts
 * @property {readonly Firing[]} firings Those of the run.
 * @property {unknown} machine
 * @property {unknown} versions
 * @property {string} ended How it ended; "" if it has not.
 */

/**
 * @param {any} told
 * @returns {Played|null} Null if it is no sheet.
 */
export function playedIn(told) {
  const sheet = { ...told, ...told?.sheet };
  const lesson = lessonIn(sheet);
  if (!lesson) return null;
  return {
    lesson, steps: list(sheet.steps), facts: sheet.facts ?? {}, firings: list(sheet.firings), ...timesIn(sheet),
    machine: sheet.machine ?? null, versions: sheet.versions ?? null, ended: textOf(sheet.ended),
  };
}

/** @param {any} sheet */
function timesIn({ began_ms, over_ms, at_ms, day_ahead_ms, attempt }) {
  return {
    began_ms: number(began_ms) ?? 0, over_ms: number(over_ms), at_ms: number(at_ms) ?? 0, day_ahead_ms: number(day_ahead_ms) ?? 0,
    attempt: number(attempt) ?? 1,
  };
}

/** @param {any} sheet @returns {Lesson|null} */
function lessonIn(sheet) {
  const lesson = sheet?.lesson;
  const isOne = lesson && typeof lesson === "object" && typeof lesson.title === "string" && Array.isArray(lesson.steps);
  return isOne ? { facts: {}, goal: "", minutes: 0, number: 0, ...lesson } : null;
}

/**
 * The machine in a line: "Linux, 2 cores, 7.8 GB of memory".
 * @param {unknown} machine
 */
export function machineSays(machine) {
  return flat(machine);
}

/**
 * The versions of the servers: "PostgreSQL 15.7, RabbitMQ 3.10.8, MongoDB 6.0.16".
 * @param {unknown} versions
 */
export function versionsIn(versions) {
  if (!versions || typeof versions !== "object") return flat(versions);
  return Object.entries(versions).filter(([, version]) => version !== null).map(([name, version]) => `${name} ${flat(version)}`).join(", ");
}

/** @param {unknown} value @returns {string} */
function flat(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([name, each]) => `${name.replaceAll("_", " ")} ${flat(each)}`).join(", ");
}

/** @param {any} ended */
function textOf(ended) {
  if (typeof ended === "string") return ended;
  return typeof ended?.says === "string" ? ended.says : "";
}

/** @param {any} value @returns {any[]} */
function list(value) {
  return Array.isArray(value) ? value.filter((each) => each !== null && typeof each === "object") : [];
}

/** @param {any} value */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
