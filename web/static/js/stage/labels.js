// @ts-check
/**
 * The true time of each stretch of the followed journey, written where it was spent. It counts while the
 * event is there, and then stays. Where the event has not been yet, there is only the stretch's name.
 */
import { apart, isApart, stretch, sum } from "../page/format.js";
import { say, set } from "../page/dom.js";
import { SHORT_SPANS, SPANS } from "../journal/hops.js";

/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../facts/facts.js").Facts} Facts */
/** @typedef {import("../facts/took.js").Took} Took */
/** @typedef {import("./skeleton.js").LabelParts} LabelParts */

/** Signs for a stretch that was shown for longer or shorter than its true time. */
const SIGNS = { "slower": "◂", "faster": "▸", "to-scale": "" };
/** Stretches whose short name is still too long here. @type {Readonly<Record<string, string>>} */
const SHORTER = { "read": "until read" };
/** After a time that is still counting. */
const SO_FAR = "…";

/**
 * Writes all the labels, so that none keeps a figure of another journey or of another moment.
 * @param {ReadonlyMap<string, LabelParts>} labels By span.
 * @param {Facts} facts
 */
export function drawLabels(labels, { followed, took }) {
  for (const [span, label] of labels) drawLabel(label, span, followed, took.get(span));
}

/**
 * @param {LabelParts} label
 * @param {string} span
 * @param {Journey|null} followed
 * @param {Took} [took]
 */
function drawLabel({ element, who, what, took: text }, span, followed, took) {
  const number = `#${followed?.todo_id ?? "?"}`;
  const injected = took ? sum(took.true_ms, took.injected_ms).injected : "";
  say(who, took ? `${injected ? `+ ${injected}` : number} ` : "");
  // The place makes the name clear, and the colour what it is: there is no room for words.
  say(what, injected ? "" : nameOf(span));
  set(element, "data-injected", injected ? "" : null);
  if (!took) {
    say(text, "");
    for (const name of ["data-counting", "data-event-id"]) set(element, name, null);
    set(element, "aria-label", `${SPANS[span] ?? span}: not reached yet`);
    return;
  }
  say(text, figureOf(took));
  set(element, "data-counting", took.isSoFar ? "" : null);
  set(element, "data-event-id", followed?.event_id ?? null);
  set(element, "aria-label", inWords(number, span, took));
}

/**
 * The name of a stretch, short enough for the room between two nodes.
 * @param {string} span
 */
export function nameOf(span) {
  return SHORTER[span] ?? SHORT_SPANS[span] ?? span;
}

/**
 * What was natural of a time.
 * @param {Took} took
 */
function figureOf({ true_ms, injected_ms, isSoFar, pace }) {
  return `${SIGNS[pace]}${sum(true_ms, injected_ms).natural}${isSoFar ? SO_FAR : ""}`;
}

/**
 * @param {string} number
 * @param {string} span
 * @param {Took} took
 */
function inWords(number, span, { true_ms, injected_ms, isSoFar }) {
  const known = isApart(true_ms, injected_ms) ? apart(true_ms, injected_ms) : stretch(true_ms);
  const figure = true_ms === null ? "not known" : `${known}${isSoFar ? " so far" : ""}`;
  return `Todo ${number}, ${SPANS[span] ?? span}: ${figure}`;
}
