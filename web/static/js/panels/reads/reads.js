// @ts-check
/**
 * Read as you like: one real GET with the guarantee that was chosen, what came back, whether it was
 * stale, and how long it took. And, for each command, the same with curl.
 */
import { curl, serviceUrl, spaced } from "../../send/curl.js";
import { NOT_IN_A_RUN } from "../../send/commands.js";
import { copies } from "../../page/copy.js";
import { counted, duration } from "../../page/format.js";
import { one, say, set } from "../../page/dom.js";
import { hopOf, kindOf } from "../../journal/hops.js";
import { shows } from "../../journal/over.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../journal/journal.js").Journey} Journey */
/** @typedef {import("../../journal/journal.js").Todo} Todo */
/** @typedef {import("../../send/commands.js").Commands} Commands */
/** @typedef {import("../../clock/clock.js").Clock} Clock */
/** @typedef {{asked_ms: number, took_ms: number, status: number, todos: Todo[]|null, more: boolean, guarantee: string, problem: string}} Got */

/** The longest that the query service waits. */
const LONGEST_S = 10;
/** A read that waits is answered later than the longest wait only where web is cut off. */
const TIMEOUT_MS = 15_000;

export class Reads {
  /**
   * @param {ParentNode} root
   * @param {Journal} journal
   * @param {Clock} clock
   * @param {Commands} commands
   * @param {{send: typeof fetch, now: () => number}} means
   */
  constructor(root, journal, clock, commands, { send, now }) {
    this.journal = journal;
    this.clock = clock;
    this.commands = commands;
    this.send = send;
    this.now = now;
    this.form = one(root, "read-now", HTMLFormElement);
    this.says = one(root, "read-now-says");
    this.verdict = one(root, "read-now-verdict");
    this.curl = one(root, "read-curl");
    this.hint = one(root, "hint-curl");
    this.commandCurl = one(root, "command-curl");
    this.commandBox = one(root, "command-curl-box");
    /** @type {Got|null} */
    this.got = null;
    copies(one(root, "copy-read-curl"), () => this.curl.textContent ?? "");
    copies(one(root, "copy-command-curl"), () => this.commandCurl.textContent ?? "");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#read();
    });
    this.form.addEventListener("change", () => this.#sayCurl());
    commands.addEventListener("sent", () => this.#sayCommand());
    commands.addEventListener("written", () => this.#sayCurl());
    journal.addEventListener("hops", () => this.#judge());
    journal.addEventListener("run", () => {
      this.got = null;
      for (const line of [this.says, this.verdict]) say(line, "");
    });
    journal.addEventListener("ports", () => {
      this.#sayHint();
      this.#sayCurl();
      this.#sayCommand();
    });
    this.#sayCurl();
  }

  /** @returns {{path: string, headers: Record<string, string>, guarantee: string}} */
  #request() {
    const data = new FormData(this.form);
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
    say(this.curl, curl({ method: "GET", url: this.#url(path), headers }));
  }

  /** What both sides say where there is nothing yet. */
  #sayHint() {
    say(this.hint, curl({
      method: "POST", url: this.#url("/commands/todos"), headers: { "Content-Type": "application/json" },
      body: spaced({ title: "Learn CQRS" }),
    }));
  }

  /** @param {string} path */
  #url(path) {
    return serviceUrl(path, this.journal.ports, location.origin);
  }

  #sayCommand() {
    const { last } = this.commands;
    if (!last) return;
    this.commandBox.hidden = false;
    say(this.commandCurl, curl({ ...last, url: this.#url(last.url) }));
  }

  async #read() {
    if (this.journal.run) {
      set(this.verdict, "data-read-verdict", "failed");
      say(this.verdict, NOT_IN_A_RUN);
      return;
    }
    this.#sayCurl();
    const { path, headers, guarantee } = this.#request();
    const asked_ms = this.clock.live(this.now());
    const begun_ms = performance.now();
    set(this.form, "data-state", "waiting");
    say(this.says, "waiting for the answer");
    say(this.verdict, "");
    try {
      const answer = await this.send(path, { headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
      const body = await answer.json();
      this.got = {
        asked_ms, took_ms: performance.now() - begun_ms, status: answer.status, guarantee,
        todos: answer.ok ? body : null, more: answer.headers.has("Link"),
        problem: answer.ok ? "" : [body.title, body.detail].filter(Boolean).join(" "),
      };
    } catch {
      this.got = {
        asked_ms, took_ms: performance.now() - begun_ms, status: 0, guarantee, todos: null,
        more: false, problem: "This page cannot reach web.",
      };
    }
    set(this.form, "data-state", null);
    this.#judge();
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

/**
 * The writes that were acknowledged when the read was asked, and that its answer does not show.
 * @param {{asked_ms: number, todos: Todo[]|null, more: boolean}} got
 * @param {Iterable<Journey>} journeys
 * @returns {Journey[]} The newest of each todo, by id.
 */
export function missed({ asked_ms, todos, more }, journeys) {
  /** @type {Map<number, Journey>} */
  const newestOf = new Map();
  /** @type {Map<number, Journey[]>} */
  const later = new Map();
  for (const journey of journeys) {
    const { todo_id, version } = journey;
    if (todo_id === null || version === null) continue;
    const acknowledged_ms = hopOf(journey, "acknowledged")?.at_ms ?? Infinity;
    if (acknowledged_ms > asked_ms) later.set(todo_id, [...(later.get(todo_id) ?? []), journey]);
    else if (version > (newestOf.get(todo_id)?.version ?? 0)) newestOf.set(todo_id, journey);
  }
  const given = new Map((todos ?? []).map((todo) => [todo.id, todo]));
  const last = more ? todos?.at(-1)?.id ?? 0 : Infinity;
  return [...newestOf.values()]
    .filter((journey) => (journey.todo_id ?? 0) <= last)
    .filter((journey) => ![journey, ...(later.get(journey.todo_id ?? 0) ?? [])]
      .some((state) => shows(given.get(journey.todo_id ?? 0), state)))
    .sort((a, b) => (a.todo_id ?? 0) - (b.todo_id ?? 0));
}

/** @param {Journey[]} journeys */
function named(journeys) {
  const some = journeys.slice(0, 3).map((journey) => `#${journey.todo_id} ${kindOf(journey)}`);
  const more = journeys.length - some.length;
  return more > 0 ? `${some.join(", ")} and ${more} more` : some.join(", ");
}

/**
 * What was written last by anybody, for a page that has written nothing itself.
 * @param {Journal} journal
 */
function newest(journal) {
  const last = [...journal.journeys.values()]
    .findLast((journey) => journey.todo_id !== null && hopOf(journey, "acknowledged"));
  return last ? `${last.todo_id}.${last.version}` : "";
}
