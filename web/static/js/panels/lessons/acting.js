// @ts-check
/** What a step does: one button, the actions that it carries out, each with its curl and its answer, and its controls. */
import { isCarriedOut, openPrediction } from "../../facts/lesson.js";
import { placeOf, spoken } from "../../facts/places.js";
import { copies } from "../../page/copy.js";
import { keyed, make, say, set } from "../../page/dom.js";

/** @typedef {import("../../journal/lesson.js").ActionState} ActionState */
/** @typedef {import("./house.js").Part} Part */
/** @typedef {import("./house.js").Shown} Shown */
/** @typedef {import("./house.js").Step} Step */
/** @typedef {import("./house.js").Ways} Ways */

/** @type {Readonly<Record<ActionState["state"], string>>} */
const STATES = Object.freeze({ waiting: "to do", doing: "doing it", done: "done", failed: "failed" });

/**
 * @param {Step} step
 * @param {number} at
 * @param {Ways} ways
 * @returns {Part}
 */
export function createActing(step, at, ways) {
  const element = make("div", { class: "acting" });
  const button = make("button", { "type": "button", "class": "main-button", "data-act": "", "data-sends": "" }, step.button ?? "Do it");
  const why = make("p", { class: "quiet" });
  const controls = createControls(step.controls ?? [], ways);
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") void ways.send("POST", "/lesson/act", { step: at });
  });
  element.append(button, why, controls.element);
  return {
    element,
    draw(shown) {
      const { isHost } = shown;
      const is = standing(shown);
      button.hidden = !isHost || is.isCarriedOut;
      set(button, "aria-disabled", is.why ? "true" : null);
      say(why, isHost ? is.why : is.isCarriedOut ? "" : "The host does this.");
      controls.draw();
    },
  };
}

/**
 * What the button carries out, one by one. It is folded away where there is more to be seen by then.
 * @param {Step} step
 * @param {Ways} ways
 * @returns {Part}
 */
export function createActions({ kind }, ways) {
  const element = /** @type {HTMLDetailsElement} */ (make("details", { class: "does" }));
  const says = make("summary");
  const list = make("ol", { class: "actions" });
  element.append(says, list);
  /** Whether it was folded by the step going on; after that it stays as somebody leaves it. */
  let isFolded = false;
  element.open = true;
  return {
    element,
    draw({ state }) {
      const actions = state.actions ?? [];
      const isOver = isCarriedOut(state);
      element.hidden = !actions.length;
      say(says, isOver ? "What was done" : "What it does");
      if (isOver && !isFolded && kind === "cure") element.open = false;
      isFolded = isOver;
      drawActions(list, actions.map((action) => ({ ...action, curl: action.curl && ways.here(action.curl) })));
    },
  };
}

/**
 * Why a step cannot be carried out just now, in words.
 * @param {Shown} shown
 */
function standing({ lesson, now, at, state, isRoom }) {
  const open = openPrediction(lesson, now, at);
  const isDone = isCarriedOut(state);
  const isBusy = Boolean(now.busy) || (state.actions ?? []).some((action) => action.state === "doing");
  if (isDone) return { isCarriedOut: true, why: "" };
  if (open !== null) return { isCarriedOut: false, why: `Lock the prediction first, in step ${open + 1}.` };
  if (isBusy) return { isCarriedOut: false, why: `${now.busy?.says ?? "It is being done"}.`.replace("..", ".") };
  return { isCarriedOut: false, why: isRoom ? "" : `The room is at step ${now.step + 1}.` };
}

/**
 * @param {HTMLElement} list
 * @param {readonly ActionState[]} actions
 */
function drawActions(list, actions) {
  list.hidden = !actions.length;
  keyed(list, actions.map((action, index) => ({ action, index })), ({ index }) => String(index), ({ action }) => createAction(action), (row, { action }) => {
    set(row, "data-state", action.state);
    const [head, line] = row.children;
    say(head.children[0], action.says);
    say(head.children[1], STATES[action.state] ?? action.state);
    say(head.children[2], action.answer ?? "");
    const code = line?.querySelector("code");
    if (code) say(code, action.curl ?? "");
  });
}

/** @param {ActionState} action */
function createAction({ says, curl }) {
  const row = make("li");
  const head = make("p");
  head.append(make("span", { class: "says" }), make("b", { class: "state" }), make("span", { class: "answer" }));
  row.append(head);
  if (!curl) return row;
  const line = make("div", { class: "as-curl" });
  const code = make("code", { "tabindex": "0", "role": "region", "aria-label": `The same with curl: ${says}` });
  const copy = make("button", { "type": "button", "class": "small-button", "aria-label": "Copy the curl command" }, "Copy");
  copies(copy, () => code.textContent ?? "");
  line.append(code, copy);
  row.append(line);
  return row;
}

/**
 * The switches that the step needs, as they stand now; each opens the lab there.
 * @param {readonly string[]} controls "place/switch".
 * @param {Ways} ways
 */
function createControls(controls, ways) {
  const element = make("div", { "class": "controls", "role": "group", "aria-label": "Its switches in the lab" });
  const buttons = controls.map((control) => {
    const [place, name] = control.split("/");
    const button = make("button", { "type": "button", "class": "small-button", "data-control": control });
    button.append(make("span", {}, `${placeOf(place).name}: ${spoken(name).toLowerCase()}`), make("b"));
    button.addEventListener("click", () => ways.openLab(place, name));
    return { place, name, button };
  });
  element.append(...buttons.map(({ button }) => button));
  element.hidden = !controls.length;
  return {
    element,
    draw() {
      const armed = ways.armed();
      for (const { place, name, button } of buttons) {
        const on = armed.find((each) => each.place.place === place && each.name === name);
        set(button, "data-on", on ? "" : null);
        say(button.children[1], on ? "on" : "off");
      }
    },
  };
}
