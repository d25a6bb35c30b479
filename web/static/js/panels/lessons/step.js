// @ts-check
/** One step of a lesson: its words, what it points at, and the parts that its kind has. */
import { KINDS } from "../../facts/lesson.js";
import { placeOf, spoken } from "../../facts/places.js";
import { make } from "../../page/dom.js";
import { createActing, createActions } from "./acting.js";
import { createCompared, drawnBefore } from "./compared.js";
import { createClaims, createSource, createTable } from "./findings.js";
import { createQuestion } from "./question.js";
import { createReads } from "./reads.js";

/** @typedef {import("./house.js").Part} Part */
/** @typedef {import("./house.js").Shown} Shown */
/** @typedef {import("./house.js").Step} Step */
/** @typedef {import("./house.js").Ways} Ways */

/**
 * @param {readonly Step[]} steps
 * @param {number} at
 * @param {Ways} ways
 * @returns {{heading: HTMLElement} & Part}
 */
export function createStep(steps, at, ways) {
  const step = steps[at];
  const element = make("section", { "class": "lesson-step", "data-kind": step.kind, "aria-labelledby": "lesson-step-heading" });
  const heading = make("h3", { id: "lesson-step-heading", tabindex: "-1" }, step.title);
  const kind = KINDS[step.kind] ?? step.kind;
  // Some titles say the same.
  if (kind !== step.title) element.append(make("p", { class: "kind-of-step" }, kind));
  element.append(heading);
  for (const words of (step.text ?? "").split(/\n\s*\n/)) {
    if (words.trim()) element.append(make("p", { class: "text" }, words.trim()));
  }
  if (step.point?.length) element.append(pointing(step.point));
  const parts = partsOf(steps, at, ways);
  element.append(...parts.map((part) => part.element));
  return { element, heading, draw: (shown) => { for (const part of parts) part.draw(shown); } };
}

/**
 * @param {readonly Step[]} steps
 * @param {number} at
 * @param {Ways} ways
 * @returns {Part[]}
 */
function partsOf(steps, at, ways) {
  const step = steps[at];
  const drawn = drawnBefore(steps, at);
  const isActing = step.kind === "do" || step.kind === "cure";
  const table = step.table?.length ? createTable(step.table, ways) : null;
  return [
    // Who is asked about figures has them before their eyes.
    ...(step.ask && table ? [table] : []),
    ...(step.ask ? [createQuestion(step.ask, at, ways)] : []),
    ...(isActing ? [createActing(step, at, ways)] : []),
    createReads(steps, at),
    ...(step.claims?.length ? [createClaims(step, ways)] : []),
    ...(drawn ? [createCompared(drawn.ask, drawn.at, ways)] : []),
    ...(step.source ? [createSource(step.source, ways)] : []),
    ...(table && !step.ask ? [table] : []),
    ...(isActing ? [createActions(step, ways)] : []),
  ];
}

/** @param {readonly string[]} names */
function pointing(names) {
  const line = make("p", { class: "pointing" });
  line.append(make("span", { class: "quiet" }, "On the stage: "), names.map(nameOf).join(", "));
  return line;
}

/** @param {string} name Of a node or a link of the stage. */
function nameOf(name) {
  const place = placeOf(name);
  return place.at[0] === name && place.kind === "process" && place.name === spoken(name) ? spoken(name) : place.name;
}
