// @ts-check
/**
 * The sheet of a lesson that was played: what was predicted, what was done, what came true, Was / Now / Δ, and on
 * which machine. It can be saved, opened again as a run, and printed.
 */
import { KINDS, barsOf, measuredSays, rightSays, rowsOf } from "../../facts/lesson.js";
import { make, say } from "../../page/dom.js";
import { counted, duration } from "../../page/format.js";
import { CLAIMS } from "./claims.js";
import { tableOf } from "./findings.js";
import { machineSays, playedIn, versionsIn } from "./sheet-rule.js";

/** @typedef {import("./sheet-rule.js").Played} Played */

/** How long the browser has to fetch the saved file. */
const SAVING_MS = 10_000;

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
    const { lesson, began_ms, over_ms } = this.played ?? {};
    if (!lesson || began_ms === undefined) return "";
    const took = typeof over_ms === "number" ? `, which took ${duration(over_ms - began_ms)} (about ${lesson.minutes} min planned)` : "";
    return `The sheet of this lesson${took}`;
  }

  /** @param {any} told As web gives it, or as it is in a file. */
  take(told) {
    this.told = told;
    this.played = playedIn(told);
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
      title, make("p", { class: "text" }, lesson.goal), acts, ...this.#ended(played), ...answersOf(played), ...claimsOf(played), ...figuresOf(played),
      ...doneOf(played), ...firingsOf(played), ...machineOf(played),
    ];
    this.element.replaceChildren(...parts);
  }

  /** @param {Played} played */
  #ended({ began_ms, at_ms, day_ahead_ms, attempt, ended }) {
    const when = new Date((began_ms || at_ms) + day_ahead_ms).toLocaleString("en-GB");
    const times = attempt > 1 ? `, played ${attempt} times` : "";
    return [make("p", { class: "quiet" }, `${when}${times}. ${ended}`.trim())];
  }

  #save() {
    const at = new Date().toISOString().slice(0, 19).replaceAll(":", "");
    const url = URL.createObjectURL(new Blob([JSON.stringify(this.told)], { type: "application/json" }));
    const link = make("a", { href: url, download: `lesson-${this.played?.lesson.lesson ?? ""}-${at}Z.json` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), SAVING_MS);
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
function answersOf({ lesson, steps }) {
  const asked = lesson.steps.flatMap((step, index) => (step.ask && steps[index] ? [{ step, ask: step.ask, state: steps[index] }] : []));
  return under("Asked", asked.map(({ step, ask, state }) => {
    const box = make("div", { class: "asked" });
    box.append(make("p", {}, ask.question));
    const bars = barsOf(ask, state, null);
    const said = state.skipped ? "left out" : (bars ?? []).filter(({ count }) => count).map(({ says, count }) => `${says}: ${count}`).join("; ");
    const drawn = ask.curve ? counted(state.curves?.length ?? 0, "curve") : "";
    box.append(make("p", { class: "quiet" }, `${KINDS[step.kind]}: ${said || drawn || "nobody answered"}`));
    const right = rightSays(ask, state);
    if (right) box.append(make("p", { class: "right" }, `What happened: ${right}`));
    return box;
  }));
}

/** @param {Played} played */
function claimsOf({ steps }) {
  const claims = steps.flatMap((state) => state.claims ?? []);
  if (!claims.length) return [];
  const list = make("ul", { class: "plain-claims" });
  list.append(...claims.map(({ says, state, seen }) => {
    const row = make("li", { "data-state": state });
    row.append(make("b", {}, CLAIMS[state] ?? state), ` ${says}${seen ? ` (${seen})` : ""}`);
    return row;
  }));
  return under("Claimed, and seen", [list]);
}

/** @param {Played} played */
function figuresOf({ lesson, facts }) {
  const names = Object.keys(lesson.facts).filter((name) => facts.was?.[name] || facts.now?.[name]);
  if (!names.length) return [];
  if (facts.now) {
    const table = tableOf();
    table.draw(rowsOf(lesson, names, facts));
    return under("Was / Now / Δ", [table.element]);
  }
  const list = make("ul");
  list.append(...names.map((name) => make("li", {}, `${lesson.facts[name].says}: ${measuredSays(facts.was?.[name], lesson.facts[name])}`)));
  return under("Measured", [list]);
}

/** @param {Played} played */
function doneOf({ steps }) {
  const actions = steps.flatMap((state) => state.actions ?? []);
  if (!actions.length) return [];
  const list = make("ol", { class: "plain-actions" });
  list.append(...actions.map(({ says, curl, answer }) => {
    const row = make("li");
    row.append(`${says}${answer ? ` → ${answer}` : ""}`);
    if (curl) row.append(make("code", {}, curl));
    return row;
  }));
  return under("Done", [list]);
}

/** @param {Played} played */
function firingsOf({ firings }) {
  if (!firings.length) return [];
  const list = make("ul");
  list.append(...firings.map(({ fault, place, at, file, line, todo_id }) => {
    const where = [at, file && `${file}:${line}`].filter(Boolean).join(", ");
    return make("li", {}, `${place}: ${fault}${where ? ` (${where})` : ""}${todo_id ? `, todo ${todo_id}` : ""}`);
  }));
  return under("What the lab did", [list]);
}

/** @param {Played} played */
function machineOf({ machine, versions }) {
  const lines = [machineSays(machine), versionsIn(versions)].filter(Boolean).map((words) => make("p", { class: "quiet" }, words));
  for (const line of lines) say(line, line.textContent ?? "");
  return under("The machine", lines);
}
