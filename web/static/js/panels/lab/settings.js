// @ts-check
/** What a switch is set to: from what was typed, and back into fields. Pure. */

/** @typedef {import("../../journal/types.js").Parameter} Parameter */
/** @typedef {Record<string, boolean|number|string>} Setting Flat, as it is sent. */

/** The groups of parameters, in their order, and what each is called. */
export const GROUPS = /** @type {const} */ ([
  { group: "setting", says: "" }, { group: "match", says: "Only for…" }, { group: "time", says: "For how long" },
]);

/**
 * The parameters of a group.
 * @param {readonly Parameter[]} parameters
 * @param {string} group
 */
export function inGroup(parameters, group) {
  return parameters.filter((parameter) => (parameter.group ?? "setting") === group);
}

/**
 * What switches it on as typed. What is as it would be anyway is left out, so that a command stays short.
 * @param {readonly Parameter[]} parameters
 * @param {ReadonlyMap<string, string>} typed By parameter.
 * @returns {Setting}
 */
export function settingOf(parameters, typed) {
  const given = parameters.flatMap((parameter) => {
    const text = (typed.get(parameter.name) ?? "").trim();
    if (!text || text === usual(parameter)) return [];
    return [[parameter.name, isNumber(parameter) ? Number(text) : text]];
  });
  return { on: true, ...Object.fromEntries(given) };
}

/**
 * What is in a parameter's field at first, or while the switch is on.
 * @param {Parameter} parameter
 * @param {Record<string, any>|null} state What it is set to, if it is on.
 */
export function fieldOf(parameter, state) {
  if (!state?.on) return usual(parameter);
  return String(state[parameter.name] ?? usual(parameter));
}

/** @param {Parameter} parameter */
export function isNumber({ kind, choices }) {
  return kind === "number" || (kind === undefined && !choices);
}

/**
 * A parameter's name for a person: "delay_ms" is "delay", as its unit stands after the field.
 * @param {Parameter} parameter
 */
export function labelOf({ name, unit }) {
  const words = name.replaceAll(/[-_]/g, " ");
  return unit && words.endsWith(` ${unit}`) ? words.slice(0, -unit.length - 1) : words;
}

/** @param {Parameter} parameter */
function usual({ default: value }) {
  return value === null || value === undefined ? "" : String(value);
}
