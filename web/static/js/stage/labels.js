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
const NO_FIGURES = Object.freeze({ who: "", isAbove: false, natural: "", injected: "" });
/** After a time that is still counting. */
const SO_FAR = "…";

/**
 * Writes all the labels, so that none keeps a figure of another journey or of another moment.
 * @param {import("./skeleton.js").Skeleton} skeleton
 * @param {Facts} facts
 */
export function drawLabels({ labels, isLinkShort }, { followed, took }) {
  for (const [span, label] of labels) drawLabel(label, span, followed, took.get(span), isLinkShort);
}

/**
 * @param {LabelParts} label
 * @param {string} span
 * @param {Journey|null} followed
 * @param {Took} [took]
 * @param {boolean} [isNarrow] Whether the lower line has no room for both what is natural and what was injected. All
 *   labels have the same number, so what was injected takes its place.
 */
function drawLabel({ element, who, what, natural, injected }, span, followed, took, isNarrow = false) {
  const number = `#${followed?.todo_id ?? "?"}`;
  say(what, nameOf(span));
  const figures = took ? figuresOf(took, number, isNarrow) : NO_FIGURES;
  say(who, figures.who);
  set(who, "data-injected", figures.isAbove ? "" : null);
  say(natural, figures.natural);
  say(injected, figures.injected);
  set(element, "data-counting", took?.isSoFar ? "" : null);
  set(element, "data-event-id", took ? followed?.event_id ?? null : null);
  set(element, "aria-label", took ? inWords(number, span, took) : `${SPANS[span] ?? span}: not reached yet`);
}

/**
 * The name of a stretch, short enough for the room between two nodes.
 * @param {string} span
 */
export function nameOf(span) {
  return SHORTER[span] ?? SHORT_SPANS[span] ?? span;
}

/**
 * What was natural of a time, and what was injected; the last of them is followed by the sign that it counts.
 * @param {Took} took
 * @param {string} number
 * @param {boolean} isNarrow
 */
function figuresOf({ true_ms, injected_ms, isSoFar, pace }, number, isNarrow) {
  const { natural, injected } = sum(true_ms, injected_ms);
  const so_far = isSoFar ? SO_FAR : "";
  const isAbove = isNarrow && injected !== "";
  return {
    isAbove,
    who: isAbove ? `+ ${injected}` : `${number} `,
    natural: `${SIGNS[pace]}${natural}${injected && !isAbove ? "" : so_far}`,
    injected: injected && !isAbove ? ` + ${injected}${so_far}` : "",
  };
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
