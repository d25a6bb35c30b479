// @ts-check
/** What was found out: whether each claim held, Was / Now / Δ, and the line of source that did it. */
import { hasFailed, rowsOf } from "../../facts/lesson.js";
import { keyed, make, say, set } from "../../page/dom.js";
import { CLAIMS, claimSays, isShown } from "./claims.js";

/** @typedef {import("../../journal/lesson.js").Source} Source */
/** @typedef {import("../../facts/lesson.js").Row} Row */
/** @typedef {import("./house.js").Part} Part */
/** @typedef {import("./house.js").Running} Running */
/** @typedef {import("./house.js").Step} Step */
/** @typedef {import("./house.js").Ways} Ways */

/**
 * @param {Step} step
 * @param {Ways} ways
 * @returns {Part}
 */
export function createClaims(step, ways) {
  const element = make("div", { class: "claims" });
  const list = make("ul", { "aria-label": "What is looked at" });
  const again = make("p", { class: "again" });
  const button = make("button", { "type": "button", "class": "small-button", "data-again": "", "data-sends": "" }, "Run it again");
  button.addEventListener("click", () => ways.send("POST", "/lesson/again"));
  const says = make("span");
  again.append(says, button);
  element.append(list, again);
  return {
    element,
    draw({ lesson, state, isHost }) {
      const claims = state.claims ?? (step.claims ?? []).map(({ says: claim }) => ({ says: claim, state: /** @type {const} */ ("open"), seen: "" }));
      // What a cure claims would give the answer to its question away.
      element.hidden = step.kind === "cure" && !(state.actions ?? []).some((action) => action.state !== "waiting");
      const stage = ways.stage();
      const early = claims.some((claim) => !isShown(claim, stage));
      keyed(list, claims.map((claim, index) => ({ claim, index })), ({ index }) => String(index), createClaim, (row, { claim, index }) => {
        const told = early ? "open" : claim.state;
        const [words, seen] = claimSays(told, claim, lesson.facts[step.claims?.[index].fact ?? ""]?.says ?? "");
        set(row, "data-state", told);
        say(row.children[0], CLAIMS[told] ?? told);
        say(row.children[1], words);
        say(row.children[2], early ? "Watch the stage: it is on its way there." : seen);
      });
      again.hidden = early || !hasFailed(state);
      say(says, "It did not come true this time. ");
      button.hidden = !isHost;
    },
  };
}

function createClaim() {
  const row = make("li");
  row.append(make("b", { class: "state" }), make("span", { class: "says" }), make("span", { class: "seen" }));
  return row;
}

/**
 * @param {readonly string[]} names
 * @param {Ways} ways
 * @returns {Part}
 */
export function createTable(names, ways) {
  const element = make("div", { class: "was-now-box" });
  const table = tableOf();
  const both = make("button", { type: "button", class: "link-button" }, "Both runs, one above the other");
  both.addEventListener("click", () => ways.runs()?.click());
  element.append(table.element, both);
  return {
    element,
    draw({ lesson, now }) {
      table.draw(rowsOf(lesson, names, now.facts));
      // Where others send the commands, such as the coordinator, no run of the lesson's own stands there.
      both.hidden = (ways.runs()?.hidden ?? true) || !now.runs?.now?.commands?.length;
    },
  };
}

/** A table of what was measured, before and with the cure. */
export function tableOf() {
  const element = make("table", { class: "was-now" });
  const head = make("thead");
  const titles = make("tr");
  titles.append(...["What", "Was", "Now", "Δ"].map((title) => make("th", { scope: "col" }, title)));
  head.append(titles);
  const body = make("tbody");
  element.append(make("caption", { class: "unseen" }, "What was measured, before and with the cure"), head, body);
  /** @param {readonly Row[]} rows */
  const draw = (rows) => {
    keyed(body, rows, ({ name }) => name, createRow, (row, { says, unit, was, now, delta, verdict, why }) => {
      const [what, before, after, change] = row.children;
      say(what.children[0], says);
      say(what.children[1], unit && !says.includes(unit) ? ` ${unit}` : "");
      say(before, was);
      say(after, now);
      say(change.children[0], delta);
      say(change.children[1], verdict ?? "");
      set(change, "data-verdict", verdict);
      set(row, "title", why || null);
    });
  };
  return { element, draw };
}

function createRow() {
  const row = make("tr");
  const [what, change] = [make("th", { scope: "row" }), make("td")];
  what.append(make("span"), make("span", { class: "unit" }));
  change.append(make("span"), make("span", { class: "verdict-of" }));
  row.append(what, make("td"), make("td"), change);
  return row;
}

/**
 * The source as it runs. It is left out if it cannot be had.
 * @param {Source} source
 * @param {Ways} ways
 * @returns {Part}
 */
export function createSource(source, ways) {
  const element = make("figure", { class: "source" });
  element.hidden = true;
  const says = make("figcaption", { class: "quiet" });
  const code = make("pre", { "tabindex": "0", "role": "region", "aria-label": "The source that runs" });
  element.append(says, code);
  const show = async () => {
    const running = await ways.source(source);
    if (!running?.text) return;
    say(says, `${running.file ?? source.object}${running.line ? `, line ${running.line}` : ""}, as it runs`);
    code.replaceChildren(...linesOf(running));
    element.hidden = false;
  };
  void show();
  return { element, draw: () => {} };
}

/** @param {Running} running */
function linesOf({ text = "", line = 1 }) {
  const lines = text.replace(/\n$/, "").split("\n");
  // A method is shown from where it begins, as the panel is narrow.
  const begins = Math.min(...lines.filter((words) => words.trim()).map((words) => words.search(/\S/)));
  return lines.map((words, index) => {
    const row = make("span", { class: "line" });
    row.append(make("span", { "class": "number", "aria-hidden": "true" }, String(line + index)), `${words.slice(begins)}\n`);
    return row;
  });
}
