// @ts-check
/** What is said of a run that is played again. Pure. */
import { counted, duration } from "../../page/format.js";

/** @typedef {{todo: number|null, version: number|null, why: string}} LeftOut */
/** @typedef {{place: string, switch: string, with: Record<string, string|number>}} Setting */
/** @typedef {{commands: number, before: number, takes_ms: number, left: number, left_out: LeftOut[], on_then: Setting[]}} Plan */

/** Under this name the tab notes that the page is to open with both runs. */
export const OPENS = "opens-both-runs";
const MOST_NAMED = 3;

/**
 * What would be played: "4 commands, over 2.10 s."
 * @param {Plan} plan
 */
export function planSays({ commands, before, takes_ms }) {
  const first = before ? ` ${counted(before, "command")} before, for what was there already.` : "";
  return commands ? `${counted(commands, "command")}, over ${duration(takes_ms)}.${first}` : "There is no command to play again.";
}

/**
 * Why events cannot be played, each reason once with the first of them.
 * @param {LeftOut[]} left
 * @returns {string[]}
 */
export function reasonsIn(left) {
  const reasons = new Map(left.map(({ why }) => [why, left.filter((each) => each.why === why)]));
  return [...reasons].map(([why, events]) => {
    const named = events.slice(0, MOST_NAMED).map(({ todo, version }) => `#${todo ?? "?"}${version === null ? "" : ` version ${version}`}`);
    const more = events.length > MOST_NAMED ? ` and ${events.length - MOST_NAMED} more` : "";
    return `${why} (${named.join(", ")}${more})`;
  });
}

/**
 * A switch with its parameters, as it is typed: "relay/slow delay_ms=100".
 * @param {Setting} setting
 */
export function settingSays({ place, switch: name, with: given }) {
  return [`${place}/${name}`, ...Object.entries(given).map(([parameter, value]) => `${parameter}=${value}`)].join(" ");
}

/**
 * The switches in some lines.
 * @param {string} text
 * @returns {{settings: Setting[], problem: string}} `problem`: what cannot be understood; "" if all can.
 */
export function settingsIn(text) {
  /** @type {Setting[]} */
  const settings = [];
  for (const line of text.split("\n").map((each) => each.trim()).filter(Boolean)) {
    const [named, ...words] = line.split(/\s+/);
    const [place, name, ...rest] = named.split("/");
    const pairs = words.map((word) => word.split("="));
    if (!name || rest.length) return { settings: [], problem: `"${named}" is no place/switch.` };
    const wrong = words.find((_, at) => pairs[at].length !== 2 || !pairs[at][0]);
    if (wrong !== undefined) return { settings: [], problem: `"${wrong}" is no name=value.` };
    const given = Object.fromEntries(pairs.map(([parameter, value]) => [parameter, /^-?\d+$/.test(value) ? Number(value) : value]));
    settings.push({ place, switch: name, with: given });
  }
  return { settings, problem: "" };
}
