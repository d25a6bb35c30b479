// @ts-check
/**
 * The lessons beside the stage: which there are, the one that is under way, and its sheet once it has ended. The host
 * leads and the pages of the room follow. A reader may go back by themselves, and returns with one click.
 */
import { focusAgain, one, say, set } from "../../page/dom.js";
import { tellDoors } from "../../page/door.js";
import { Answered } from "./answered.js";
import { Course } from "./course.js";
import { Done } from "./done.js";
import { keepsFocus } from "./kept-focus.js";
import { linkedIn } from "./link.js";
import { Front, List } from "./list.js";
import { newsIn } from "./news.js";
import { Player, whereSays } from "./player.js";
import { Sending } from "./sending.js";
import { SheetView } from "./sheet.js";
import { waysOf } from "./ways.js";

/** @typedef {import("../../page/door.js").Door} Door */
/** @typedef {import("./house.js").Lesson} Lesson */
/** @typedef {import("./house.js").LessonNow} LessonNow */
/** @typedef {import("./house.js").House} House */

const CLOSED = "lesson-closed";
/** @typedef {"list"|"front"|"player"|"sheet"} What */

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  return new LessonsPanel(root, house);
}

class LessonsPanel {
  group = "words";
  draw = () => this.#draw();
  /** Time goes on, whatever the stage shows. */
  tick = () => this.#draw();

  /**
   * @param {HTMLElement} root
   * @param {House} house
   */
  constructor(root, house) {
    this.root = root;
    this.page = root.ownerDocument;
    this.house = house;
    this.heading = one(root, "lesson-heading");
    this.says = one(root, "lesson-says");
    this.body = one(root, "lesson-body");
    this.answered = new Answered(house.kept);
    this.course = new Course();
    this.done = new Done(house.kept);
    this.sending = new Sending(root, { ...house, answered: this.answered }, () => this.#draw());
    /** What has been drawn into the body. @type {What|null} */
    this.what = null;
    /** What had the focus before. @type {Element|null} */
    this.before = null;
    this.list = new List((id) => this.#choose(id));
    this.front = new Front((id) => this.sending.start(id), () => this.#choose(null));
    this.player = this.#createPlayer();
    this.sheet = new SheetView(() => this.#leaveSheet(), house.announce);
    this.#listen();
    this.#followLink();
  }

  #createPlayer() {
    const { sending, house } = this;
    const know = () => house.host.know().then(() => this.#draw());
    return new Player(this.root, waysOf(house, sending), {
      go: (step) => this.#go(step), lead: (step, skips) => this.#lead(step, skips), end: () => sending.end(),
      again: () => sending.send("POST", "/lesson/again"), know,
    });
  }

  #listen() {
    const { root, house } = this;
    house.lessonDoor.addEventListener("toggle", () => (root.hidden ? this.open() : this.close()));
    one(root, "close-lesson").addEventListener("click", () => this.close());
    root.addEventListener("keydown", (event) => {
      const isField = event.target instanceof Element && event.target.matches("input:not([type=radio]), dialog *");
      if (event.key === "Escape" && !event.defaultPrevented && !isField) this.close();
    });
    house.lessons.addEventListener("change", () => this.#draw());
    house.journal.addEventListener("lesson", (event) => { if (event instanceof CustomEvent) this.#heard(event.detail); });
    house.journal.addEventListener("run", () => this.#opened());
    house.journal.addEventListener("switches", () => this.#draw());
    window.addEventListener("hashchange", () => this.#followLink());
  }

  open() {
    const { root, page, house } = this;
    if (!house.journal.lab && !house.journal.run) return;
    if (root.hidden) this.before = page.activeElement;
    this.#show();
    // Where the page is narrow, it is below the stage.
    root.scrollIntoView({ block: "nearest" });
    this.heading.focus({ preventScroll: true });
  }

  close() {
    const { root, page, course, house } = this;
    if (root.hidden) return;
    const hadFocus = root.contains(page.activeElement);
    if (course.under) house.kept.setItem(CLOSED, course.under.run);
    root.hidden = true;
    set(page.documentElement, "data-lesson", null);
    tellDoors(root);
    house.point([]);
    if (linkedIn(location.hash)) history.replaceState(null, "", location.pathname + location.search);
    if (hadFocus) focusAgain(this.before);
  }

  #show() {
    const { root, page, course, house } = this;
    if (!course.under && root.hidden) house.lessons.list();
    root.hidden = false;
    set(page.documentElement, "data-lesson", "");
    tellDoors(root);
    this.#draw();
  }

  /** @param {LessonNow|null} now */
  #heard(now) {
    const { course, answered } = this;
    const before = course.under;
    if (now) answered.follow(now);
    if (now && now.run !== before?.run) this.#begun(now, before === undefined);
    else course.goOn(now);
    if (now) course.wanted = null;
    this.#draw();
    if (!now && before) this.#over(before);
    if (now && before?.run === now.run && !this.root.hidden) this.#wentOn(before, now);
  }

  /** @param {LessonNow} before @param {LessonNow} now */
  #wentOn(before, now) {
    const { house, course } = this;
    const lesson = house.lessons.lesson(now.lesson);
    const news = lesson ? newsIn(lesson, before, now, course.own) : "";
    if (news) house.announce(news);
    if (now.step !== before.step && course.own === null) this.#toTop();
  }

  /** @param {LessonNow} now @param {boolean} isJoining Whether this page has just been opened. */
  #begun(now, isJoining) {
    const { course, house } = this;
    house.lessons.forget(now.lesson);
    this.sheet.forget();
    const isWanted = course.wanted !== null || house.kept.getItem(CLOSED) !== now.run;
    course.begin(now);
    if (isWanted) this.#show();
    if (!isJoining) house.announce("A lesson has begun.");
  }

  /** @param {LessonNow} before */
  #over(before) {
    const { done, house } = this;
    const steps = house.lessons.lesson(before.lesson)?.steps.length;
    if (before.step + 1 === steps) done.note(before.lesson, house.playhead.live.trueNow(house.now()) - before.began_ms);
    this.house.announce("The lesson is over.");
    if (!this.root.hidden) void this.#fetchSheet();
  }

  async #fetchSheet() {
    const sheet = await this.house.lessons.sheet();
    if (sheet && !this.course.under && this.course.chosen === null) this.sheet.take(sheet);
    this.house.lessons.list();
    this.#draw();
  }

  /** A run from a file is shown: if it is a lesson's, so is its sheet. */
  #opened() {
    const { run } = this.house.journal;
    this.course.goOn(null);
    this.sheet.take(run?.sheet && { ...run.sheet, firings: run.firings }, true);
    if (this.sheet.has) this.#show();
    else this.close();
  }

  #leaveSheet() {
    this.sheet.forget();
    if (this.house.journal.run) this.close();
    else this.#choose(null);
  }

  #followLink() {
    if (this.course.follow(location.hash, history.state)) this.#show();
  }

