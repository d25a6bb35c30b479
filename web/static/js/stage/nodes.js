// @ts-check
/** The words on the nodes, and the pipes through which events pass without a mark. */
import { say, set } from "../page/dom.js";
import { placeOf } from "../facts/places.js";
import { LINKS } from "./table.js";
import { STEPS } from "../journal/hops.js";
import { route } from "./layout/routes.js";

/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../facts/facts.js").Facts} Facts */
/** @typedef {import("../facts/status.js").Report} Report */
/** @typedef {import("./skeleton.js").NodeParts} NodeParts */
/** @typedef {import("./skeleton.js").Skeleton} Skeleton */

/** How long a pipe flows after an event without a mark has gone through it. */
const FLOW_MS = 1000;

/**
 * Draws what each node contains, what is wrong with it, and what the lab does there.
 * @param {Skeleton} skeleton
 * @param {Facts} facts
 */
export function drawNodes({ nodes, isLabShort }, { status }) {
  for (const [name, parts] of nodes) if (status[name]) drawNode(parts, status[name], isLabShort);
}

/**
 * @param {NodeParts} parts
 * @param {Report} report
 * @param {boolean} isLabShort
 */
function drawNode({ entry, element, says, why, labSays }, report, isLabShort) {
  set(element, "data-acting", report.acting.length ? "" : null);
  set(element, "data-state", report.state);
  set(element, "data-holding", report.holding ? "" : null);
  set(element, "data-lab", report.lab);
  say(says, wordsOf(report));
  say(why, report.why ?? "");
  say(labSays, report.acts?.[isLabShort || "of" in entry ? "short" : "long"] ?? "");
  const more = [report.now, report.why, report.lab].filter(Boolean).map((words) => `, ${words}`).join("");
  set(element, "aria-label", `${entry.label}: ${report.says}${more}`);
}

/**
 * Draws what the lab does to the links between the nodes.
 * @param {Skeleton} skeleton
 * @param {Facts} facts
 */
export function drawLinks({ links, labels, areLinksOnPipes, isLinkShort }, { lab }) {
  for (const { name, label, pipe } of LINKS) {
    const parts = links.get(name);
    const { lab: all, acts, acting } = lab(name);
    if (!parts) continue;
    set(parts.hatch, "data-lab", all);
    set(parts.hatch, "data-acting", acting.length ? "" : null);
    say(parts.says, (isLinkShort ? acts?.short : acts?.long.replace(BY_LAB, "")) ?? "");
    set(parts.says, "aria-label", all && `${placeOf(name).says}: ${all}`);
    set(labels.get(label)?.element ?? parts.says, "data-lab-instead", all && (!areLinksOnPipes || pipe === INSTEAD) ? "" : null);
  }
}

/** Here, words on the pipe would have too little room. */
const INSTEAD = "browser command-service";
/** On a link there is no room for it, and its hatching says so. */
const BY_LAB = " by the lab";

/**
 * What is written on a node. Beside what it contains now, there is only room for the number of then.
 * @param {Pick<Report, "state"|"says"|"now">} report
 */
export function wordsOf({ state, says, now }) {
  const [count] = says.split(" ");
  return now && state !== "down" && /^[0-9,]+$/.test(count) ? `${count} · ${now}` : says;
}

/**
 * Brightens the pipes through which events without a mark have just gone.
 * @param {Skeleton} skeleton
 * @param {Scene} scene
 */
export function drawFlow({ pipes }, { undrawn, at_ms, behind_ms, isPast }) {
  const now_ms = isPast ? at_ms : at_ms + behind_ms;
  /** @type {Set<string>} */
  const flowing = new Set();
  for (const { last } of undrawn) {
    if (!last || last.at_ms < now_ms - FLOW_MS) continue;
    const { from, to } = STEPS[last.hop];
    for (const { pipe } of route(from, to)) flowing.add(pipe);
  }
  for (const [name, { flow }] of pipes) set(flow, "data-flowing", flowing.has(name) ? "" : null);
}
