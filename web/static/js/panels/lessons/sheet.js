// @ts-check
/**
 * The sheet of a lesson that was played: what was predicted, what was done, what came true, Was / Now / Δ, and on
 * which machine. It can be saved, opened again as a run, and printed.
 */
import { barsOf, rightIs, rightSays } from "../../facts/lesson.js";
import { placeOf, spoken } from "../../facts/places.js";
import { make } from "../../page/dom.js";
import { counted, duration } from "../../page/format.js";
import { asJson, save } from "../../page/save.js";
import { CLAIMS } from "./claims.js";
import { tableOf } from "./findings.js";
import { Curve } from "./curve.js";
import { folded, playedIn } from "./sheet-rule.js";

/** @typedef {import("./sheet-rule.js").Played} Played */
/** @typedef {import("./sheet-rule.js").SheetStep} SheetStep */

/** With more firings than that, which todo each was of is left to the saved file. */
const MOST_BY_TODO = 12;

export class SheetView {
  /**
   * @param {() => void} leave
   * @param {(text: string) => void} announce
   */
  constructor(leave, announce) {
    this.announce = announce;
    this.element = make("article", { class: "sheet" });
    /** @type {any} */
    this.told = null;
    /** @type {Played|null} */
    this.played = null;
    this.save = make("button", { "type": "button", "class": "small-button", "data-save-sheet": "" }, "Save");
    this.print = make("button", { type: "button", class: "small-button" }, "Print");
    this.leave = make("button", { "type": "button", "class": "small-button", "data-all-lessons": "" }, "All lessons");
    this.save.addEventListener("click", () => this.#save());
    this.print.addEventListener("click", () => print());
    this.leave.addEventListener("click", leave);
  }

  get has() {
    return this.played !== null;
  }

  get title() {
    const { lesson } = this.played ?? {};
    return lesson ? `${lesson.number} · ${lesson.title}` : "Lessons";
  }

  get says() {
    if (!this.played) return "";
    const { lesson, took_ms } = this.played;
    return `The sheet of this lesson${took_ms === null ? "" : `: ${duration(took_ms)} of about ${lesson.minutes} min`}`;
  }

  /**
   * @param {any} told As web gives it, or as it is in a file.
   * @param {boolean} [isFile] Whether it is in a file, and so saved already.
   */
  take(told, isFile = false) {
    this.told = told;
    this.played = playedIn(told);
    this.save.hidden = isFile;
    if (this.played) this.#create(this.played);
  }

  forget() {
    this.told = null;
    this.played = null;
  }

  /** @param {Played} played */
  #create(played) {
    const acts = make("p", { class: "copies at-page" });
    acts.append(this.save, this.print, this.leave);
    const { lesson } = played;
    const title = make("h3", { class: "of-print" }, `${lesson.number} · ${lesson.title}`);
    const parts = [
      title, make("p", { class: "text" }, lesson.goal), acts, ...this.#ended(played), ...answersOf(played), ...claimsOf(played), ...figuresOf(played), ...whyOf(played),
      ...doneOf(played), ...firingsOf(played), ...machineOf(played),
    ];
    this.element.replaceChildren(...parts);
  }

  /** @param {Played} played */
  #ended({ when, attempt, ended }) {
    const day = when && new Date(when).toLocaleString("en-GB");
    const times = attempt > 1 ? `, played ${attempt} times` : "";
    return [make("p", { class: "quiet" }, `${day}${times}. ${ended}`)];
  }

  #save() {
    save(asJson(this.told), `lesson-${this.played?.lesson.lesson ?? ""}`);
    this.announce("The sheet is saved.");
  }
}

/**
 * @param {string} heading
 * @param {HTMLElement[]} parts
 * @returns {HTMLElement[]} None if there is nothing under the heading.
 */
function under(heading, parts) {
  return parts.length ? [make("h4", {}, heading), ...parts] : [];
}

