// @ts-check
/**
 * Where a reader is: with the room, gone back by themselves, or led by a link. Pure, but for the link, which says so
 * to whoever copies it and to this page when it is loaded again.
 */
import { shownStep } from "../../facts/lesson.js";
import { linkTo, linkedIn } from "./link.js";

/** @typedef {import("./house.js").LessonNow} LessonNow */
/** @typedef {import("./link.js").Linked} Linked */

export class Course {
  constructor() {
    /** The lesson that is under way; undefined until web has said whether there is one. @type {LessonNow|null|undefined} */
    this.under = undefined;
    /** The step to which this reader has gone; null while they follow the room. @type {number|null} */
    this.own = null;
    /** The lesson whose front page is shown while none is under way. @type {string|null} */
    this.chosen = null;
    /** What a link has asked for, before web has said what is under way. @type {Linked|null} */
    this.wanted = null;
  }

  /** The lesson that is wanted, whether or not it is under way. */
  get lesson() {
    return this.under?.lesson ?? this.chosen;
  }

  /**
   * A lesson has begun, or this page has heard of it.
   * @param {LessonNow} now
   */
  begin(now) {
    this.under = now;
    this.chosen = null;
    this.own = this.wanted?.lesson === now.lesson && this.wanted.step !== now.step ? this.wanted.step : null;
  }

  /**
   * The lesson goes on.
   * @param {LessonNow|null} now
   */
  goOn(now) {
    this.under = now;
    if (!now || this.own === now.step) this.own = null;
  }

  /** @param {number|null} step */
  go(step) {
    this.own = this.under && step === this.under.step ? null : step;
  }

  /** @param {string|null} id */
  choose(id) {
    this.chosen = id;
    this.wanted = null;
  }

  /**
   * @param {string} hash
   * @param {unknown} state The state of the history: a page that followed the room and is loaded again follows it still.
   * @returns {boolean} Whether the link leads to a lesson.
   */
  follow(hash, state) {
    const linked = linkedIn(hash);
    if (!linked) return false;
    const step = /** @type {{follows?: boolean}|null} */ (state)?.follows ? null : linked.step;
    this.wanted = { ...linked, step };
    this.chosen = linked.lesson;
    if (this.under?.lesson === linked.lesson) this.go(step);
    return true;
  }

  /** The link to what is shown, and whether this reader follows the room. */
  link() {
    const { under, own, chosen, wanted } = this;
    if (under) return { link: linkTo(under.lesson, shownStep(under, own)), state: { follows: own === null } };
    return { link: chosen === null ? "" : linkTo(chosen, wanted?.step ?? null), state: null };
  }
}
