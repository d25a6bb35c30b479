// @ts-check
/** The lab's switches as each process describes them: in words, and with the values one may choose. Pure. */
import { duration } from "../../page/format.js";

/**
 * @typedef {object} Parameter
 * @property {string} name
 * @property {string} unit
 * @property {number} least
 * @property {number} most
 * @property {number} default
 * @property {"setting"|"match"|"time"} [group]
 */
/** @typedef {{process: string, name: string, does: string, parameters: Parameter[]}} Switch */
/** @typedef {Record<string, {descriptions?: Record<string, Omit<Switch, "process"|"name">>}|null>} Lab As web gives it. */

/** The switches that have a button; the others are set with curl. */
const DRAWN = new Set(["pause", "slow"]);

/** The steps from one power of ten to the next, and how far from the default they go. */
const STEPS = [1, 2, 5];
const UP_TO_TIMES = 10;

/**
 * The switches of some processes, in their order. A process that does not answer has none.
 * @param {Lab} lab
 * @param {readonly string[]} processes
 * @returns {Switch[]}
 */
export function switchesOf(lab, processes) {
  return processes.flatMap((process) => Object.entries(lab[process]?.descriptions ?? {})
    .filter(([name]) => DRAWN.has(name))
    .map(([name, { does, parameters }]) => ({ process, name, does, parameters: parameters.filter(({ group }) => group !== "time") })));
}

/**
 * The values to choose from: 1, 2 and 5 of each power of ten around the default, within the bounds.
 * @param {Parameter} parameter
 * @param {number} [now] The value that it has, which is always among them.
 * @returns {number[]} In order.
 */
export function choicesOf(parameter, now = parameter.default) {
  const middle = Math.max(1, parameter.default);
  const around = (/** @type {number} */ value) => value <= middle * UP_TO_TIMES && value * UP_TO_TIMES >= middle;
  const powers = Array.from({ length: Math.ceil(Math.log10(middle)) + 2 }, (_, power) => 10 ** power);
  const steps = powers.flatMap((power) => STEPS.map((step) => step * power))
    .filter((value) => around(value) && value >= parameter.least && value <= parameter.most);
  return [...new Set([...steps, parameter.default, now])].toSorted((a, b) => a - b);
}

/**
 * A value with its unit: "1.00 s" reads like a measurement, and this was chosen: "1 s".
 * @param {number} value
 * @param {string} unit
 */
export function valueSays(value, unit) {
  if (unit !== "ms") return `${value.toLocaleString("en-GB")} ${unit}`.trim();
  const says = duration(value);
  return says.replace(/(\.\d*?)0+(?= )/, "$1").replace(/\.(?= )/, "");
}

/** What is on the button of a switch that is on, where that is not its name. @type {Record<string, string>} */
const WHEN_ON = { pause: "Paused", slow: "Slowed" };

/**
 * What is on the button of a switch.
 * @param {string} name
 * @param {boolean} [isOn]
 */
export function verbOf(name, isOn = false) {
  if (isOn && WHEN_ON[name]) return WHEN_ON[name];
  const words = name.replaceAll(/[-_]/g, " ");
  return words[0].toUpperCase() + words.slice(1);
}

/**
 * The name of a switch, which says that it acts on the system and not on the picture: "Pause the relay".
 * @param {string} name
 * @param {string} subject "the relay".
 */
export function nameOf(name, subject) {
  if (name === "pause") return `Pause ${subject}`;
  if (name === "slow") return `Slow ${subject} down`;
  return `${verbOf(name)}: ${subject}`;
}