/** @param {Played} played */
function answersOf({ steps }) {
  const asked = steps.flatMap((step) => (step.ask ? [{ step, ask: step.ask }] : []));
  return under("Asked", asked.map(({ step, ask }) => {
    const box = make("div", { class: "asked" });
    const right = rightSays(ask, step);
    box.append(make("p", {}, ask.question), make("p", { class: "quiet" }, saidOf(step, ask)));
    if (ask.curve && step.curves?.length) box.append(curvesOf(step, ask, ask.curve.at_ms));
    if (right) box.append(make("p", { class: "right" }, `${rightIs(ask)}: ${right}`));
    return box;
  }));
}

/**
 * What was drawn, and what was measured.
 * @param {SheetStep} step
 * @param {import("../../journal/lesson.js").Ask} ask
 * @param {readonly number[]} at_ms
 */
function curvesOf({ curves, right }, ask, at_ms) {
  const curve = new Curve(at_ms, ask.question, () => {});
  curve.show({ isLocked: true, curves: curves ?? [], measured: Array.isArray(right) ? right : null });
  return curve.element;
}

/** @param {Played} played */
function whyOf({ steps }) {
  const explained = steps.filter(({ kind, text }) => kind === "explain" && text);
  return under("Why", explained.map(({ text = "" }) => make("p", {}, text)));
}

/**
 * @param {SheetStep} step
 * @param {import("../../journal/lesson.js").Ask} ask
 */
function saidOf(step, ask) {
  if (step.skipped) return "It was left out.";
  if (ask.curve) return `${counted(step.curves?.length ?? 0, "curve")} drawn.`;
  const said = (barsOf(ask, step, null) ?? []).filter(({ count }) => count);
  return said.length ? said.map(({ says, count }) => `${says}: ${count}`).join("; ") : "Nobody answered.";
}

/** @param {Played} played */
function claimsOf({ steps }) {
  const rows = steps.flatMap((step) => step.claims ?? []).map(({ says, state, seen }) => {
    const row = make("li", { "data-state": state });
    row.append(make("b", {}, CLAIMS[state] ?? state), `: ${says}${seen ? ` (${seen})` : ""}`);
    return row;
  });
  return listed("Claimed, and seen", "ul", "plain-claims", rows);
}

/** @param {Played} played */
function figuresOf({ table, isCured }) {
  if (!table.length) return [];
  if (!isCured) return listed("Measured", "ul", "", table.map(({ says, was }) => make("li", {}, `${says}: ${was}`)));
  const figures = tableOf();
  figures.draw(table);
  return under("Was / Now / Δ", [figures.element]);
}

/** @param {Played} played */
function doneOf({ steps }) {
  const rows = steps.flatMap((step) => step.actions ?? []).map(({ says, curl, answer }) => {
    const row = make("li");
    row.append(`${says}${answer ? ` → ${answer}` : ""}`);
    if (curl) row.append(make("code", {}, curl));
    return row;
  });
  return listed("Done", "ol", "plain-actions", rows);
}

/** @param {Played} played */
function firingsOf({ firings }) {
  const many = firings.length > MOST_BY_TODO;
  const lines = firings.map(({ fault, place, at, file, line, todo_id }) => {
    const where = [at?.replaceAll("-", " "), file && `${file}:${line}`].filter(Boolean).join(", ");
    return `${placeOf(place).name}: ${spoken(fault).toLowerCase()}${where ? ` (${where})` : ""}${todo_id && !many ? `, todo ${todo_id}` : ""}`;
  });
  return listed("What the lab did", "ul", "", folded(lines).map((words) => make("li", {}, words)));
}

/** @param {Played} played */
function machineOf({ machine, versions, leftOut }) {
  const lines = [machine, versions, leftOut && `Left out of the run, as there is no room: ${leftOut}`].filter(Boolean);
  return under("The machine", lines.map((words) => make("p", { class: "quiet" }, words)));
}

/**
 * @param {string} heading
 * @param {"ol"|"ul"} tag
 * @param {string} name Of its class.
 * @param {HTMLElement[]} rows
 */
function listed(heading, tag, name, rows) {
  if (!rows.length) return [];
  const list = make(tag, name ? { class: name } : {});
  list.append(...rows);
  return under(heading, [list]);
}
