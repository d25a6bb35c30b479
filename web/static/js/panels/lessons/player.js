// @ts-check
/** The lesson that is under way: its steps, the one that is shown, and the way to the next. */
import { KINDS, isDone, shownStep, timeSays } from "../../facts/lesson.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { createReading } from "./list.js";
import { createStep } from "./step.js";

/** @typedef {import("./house.js").Lesson} Lesson */
/** @typedef {import("./house.js").LessonNow} LessonNow */
/** @typedef {import("./house.js").Shown} Shown */
/** @typedef {import("./house.js").Ways} Ways */

/**
 * @typedef {object} Turns What the buttons of the player do.
 * @property {(step: number|null) => void} go To a step, for this reader only; null: to where the room is.
 * @property {(step: number, skips: boolean) => void} lead Takes the room to a step.
 * @property {() => void} end
 * @property {() => void} again
 * @property {() => void} know Asks for the host key.
 */

export class Player {
  /**
   * @param {HTMLElement} root The panel.
   * @param {Ways} ways
   * @param {Turns} turns
   */
  constructor(root, ways, turns) {
    this.root = root;
    this.ways = ways;
    this.turns = turns;
    this.element = make("div", { class: "lesson-player" });
    this.place = make("div");
    this.steps = one(root, "lesson-steps");
    this.foot = one(root, "lesson-foot");
    this.back = one(root, "lesson-back");
    this.next = one(root, "lesson-next");
    this.room = one(root, "lesson-room");
    this.leads = one(root, "lesson-lead");
    this.more = this.#createMore();
    this.reading = createReading();
    this.element.append(this.place, this.reading.element, this.more);
    /** Which step was created, of which attempt at which lesson. */
    this.key = "";
    /** @type {ReturnType<typeof createStep>|null} */
    this.step = null;
    /** @type {Shown|null} */
    this.shown = null;
    /** @type {() => void} */
    this.onNext = () => {};
    this.#listen();
  }

  #listen() {
    this.steps.addEventListener("click", ({ target }) => {
      const at = target instanceof Element ? target.closest("button")?.dataset.step : undefined;
      if (at !== undefined && this.shown) this.turns.go(Number(at) === this.shown.now.step ? null : Number(at));
    });
    this.back.addEventListener("click", () => { if (this.shown) this.turns.go(this.shown.at - 1); });
    this.next.addEventListener("click", () => {
      if (this.next.getAttribute("aria-disabled") !== "true") this.onNext();
    });
    this.leads.addEventListener("click", () => {
      if (!this.shown?.isHost) this.turns.know();
      else this.turns.lead(this.shown.at, false);
    });
  }

  /**
   * @param {Lesson} lesson
   * @param {LessonNow} now
   * @param {{own: number|null, isHost: boolean}} reader
   * @returns {Shown|null} Null if the lesson has no such step.
   */
  draw(lesson, now, { own, isHost }) {
    const at = shownStep(now, own);
    const step = lesson.steps[at];
    if (!step) return null;
    const shown = { lesson, now, at, step, state: now.steps[at] ?? {}, isHost, isRoom: at === now.step };
    this.shown = shown;
    this.#create(shown);
    this.step?.draw(shown);
    this.reading.draw(lesson);
    this.reading.element.hidden ||= at < lesson.steps.length - 1;
    this.more.hidden = !isHost;
    // On the last step the way on is to end it.
    this.more.lastElementChild?.toggleAttribute("hidden", shown.isRoom && at === lesson.steps.length - 1);
    this.#drawSteps(shown);
    this.#drawFoot(shown);
    return shown;
  }

  /** Puts the focus on what the step says. */
  focus() {
    this.step?.heading.focus({ preventScroll: true });
  }

  /** @param {Shown} shown */
  #create({ lesson, now, at }) {
    const key = `${now.run} ${now.attempt ?? 1} ${lesson.lesson} ${at}`;
    if (key === this.key) return;
    this.key = key;
    const hadFocus = this.place.contains(this.place.ownerDocument.activeElement);
    this.step = createStep(lesson.steps, at, this.ways);
    this.place.replaceChildren(this.step.element);
    one(this.root, "lesson-body").scrollTop = 0;
    if (hadFocus) this.focus();
  }

  /** @param {Shown} shown */
  #drawSteps({ lesson, now, at }) {
    const steps = lesson.steps.map((step, index) => ({ step, index }));
    keyed(this.steps, steps, ({ index }) => String(index), ({ index }) => {
      const item = make("li");
      item.append(make("button", { "type": "button", "data-step": String(index) }, String(index + 1)));
      return item;
    }, (item, { step, index }) => {
      const button = /** @type {HTMLButtonElement} */ (item.children[0]);
      const isReached = index <= Math.max(now.reached, now.step);
      button.disabled = !isReached;
      set(button, "data-done", isReached && index < now.step && isDone(step, now.steps[index]) ? "" : null);
      set(button, "data-room", index === now.step ? "" : null);
      set(button, "aria-current", index === at ? "step" : null);
      set(button, "aria-label", `Step ${index + 1}, ${KINDS[step.kind] ?? step.kind}${index === now.step ? ", where the room is" : ""}`);
      set(button, "title", isReached ? step.title : null);
    });
  }

  /** @param {Shown} shown */
  #drawFoot(shown) {
    const { now, at, isHost, isRoom } = shown;
    const { says, isMain, go } = this.#onward(shown);
    this.onNext = go;
    this.back.hidden = at === 0;
    this.next.hidden = isRoom && !isHost;
    set(this.next, "aria-disabled", isRoom && now.busy ? "true" : null);
    set(this.next, "class", isMain ? "main-button" : "small-button");
    say(this.next, says);
    say(this.room, isRoom ? (isHost ? "" : "The host leads.") : `The room is at step ${now.step + 1}.`);
    this.leads.hidden = isHost && isRoom;
    say(this.leads, isHost ? "Show the room this" : "I lead");
  }

  /**
   * The way on: for this reader alone until they are where the room is, then for the room.
   * @param {Shown} shown
   * @returns {{says: string, isMain: boolean, go: () => void}}
   */
  #onward({ lesson, now, at, step, state, isRoom }) {
    if (!isRoom) return { says: "Next", isMain: true, go: () => this.turns.go(at + 1) };
    const done = isDone(step, state);
    if (at === lesson.steps.length - 1) return { says: "End the lesson", isMain: done, go: () => this.turns.end() };
    return { says: done ? "Next" : "Skip", isMain: done, go: () => this.turns.lead(at + 1, !done && now.reached <= at) };
  }

  #createMore() {
    const more = make("p", { class: "more" });
    const again = make("button", { "type": "button", "class": "link-button", "data-sends": "" }, "Start it over");
    const end = make("button", { "type": "button", "class": "link-button", "data-end-lesson": "", "data-sends": "" }, "End the lesson");
    again.addEventListener("click", () => this.turns.again());
    end.addEventListener("click", () => this.turns.end());
    more.append(again, end);
    return more;
  }
}

/**
 * Where a lesson is, in words: "Step 3 of 9 · 4 of about 8 min".
 * @param {Shown} shown
 * @param {number} at_ms Epoch, now.
 */
export function whereSays({ lesson, now, at }, at_ms) {
  return `Step ${at + 1} of ${lesson.steps.length} · ${timeSays(at_ms - now.began_ms, lesson.minutes)}`;
}
