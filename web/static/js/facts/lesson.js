// @ts-check
/** A lesson as it is shown: which step, what may be done there, what the room said, and what was measured. Pure. */
import { counted, duration } from "../page/format.js";

/** @typedef {import("../journal/lesson.js").Answer} Answer */
/** @typedef {import("../journal/lesson.js").Ask} Ask */
/** @typedef {import("../journal/lesson.js").Fact} Fact */
/** @typedef {import("../journal/lesson.js").Facts} Facts */
/** @typedef {import("../journal/lesson.js").Lesson} Lesson */
/** @typedef {import("../journal/lesson.js").LessonNow} LessonNow */
/** @typedef {import("../journal/lesson.js").Measured} Measured */
/** @typedef {import("../journal/lesson.js").Step} Step */
/** @typedef {import("../journal/lesson.js").StepKind} StepKind */
/** @typedef {import("../journal/lesson.js").StepState} StepState */
/** @typedef {import("../journal/lesson.js").Value} Value */

/** What each kind of step asks of people. @type {Readonly<Record<StepKind, string>>} */
export const KINDS = Object.freeze({
  say: "Look", predict: "Predict", do: "Do it", watch: "Watch", saw: "What did you see?", explain: "Why", cure: "Cure it",
  recall: "Do you remember?",
});

/** Digits of a figure that say something. */
const DIGITS = 3;

/**
 * The step that a page shows: the room's, unless its reader has gone back to another.
 * @param {LessonNow} now
 * @param {number|null} own The step to which the reader has gone.
 */
export function shownStep({ step, reached }, own) {
  return own === null ? step : Math.max(0, Math.min(own, Math.max(reached, step)));
}

/**
 * Whether all that a step asks for has been done, so that nothing is left out by going on.
 * @param {Step} step
 * @param {StepState|undefined} state
 */
export function isDone(step, state) {
  if (typeof state?.complete === "boolean") return state.complete;
  if (state?.skipped) return true;
  if (step.ask) return isLocked(state);
  if (step.kind === "do") return isCarriedOut(state);
  if (step.kind === "watch") return isSettled(state);
  return step.kind !== "cure" || (isCarriedOut(state) && isSettled(state));
}

/** @param {StepState|undefined} state */
export function isLocked(state) {
  return typeof state?.locked_ms === "number";
}

/**
 * Whether all of a step's actions have been carried out.
 * @param {StepState|undefined} state
 */
export function isCarriedOut(state) {
  if (typeof state?.done === "boolean") return state.done;
  const actions = state?.actions ?? [];
  return actions.length > 0 && actions.every((action) => action.state === "done");
}

/**
 * Whether no claim is still open.
 * @param {StepState|undefined} state
 */
function isSettled(state) {
  const claims = state?.claims ?? [];
  return claims.every((claim) => claim.state !== "open");
}

/**
 * Whether a claim has not come true, so that the lesson offers to run again.
 * @param {StepState|undefined} state
 */
export function hasFailed(state) {
  const isMissed = (state?.claims ?? []).some((claim) => claim.state === "not-held" || claim.state === "unknown");
  return isMissed || (state?.actions ?? []).some((action) => action.state === "failed");
}

/**
 * The prediction that has to be locked or skipped before a step may be carried out; null if there is none.
 * @param {Lesson} lesson
 * @param {LessonNow} now
 * @param {number} at The step.
 */
export function openPrediction(lesson, now, at) {
  const open = lesson.steps.findIndex((step, index) =>
    index < at && step.kind === "predict" && !isLocked(now.steps[index]) && !now.steps[index]?.skipped);
  return open < 0 ? null : open;
}

/**
 * @typedef {object} Bar What so many in the room said.
 * @property {string} value
 * @property {string} says
 * @property {number} count On devices, and hands.
 * @property {number} share Of all that were given, from 0 to 1.
 * @property {boolean} isRight
 * @property {boolean} isMine
 */

/**
 * What the room said, once it is locked: an entry for each choice, or for each number that was said.
 * @param {Ask} ask
 * @param {StepState|undefined} state
 * @param {Answer|null} mine
 * @returns {Bar[]|null} Null while it is open.
 */
export function barsOf(ask, state, mine) {
  if (!isLocked(state) || ask.curve) return null;
  const [of, hands] = [state?.of ?? {}, state?.hands ?? {}];
  const given = ask.choices?.map(({ value, says }) => ({ value, says })) ?? numbersIn(ask, of);
  const counts = given.map(({ value }) => (of[value] ?? 0) + (hands[value] ?? 0));
  const all = counts.reduce((sum, count) => sum + count, 0);
  return given.map(({ value, says }, index) => ({
    value, says, count: counts[index], share: all ? counts[index] / all : 0,
    isRight: isRightAnswer(ask, state, value), isMine: mine !== null && String(mine) === value,
  }));
}

/**
 * @param {Ask} ask
 * @param {Record<string, number>} of
 */
function numbersIn({ number }, of) {
  const values = Object.keys(of).toSorted((a, b) => Number(a) - Number(b));
  return values.map((value) => ({ value, says: withUnit(value, number?.unit) }));
}

/**
 * @param {Ask} ask
 * @param {StepState|undefined} state
 * @param {string} value
 */
