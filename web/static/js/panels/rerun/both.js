// @ts-check
/**
 * Both runs, as a tab of Time: what was recorded and what was played again, command by command, and Was, Now
 * and Δ. The two runs of a lesson are shown likewise.
 */
import { bothLanes } from "../../facts/both.js";
import { make, one, say, set } from "../../page/dom.js";
import { counted, duration } from "../../page/format.js";
import { drawLanes } from "./lanes.js";
import { drawTable } from "./table.js";
import { OPENS, reasonsIn } from "./words.js";

/** @typedef {import("../../facts/both.js").Both & {table: import("../../facts/both.js").Figure[], left?: number, left_out?: import("./words.js").LeftOut[]}} Told */
/** @typedef {{run: string, running: boolean, says: string, sent: number, wanted: number}} Rerun */
/** @typedef {import("../../journal/lesson.js").LessonNow} LessonNow */

/** A lesson's runs are asked for no more often than that. */
const ASKS_APART_MS = 1000;

/**
 * @typedef {object} House
 * @property {import("../../journal/journal.js").Journal} journal
 * @property {typeof fetch} ask
 * @property {import("../../send/host.js").Host} host
 * @property {(text: string) => void} announce
 * @property {Pick<Storage, "getItem"|"setItem"|"removeItem">} inTab
 */

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  return new BothRuns(root, house);
}

class BothRuns {
  /**
   * @param {HTMLElement} root
   * @param {House} house
   */
  constructor(root, { journal, ask, host, announce, inTab }) {
    this.root = root;
    this.ask = ask;
    this.host = host;
    this.announce = announce;
    this.inTab = inTab;
    this.says = one(root, "both-says");
    this.body = one(root, "both-body");
    this.problem = one(root, "both-problem");
    this.own = one(root, "both-own", HTMLInputElement);
    this.stop = one(root, "both-stop");
    this.turn = one(root, "both-turn");
    /** @type {Told|null} */
    this.told = null;
    /** Where the newest runs are, and what sets them apart from others. */
    this.wanted = { path: "", key: "" };
    /** The key of those that were asked for last. */
    this.asked = "";
    this.isAsking = false;
    /** The run that was under way when last heard of. */
    this.running = "";
    journal.addEventListener("rerun", (event) => event instanceof CustomEvent && this.#hear(event.detail));
    journal.addEventListener("lesson", (event) => event instanceof CustomEvent && this.#hearLesson(event.detail));
    journal.addEventListener("lab", () => {
      const tab = this.#tab();
      if (tab) tab.hidden = !journal.lab;
    });
    this.own.addEventListener("change", () => this.#show(this.told));
    this.turn.addEventListener("click", () => this.#turnOver());
    this.stop.addEventListener("click", async () => say(this.problem, await host.ask("DELETE", "/rerun") ?? ""));
  }

  #tab() {
    return this.root.ownerDocument.getElementById("tab-runs");
  }

  /** @param {Rerun|null} rerun */
  #hear(rerun) {
    if (!rerun) return;
    const { run, running, sent, wanted } = rerun;
    say(this.says, running ? `${rerun.says} ${sent.toLocaleString("en-GB")} of ${wanted.toLocaleString("en-GB")}.` : rerun.says);
    this.stop.hidden = !running;
    if (this.inTab.getItem(OPENS)) {
      this.inTab.removeItem(OPENS);
      this.#tab()?.click();
    }
    if (running) {
      this.running = run;
      return;
    }
    if (this.running === run) this.announce(`${rerun.says} Both runs are in the tab Both runs.`);
    this.running = "";
    this.#want("/rerun", run);
  }

  /** @param {LessonNow|null} lesson */
  #hearLesson(lesson) {
    const now = lesson?.runs?.now;
    if (!lesson || !now) return;
    // What is measured of it goes on to change until the next step has been shown.
    const key = JSON.stringify([lesson.run, lesson.attempt, now.began_ms, now.over_ms, lesson.facts?.now ?? null]);
    say(this.says, "The lesson's run as it was, and with the cure.");
    this.#want("/lesson/runs", key);
  }

  /**
   * @param {string} path
   * @param {string} key What it is of: the same is not asked for again.
   */
  #want(path, key) {
    this.wanted = { path, key };
    this.draw();
  }

  /** Asks for what is wanted once somebody looks at it: a lesson's runs change all the time. */
  draw() {
    if (!this.root.hidden && !this.isAsking && this.wanted.key !== this.asked) this.#fetch(this.wanted);
  }

  tick() {
    this.draw();
  }

  /** @param {{path: string, key: string}} wanted */
  async #fetch({ path, key }) {
    this.isAsking = true;
    this.asked = key;
    try {
      const answer = await this.ask(path);
      const told = answer.ok ? await answer.json() : null;
      if (told?.pairs) this.#show(told);
    } catch {
      // It is asked for again.
      this.asked = "";
    }
    // A room of browsers asks for it at the same time.
    setTimeout(() => { this.isAsking = false; }, ASKS_APART_MS);
  }

  #turnOver() {
    const shows = this.root.dataset.bothShows === "lanes" ? "table" : "lanes";
    set(this.root, "data-both-shows", shows);
    say(this.turn, shows === "lanes" ? "Table" : "Lanes");
  }

  /** @param {Told|null} told */
  #show(told) {
    if (!told) return;
    this.told = told;
    const isFromFirst = !this.own.checked;
    const { lanes, scale_ms } = bothLanes(told, isFromFirst);
    this.body.hidden = false;
    one(this.root, "both-choices").hidden = false;
    say(one(this.root, "both-axis"), `0 to ${duration(scale_ms)} after ${isFromFirst ? "the first command" : "each command"}`);
    drawLanes(one(this.root, "both-lanes"), lanes, scale_ms);
    say(one(this.root, "both-more"), told.more_pairs ? `${counted(told.more_pairs, "more command")} not shown; the table counts them too.` : "");
    drawTable(one(this.root, "both-rows"), told.table);
    this.#drawLeft(told);
  }

  /** @param {Told} told */
  #drawLeft({ left = 0, left_out = [] }) {
    const details = one(this.root, "both-left");
    details.hidden = !left;
    say(one(this.root, "both-left-says"), `${counted(left, "event")} cannot be played again`);
    const list = one(this.root, "both-reasons");
    list.replaceChildren(...reasonsIn(left_out).map((text) => make("li", {}, text)));
  }
}
