// @ts-check
/**
 * What a step asks. Each reader answers here; the host locks the answers, and counts the hands of those without a
 * device. What the others said is in sight only once it is locked.
 */
import { answersSay, barsOf, isLocked, rightIs, rightSays } from "../../facts/lesson.js";
import { keyed, make, say, set } from "../../page/dom.js";
import { Curve } from "./curve.js";

/** @typedef {import("../../journal/lesson.js").Answer} Answer */
/** @typedef {import("../../journal/lesson.js").Ask} Ask */
/** @typedef {import("./house.js").Part} Part */
/** @typedef {import("./house.js").Shown} Shown */
/** @typedef {import("./house.js").StepState} StepState */
/** @typedef {import("./house.js").Ways} Ways */

/**
 * @param {Ask} ask
 * @param {number} at The step.
 * @param {Ways} ways
 * @returns {Part}
 */
export function createQuestion(ask, at, ways) {
  return new Question(ask, at, ways);
}

/** @implements {Part} */
class Question {
  /**
   * @param {Ask} ask
   * @param {number} at
   * @param {Ways} ways
   */
  constructor(ask, at, ways) {
    this.ask = ask;
    this.at = at;
    this.ways = ways;
    this.element = make("div", { class: "question" });
    this.fields = make("fieldset");
    this.fields.append(make("legend", {}, ask.question));
    this.bars = make("ul", { "class": "bars", "aria-label": "What the room said" });
    this.says = make("p", { class: "quiet" });
    this.right = make("p", { class: "right" });
    this.lock = make("button", { "type": "button", "class": "main-button", "data-lock": "", "data-sends": "" }, "Lock the answers");
    this.lock.addEventListener("click", () => ways.send("POST", "/lesson/lock", { step: at }));
    this.curve = ask.curve ? new Curve(ask.curve.at_ms, ask.question, (drawn) => this.#answer(drawn)) : null;
    if (this.curve) this.fields.append(this.curve.element);
    else if (ask.choices) this.fields.append(this.#choices(ask.choices));
    else if (ask.number) this.fields.append(this.#number(ask.number));
    this.hands = ask.choices ? this.#hands(ask.choices) : null;
    this.element.append(this.fields, this.bars, this.right, this.says, this.lock);
    if (this.hands) this.element.append(this.hands);
    this.#restore();
  }

  /** @param {Shown} shown */
  draw({ state, isHost }) {
    const locked = isLocked(state);
    const mine = this.ways.answered(this.at);
    this.#drawFields(locked, isHost);
    this.#drawCurve(locked, state);
    this.#drawBars(locked, barsOf(this.ask, state, mine) ?? []);
    const right = rightSays(this.ask, state);
    say(this.right, right && `${rightIs(this.ask)}: ${right}`.replace(/([^.])$/, "$1."));
    say(this.says, this.#status(locked, state, mine));
  }

  /**
   * @param {boolean} locked
   * @param {boolean} isHost
   */
  #drawFields(locked, isHost) {
    set(this.element, "data-locked", locked ? "" : null);
    set(this.fields, "disabled", locked && !this.curve ? "" : null);
    this.lock.hidden = !isHost || locked;
    if (this.hands) this.hands.hidden = !isHost || locked;
  }

  /**
   * @param {boolean} locked
   * @param {StepState} state
   */
  #drawCurve(locked, state) {
    if (!this.curve) return;
    // Only what this question was judged by: the fact may have been measured before, on another run.
    this.curve.show({ isLocked: locked, curves: state.curves ?? [], measured: locked && Array.isArray(state.right) ? state.right : null });
  }

  /**
   * @param {boolean} locked
   * @param {import("../../facts/lesson.js").Bar[]} bars
   */
  #drawBars(locked, bars) {
    this.bars.hidden = !locked || !bars.length;
    for (const choice of this.fields.querySelectorAll(".choices")) set(choice, "hidden", locked ? "" : null);
    keyed(this.bars, bars, ({ value }) => value, createBar, (row, { says, count, share, isRight, isMine }) => {
      say(row.children[0], says);
      say(row.children[1], String(count));
      say(row.children[2], [isMine ? "yours" : "", isRight ? rightIs(this.ask).toLowerCase() : ""].filter(Boolean).join(", "));
      set(row, "data-right", isRight ? "" : null);
      set(row, "data-mine", isMine ? "" : null);
      /** @type {HTMLElement} */ (row).style.setProperty("--share", String(share));
    });
  }

  /**
   * @param {boolean} locked
   * @param {StepState} state
   * @param {Answer|null} mine
   */
  #status(locked, state, mine) {
    const all = answersSay(state);
    if (state.skipped) return "This was left out.";
    if (locked) return `${all}, locked.`;
    if (mine === null) return state.answers ? `${all} so far.` : "Nobody has answered yet.";
    return `Answered; it can be changed until it is locked. ${all} so far.`;
  }

  /** @param {readonly {value: string, says: string}[]} choices */
  #choices(choices) {
    const box = make("div", { class: "choices" });
    for (const { value, says } of choices) {
      const label = make("label", { class: "choice" });
      const input = make("input", { type: "radio", name: `lesson-answer-${this.at}`, value });
      input.addEventListener("change", () => this.#answer(value));
      label.append(input, make("span", {}, says));
      box.append(label);
    }
    return box;
  }

  /** @param {{unit?: string, least: number, most: number}} number */
  #number({ unit = "", least, most }) {
    const form = make("form", { class: "choices number" });
    const id = `lesson-number-${this.at}`;
    const input = /** @type {HTMLInputElement} */ (make("input", {
      id, "type": "number", "min": String(least), "max": String(most), "step": "any", "required": "", "aria-label": this.ask.question,
    }));
    form.append(input, make("span", {}, unit), make("button", { type: "submit", class: "small-button" }, "Answer"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (input.reportValidity()) this.#answer(Number(input.value));
    });
    this.number = input;
    return form;
  }

  /** @param {readonly {value: string, says: string}[]} choices */
  #hands(choices) {
    const box = make("details", { class: "hands" });
    const form = make("form");
    const fields = choices.map(({ value, says }) => {
      const label = make("label");
      const input = make("input", { type: "number", min: "0", max: "9999", step: "1", name: value, placeholder: "0" });
      label.append(input, make("span", {}, says));
      return label;
    });
    form.append(...fields, make("button", { "type": "submit", "class": "small-button", "data-sends": "" }, "Count them in"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = [...form.querySelectorAll("input")].map(({ name, value }) => [name, Number(value)]);
      const counts = Object.fromEntries(given.filter(([, count]) => Number(count) > 0));
      void this.ways.send("POST", "/lesson/hands", { step: this.at, counts });
    });
    box.append(make("summary", {}, "Hands in the room"), form);
    return box;
  }

  /** What was answered before a reload is still there. */
  #restore() {
    const mine = this.ways.answered(this.at);
    if (mine === null) return;
    if (this.curve && Array.isArray(mine)) this.curve.fill(mine);
    else if (this.number) this.number.value = String(mine);
    else {
      for (const input of this.fields.querySelectorAll("input")) input.checked = input.value === mine;
    }
  }

  /** @param {Answer} answer */
  async #answer(answer) {
    await this.ways.answer(this.at, answer);
    // What is said of it takes a line more, and what comes next has to stay in sight.
    this.lock.scrollIntoView({ block: "nearest" });
  }
}

function createBar() {
  const row = make("li");
  row.append(make("span", { class: "says" }), make("b"), make("span", { class: "which" }));
  return row;
}
