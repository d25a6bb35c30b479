// @ts-check
/** A curve that was drawn before, beside what was measured: shown where it is explained, or changed. */
import { isLocked } from "../../facts/lesson.js";
import { make } from "../../page/dom.js";
import { Curve } from "./curve.js";

/** @typedef {import("../../journal/lesson.js").Ask} Ask */
/** @typedef {import("./house.js").Part} Part */
/** @typedef {import("./house.js").Step} Step */
/** @typedef {import("./house.js").Ways} Ways */

/**
 * The prediction of a curve that a step is the first to come back to. Pure.
 * @param {readonly Step[]} steps
 * @param {number} at The step.
 * @returns {{ask: Ask, at: number}|null}
 */
export function drawnBefore(steps, at) {
  const comesBack = (/** @type {Step} */ { kind }) => kind === "explain" || kind === "cure";
  if (!comesBack(steps[at])) return null;
  for (let before = at - 1; before >= 0 && !comesBack(steps[before]); before -= 1) {
    const { ask } = steps[before];
    if (ask?.curve) return { ask, at: before };
  }
  return null;
}

/**
 * @param {Ask} ask
 * @param {number} at The step that asked.
 * @param {Ways} ways
 * @returns {Part}
 */
export function createCompared(ask, at, ways) {
  const element = make("div", { class: "question" });
  const curve = new Curve(ask.curve?.at_ms ?? [], ask.question, () => {});
  element.append(make("p", {}, ask.question), curve.element);
  return {
    element,
    draw({ now }) {
      const state = now.steps[at] ?? {};
      const [mine, measured] = [ways.answered(at), state.right];
      element.hidden = !isLocked(state) || !Array.isArray(measured);
      if (element.hidden || !Array.isArray(measured)) return;
      if (Array.isArray(mine)) curve.fill(mine);
      curve.show({ isLocked: true, curves: state.curves ?? [], measured });
    },
  };
}
