// @ts-check
/**
 * Read as you like: one real GET with the chosen guarantee, what came back, whether it was stale, and how
 * long it took.
 */
import { curl, serviceUrl } from "../../send/curl.js";
import { NOT_IN_A_RUN } from "../../send/commands.js";
import { copies } from "../../page/copy.js";
import { counted, duration } from "../../page/format.js";
import { one, say, set } from "../../page/dom.js";
import { missed } from "../../facts/missed.js";
import { hopOf, kindOf } from "../../journal/journey.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../journal/journal.js").Journey} Journey */
/** @typedef {import("../../journal/journal.js").Todo} Todo */
/** @typedef {import("../../send/commands.js").Commands} Commands */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */

/**
 * @typedef {object} Got The answer to a read.
 * @property {number} asked_ms Epoch.
 * @property {number} took_ms
 * @property {number} status 0 if there was no answer.
 * @property {Todo[]|null} todos
 * @property {boolean} more Whether there are more todos than it gave.
 * @property {string} guarantee The guarantee that was asked for.
 * @property {string} problem In words; "" if there is none.
 */

/** The longest that the query service waits. */
const LONGEST_S = 10;
/** An answer takes longer than the longest wait only if web is cut off. */
const TIMEOUT_MS = 15_000;

/**
 * @typedef {object} House
 * @property {Journal} journal
 * @property {Playhead} playhead
 * @property {Commands} commands
 * @property {typeof fetch} ask
 * @property {() => number} now The page's clock, in ms.
 */

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  if (!(root instanceof HTMLFormElement)) throw new Error("What is read is asked for with a form.");
  return new Reads(root, house);
}

class Reads {
  /**
   * @param {HTMLFormElement} form
   * @param {House} house
   */
  constructor(form, { journal, playhead, commands, ask, now }) {
    this.root = form;
    this.journal = journal;
    this.live = playhead.live;
    this.commands = commands;
    this.send = ask;
    this.now = now;
    this.says = one(form, "read-now-says");
    this.verdict = one(form, "read-now-verdict");
    this.curl = one(form, "read-curl");
    /** @type {Got|null} */
    this.got = null;
    copies(one(form, "copy-read-curl"), () => this.curl.textContent ?? "");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#read();
    });
    form.addEventListener("change", () => this.#sayCurl());
    commands.addEventListener("written", () => this.#sayCurl());
    journal.addEventListener("ports", () => this.#sayCurl());
    journal.addEventListener("hops", () => this.#judge());
    journal.addEventListener("run", () => this.#forget());
    this.#sayCurl();
  }

  #forget() {
    this.got = null;
    for (const line of [this.says, this.verdict]) say(line, "");
  }

  /** @returns {{path: string, headers: Record<string, string>, guarantee: string}} */
  #request() {
    const data = new FormData(this.root);
    const guarantee = String(data.get("guarantee"));
    if (guarantee === "none") return { path: "/queries/todos", headers: {}, guarantee };
    const token = this.commands.token() || newest(this.journal);
    const wait_s = guarantee === "token" ? LONGEST_S : Number(data.get("wait_ms")) / 1000;
    /** @type {Record<string, string>} */
    const headers = token ? { "Consistency-Token": token, Prefer: `wait=${wait_s}` } : {};
    return { path: "/queries/todos", headers, guarantee };
  }

  #sayCurl() {
    const { path, headers } = this.#request();
    say(this.curl, curl({ method: "GET", url: serviceUrl(path, this.journal.ports, location.origin), headers }));
  }

  async #read() {
    if (this.journal.run) {
      set(this.verdict, "data-read-verdict", "failed");
      say(this.verdict, NOT_IN_A_RUN);
      return;
    }
    this.#sayCurl();
    const { path, headers, guarantee } = this.#request();
    set(this.root, "data-state", "waiting");
    say(this.says, "waiting for the answer");
    say(this.verdict, "");
    this.got = { guarantee, ...await this.#asked(path, headers) };
    set(this.root, "data-state", null);
    this.#judge();
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} headers
   * @returns {Promise<Omit<Got, "guarantee">>}
   */
  async #asked(path, headers) {
    const asked_ms = this.live.trueNow(this.now());
    const begun_ms = performance.now();
    try {
      const answer = await this.send(path, { headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
      const body = await answer.json();
      return {
        asked_ms, took_ms: performance.now() - begun_ms, status: answer.status,
        todos: answer.ok ? body : null, more: answer.headers.has("Link"),
        problem: answer.ok ? "" : [body.title, body.detail].filter(Boolean).join(" "),
      };
    } catch {
      return {
        asked_ms, took_ms: performance.now() - begun_ms, status: 0, todos: null, more: false,
        problem: "This page cannot reach web.",
      };
    }
  }

  #judge() {
    const { got } = this;
    if (!got) return;
    const took = duration(got.took_ms);
    if (!got.todos) {
      say(this.says, `${got.status || "no answer"} after ${took}`);
      set(this.verdict, "data-read-verdict", "failed");
      say(this.verdict, got.problem);
      return;
    }
    say(this.says, `${got.status} after ${took}: ${counted(got.todos.length, "todo")}`);
    const lacking = missed(got, this.journal.journeys.values());
    set(this.verdict, "data-read-verdict", lacking.length ? "stale" : "fresh");
    say(this.verdict, lacking.length ? `stale: lacks ${named(lacking)}` : "not stale");
  }
}

/** @param {Journey[]} journeys */
function named(journeys) {
  const some = journeys.slice(0, 3).map((journey) => `#${journey.todo_id} ${kindOf(journey)}`);
  const more = journeys.length - some.length;
  return more > 0 ? `${some.join(", ")} and ${more} more` : some.join(", ");
}

/**
 * The last write by anybody, for a page that has written nothing itself.
 * @param {Journal} journal
 */
function newest(journal) {
  const last = [...journal.journeys.values()]
    .findLast((journey) => journey.todo_id !== null && hopOf(journey, "acknowledged"));
  return last ? `${last.todo_id}.${last.version}` : "";
}