  #writeLink() {
    if (location.hash && !linkedIn(location.hash)) return;
    const { link, state } = this.course.link();
    if (link !== location.hash || state?.follows !== history.state?.follows) {
      history.replaceState(state, "", link || location.pathname + location.search);
    }
  }

  /** @param {string|null} id */
  #choose(id) {
    this.course.choose(id);
    this.sheet.forget();
    this.body.scrollTop = 0;
    this.#show();
    this.heading.focus({ preventScroll: true });
  }

  /** @param {number|null} step */
  #go(step) {
    this.course.go(step);
    this.#draw();
    this.player.focus();
    this.#toTop();
  }

  /**
   * @param {number} step
   * @param {boolean} skips
   */
  async #lead(step, skips) {
    if (!(await this.sending.send("POST", "/lesson/step", skips ? { step, skip: true } : { step }))) return;
    this.#go(null);
  }

  /** A new step is read from its beginning, if that was scrolled out of sight. */
  #toTop() {
    if (this.root.getBoundingClientRect().top < 0) this.root.scrollIntoView({ block: "start" });
  }

  #draw() {
    const { root, course, house } = this;
    if (root.hidden) return;
    const keep = keepsFocus(root);
    const lesson = course.lesson === null ? undefined : house.lessons.lesson(course.lesson);
    const what = this.#whatIs(lesson);
    set(root, "data-what", what);
    this.#put(what);
    if (what === "front" && lesson) this.front.draw(lesson);
    if (what === "list") this.list.draw(house.lessons.listed, this.done);
    this.#drawHead(what, lesson);
    const shown = what === "player" ? this.#drawPlayer(lesson) : null;
    house.point(shown?.step.point ?? []);
    keep();
    this.#writeLink();
  }

  /**
   * @param {Lesson|undefined} lesson
   * @returns {What}
   */
  #whatIs(lesson) {
    if (this.course.under) return lesson ? "player" : "list";
    if (this.sheet.has) return "sheet";
    return lesson ? "front" : "list";
  }

  /** @param {What} what */
  #put(what) {
    if (what === this.what) return;
    this.what = what;
    const hadFocus = this.body.contains(this.page.activeElement);
    this.body.replaceChildren({ list: this.list, front: this.front, player: this.player, sheet: this.sheet }[what].element);
    if (hadFocus) this.heading.focus({ preventScroll: true });
  }

  /** @param {Lesson|undefined} lesson */
  #drawPlayer(lesson) {
    const { under, own } = this.course;
    if (!lesson || !under) return null;
    const shown = this.player.draw(lesson, under, { own, isHost: this.house.host.isKnown });
    if (shown) say(this.says, whereSays(shown, this.house.playhead.live.trueNow(this.house.now())));
    return shown;
  }

  /**
   * @param {What} what
   * @param {Lesson|undefined} lesson
   */
  #drawHead(what, lesson) {
    const { sheet, sending, course, root } = this;
    const named = lesson ? `${lesson.number} · ${lesson.title}${lesson.core ? " ★" : ""}` : "Lessons";
    say(this.heading, { list: "Lessons", front: named, player: named, sheet: sheet.title }[what]);
    const front = lesson ? [`${lesson.steps.length} steps, about ${lesson.minutes} min`, this.done.says(lesson.lesson)].filter(Boolean).join(" · ") : "";
    if (what !== "player") say(this.says, { list: "", front, sheet: sheet.says }[what]);
    one(root, "lesson-steps").hidden = what !== "player";
    one(root, "lesson-foot").hidden = what !== "player";
    const busy = sending.pending || course.under?.busy?.says || "";
    say(one(root, "lesson-busy"), busy && `${busy.replace(/\.$/, "")}…`);
  }
}
