// @ts-check
/** What has changed in a lesson, for those who cannot see it: the step, whether answers are locked, what came true. Pure. */
import { KINDS, isLocked, rightIs, rightSays, shownStep } from "../../facts/lesson.js";
import { CLAIMS } from "./claims.js";

/** @typedef {import("./house.js").Lesson} Lesson */
/** @typedef {import("./house.js").LessonNow} LessonNow */
/** @typedef {import("./house.js").StepState} StepState */

/**
 * @param {Lesson} lesson
 * @param {LessonNow} before
 * @param {LessonNow} now
 * @param {number|null} own The step to which the reader has gone.
 * @returns {string} "" if nothing has changed that has to be said.
 */
export function newsIn(lesson, before, now, own) {
  if (now.step !== before.step) return own === null ? stepSays(lesson, now.step) : "";
  const at = shownStep(now, own);
  const [was, is, step] = [before.steps[at], now.steps[at], lesson.steps[at]];
  if (step?.ask && isLocked(is) && !isLocked(was)) {
    const right = rightSays(step.ask, is);
    return `The answers are locked.${right ? ` ${rightIs(step.ask)}: ${right}` : ""}`;
  }
  return decided(was, is).map(({ says, state }) => `${CLAIMS[state]}: ${says}`).join(" ");
}

/**
 * @param {Lesson} lesson
 * @param {number} at
 */
function stepSays({ steps }, at) {
  const step = steps[at];
  return step ? `Step ${at + 1} of ${steps.length}, ${KINDS[step.kind] ?? step.kind}: ${step.title}` : "";
}

/**
 * The claims that are decided now, and were not before.
 * @param {StepState|undefined} was
 * @param {StepState|undefined} is
 */
function decided(was, is) {
  return (is?.claims ?? []).filter((claim, index) => claim.state !== "open" && claim.state !== was?.claims?.[index]?.state);
}
