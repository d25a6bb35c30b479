// @ts-check
/** Which lessons there are, and the front page of one: its goal, its steps, and how long it takes. */
import { KINDS } from "../../facts/lesson.js";
import { keyed, make, say } from "../../page/dom.js";

/** @typedef {import("./house.js").Lesson} Lesson */
/** @typedef {import("./house.js").Listed} Listed */

export class List {
  /** @param {(id: string) => void} choose */
  constructor(choose) {
    this.element = make("div", { class: "lesson-list" });
    this.says = make("p", { class: "quiet" });
    this.lessons = make("ol", { "aria-label": "All lessons" });
    this.element.append(this.says, this.lessons);
    this.lessons.addEventListener("click", ({ target }) => {
      const id = target instanceof Element ? target.closest("button")?.dataset.lesson : null;
      if (id) choose(id);
    });
  }

  /**
   * @param {readonly Listed[]|null} listed
   * @param {import("./done.js").Done} done
   */
  draw(listed, done) {
    const core = (listed ?? []).filter((each) => each.core && !each.error);
    const minutes = core.reduce((sum, each) => sum + (each.minutes ?? 0), 0);
    const stars = core.length ? `★ The core: ${core.length} lessons, ${minutes} min.` : "";
    say(this.says, listed === null ? "Asking which there are." : listed.length ? `Predict, do it, watch, and say why. ${stars}` : "There are none.");
    keyed(this.lessons, listed ?? [], ({ lesson }) => lesson, (each) => (each.error ? createRefused() : createListed(each)), (row, each) => {
      if (each.error) {
        say(row.children[0], each.title ?? each.lesson);
        say(row.children[1], each.error);
        return;
      }
      const [number, title, star, took, goal, isDone] = row.children[0].children;
      say(number, String(each.number ?? ""));
      say(title, each.title ?? each.lesson);
      say(star, each.core ? "★" : "");
      say(took, each.minutes ? `${each.minutes} min` : "");
      say(goal, each.goal ?? "");
      say(isDone, done.says(each.lesson));
    });
  }
}

/** @param {Listed} listed */
function createListed({ lesson }) {
  const row = make("li");
  const button = make("button", { "type": "button", "class": "listed", "data-lesson": lesson });
  button.append(
    make("span", { class: "number" }), make("b", { class: "title" }), make("span", { class: "star", title: "Of the core" }),
    make("span", { class: "took" }), make("span", { class: "goal" }), make("span", { class: "done" }),
  );
  row.append(button);
  return row;
}

function createRefused() {
  const row = make("li", { class: "refused" });
  row.append(make("b"), make("p", { class: "problem" }));
  return row;
}

/** The front page of a lesson that is not under way. */
export class Front {
  /**
   * @param {(id: string) => void} start
   * @param {() => void} back To all lessons.
   */
  constructor(start, back) {
    this.id = "";
    this.element = make("div", { class: "lesson-front" });
    this.goal = make("p", { class: "text" });
    this.steps = make("ol", { "class": "outline", "aria-label": "Its steps" });
    this.warning = make("p", { class: "quiet" }, "Starting removes all todos, and puts the stack where the lesson begins.");
    this.start = make("button", { "type": "button", "class": "main-button", "data-start-lesson": "", "data-sends": "" }, "Start");
    const all = make("button", { type: "button", class: "small-button", "data-all-lessons": "" }, "All lessons");
    const acts = make("p", { class: "copies" });
    acts.append(this.start, all);
    this.reading = createReading();
    this.element.append(this.goal, this.steps, this.warning, acts, this.reading.element);
    this.start.addEventListener("click", () => start(this.id));
    all.addEventListener("click", back);
  }

  /** @param {Lesson} lesson */
  draw(lesson) {
    this.id = lesson.lesson;
    say(this.goal, lesson.goal);
    const steps = lesson.steps.map(({ kind }, index) => ({ kind, index }));
    keyed(this.steps, steps, ({ kind, index }) => `${index} ${kind}`, ({ kind }) => make("li", {}, KINDS[kind] ?? kind), () => {});
    this.reading.draw(lesson);
  }
}

/** Where to read on. The links lead away from this page, so they open beside it. */
export function createReading() {
  const element = make("details", { class: "reading" });
  const list = make("ul");
  element.append(make("summary", {}, "Further reading"), list);
  return {
    element,
    /** @param {Lesson} lesson */
    draw(lesson) {
      const reading = lesson.reading ?? [];
      element.hidden = !reading.length;
      keyed(list, reading, ({ url }) => url, ({ url, title, says }) => {
        const row = make("li");
        row.append(make("a", { href: safe(url), target: "_blank", rel: "noopener noreferrer" }, title), ` ${says}`);
        return row;
      }, () => {});
    },
  };
}

/** @param {string} url */
function safe(url) {
  return /^https?:\/\//.test(url) ? url : "#";
}