function isRightAnswer(ask, state, value) {
  const { right } = state ?? {};
  if (right !== null && right !== undefined) return String(right) === value;
  return ask.choices?.some((choice) => choice.value === value && choice.right === true) === true;
}

/**
 * What turned out to be right, in words: "" while that is not known, or not to be said yet.
 * @param {Ask} ask
 * @param {StepState|undefined} state
 */
export function rightSays(ask, state) {
  if (!isLocked(state) || ask.curve) return "";
  const choice = ask.choices?.find(({ value }) => isRightAnswer(ask, state, value));
  if (choice) return choice.because ? `${choice.says}. ${choice.because}` : choice.says;
  const right = state?.right;
  if (state?.judged && (right === null || right === undefined)) return "none of these";
  return ask.number && (typeof right === "number" || typeof right === "string") ? withUnit(figure(right), ask.number.unit) : "";
}

/**
 * What is right is what was measured, or, of a question about a lesson before, what it gives a reason for.
 * @param {Ask} ask
 */
export function rightIs(ask) {
  return ask.choices?.some(({ because }) => because) ? "The answer" : "What happened";
}

/**
 * @typedef {object} Row A measured fact, before and with the cure.
 * @property {string} name
 * @property {string} says
 * @property {string} unit Of all its figures; "" where each has its own.
 * @property {string} was
 * @property {string} now
 * @property {string} delta
 * @property {"better"|"worse"|null} verdict
 * @property {string} why Why something is not known; "" if all is.
 */

/**
 * @param {Lesson} lesson
 * @param {readonly string[]} names
 * @param {{was?: Facts|null, now?: Facts|null}|undefined} facts
 * @returns {Row[]}
 */
export function rowsOf(lesson, names, facts) {
  return names.map((name) => {
    const fact = lesson.facts[name] ?? { says: name };
    const [was, now] = [facts?.was?.[name], facts?.now?.[name]];
    const by = difference(was, now);
    return {
      name, says: fact.says, unit: isApart(fact) ? "" : fact.unit ?? "",
      was: measuredSays(was, bare(fact)), now: measuredSays(now, bare(fact)), delta: deltaSays(by, bare(fact)),
      verdict: verdictOn(by, fact),
      why: [was?.why, now?.why].filter(Boolean).join(" "),
    };
  });
}

/**
 * @param {Measured|undefined} was
 * @param {Measured|undefined} now
 */
function difference(was, now) {
  return typeof was?.value === "number" && typeof now?.value === "number" ? now.value - was.value : null;
}

/**
 * @param {number|null} by
 * @param {Fact} fact
 */
function verdictOn(by, { better }) {
  if (!by || !better) return null;
  return (by < 0) === (better === "less") ? "better" : "worse";
}

/**
 * Whether each figure of a fact has a unit of its own, such as ms or s.
 * @param {Pick<Fact, "unit">} fact
 */
function isApart({ unit }) {
  return unit === "ms" || unit === "share";
}

/**
 * A fact whose unit is said once for all its figures.
 * @param {Fact} fact
 * @returns {Fact}
 */
function bare(fact) {
  return isApart(fact) ? fact : { ...fact, unit: undefined };
}

/**
 * A measured value; "–" if there is none.
 * @param {Measured|undefined} measured
 * @param {Pick<Fact, "unit">} fact
 */
export function measuredSays(measured, { unit }) {
  return measured ? valueSays(measured.value, unit) : "–";
}

/**
 * @param {Value} value
 * @param {string} [unit]
 * @returns {string}
 */
export function valueSays(value, unit) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && unit === "ms") return duration(value);
  if (typeof value === "number" && unit === "share") return `${figure(value * 100)} %`;
  if (Array.isArray(value)) return value.map((each) => valueSays(each)).join(", ");
  return withUnit(figure(/** @type {string|number} */ (value)), unit);
}

/**
 * By how much a fact has changed; "" if that is not known.
 * @param {number|null} by
 * @param {Pick<Fact, "unit">} fact
 */
export function deltaSays(by, { unit }) {
  if (by === null) return "";
  if (by === 0) return "the same";
  return `${by < 0 ? "−" : "+"}${valueSays(Math.abs(by), unit)}`;
}

/** @param {string|number} value */
function figure(value) {
  if (typeof value === "string") return value;
  if (Number.isInteger(value)) return value.toLocaleString("en-GB").replace("-", "−");
  return String(Number(value.toPrecision(DIGITS))).replace("-", "−");
}

/**
 * @param {string} value
 * @param {string} [unit]
 */
function withUnit(value, unit) {
  if (!unit || value === "–") return value;
  return value === "1" ? `1 ${unit.replace(/s$/, "")}` : `${value} ${unit}`;
}

/**
 * How long a lesson has taken, beside how long it takes: "3 of about 8 min".
 * @param {number} took_ms
 * @param {number} minutes
 */
export function timeSays(took_ms, minutes) {
  return `${Math.max(0, Math.floor(took_ms / 60_000))} of about ${minutes} min`;
}

/**
 * How many have answered, which is all that is told before it is locked.
 * @param {StepState|undefined} state
 */
export function answersSay(state) {
  const hands = Object.values(state?.hands ?? {}).reduce((sum, count) => sum + count, 0);
  const devices = state?.answers ?? 0;
  const said = [devices || !hands ? counted(devices, "answer") : "", hands ? counted(hands, "hand") : ""];
  return said.filter(Boolean).join(", ");
}
