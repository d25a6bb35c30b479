// @ts-check
/**
 * Reads with a guarantee, as anybody could send them with curl; web passes them on to the query service.
 * The last one is kept, with its answer and the judgement on it. It emits `change` whenever there is more
 * to say of it.
 */
import { NOT_IN_A_RUN } from "./commands.js";
import { saidIn } from "./problem.js";

/**
 * What a read promises. `token`: read your writes. `seen`: monotonic reads, with the stage counted as a
 * read (Terry et al., Session Guarantees for Weakly Consistent Replicated Data, 1994).
 * @typedef {"none"|"token"|"seen"} Guarantee
 */
/** Which read model is asked; "" for the one that is there without the lab. @typedef {""|"replica"|"by-turns"} ReadModel */
/** @typedef {{id: number, title: string, completed: boolean}} Todo */
/**
 * @typedef {object} Got The answer to a read, in times of the page's clock.
 * @property {number} asked_ms
 * @property {number} answered_ms
 * @property {number|null} status 0 if there was no answer, null if nothing was sent.
 * @property {Todo[]|null} todos
 * @property {string|null} [from] The read model that answered, if the request said which it wanted.
 * @property {boolean} more Whether there are more todos than it gave.
 * @property {string} problem In words; "" if there is none.
 */
/**
 * @template Judgement
 * @typedef {object} Reading A read, from the moment it is asked.
 * @property {Guarantee} guarantee
 * @property {number|null} wait_s How long the query service may wait; null if there is nothing to wait for.
 * @property {Got|null} got Null until it is answered.
 * @property {Judgement|null} judgement Null until it is judged; after that it does not change.
 */

/** The longest that the query service waits. */
const LONGEST_S = 10;
/** An answer takes longer than the longest wait only if web is cut off. */
const TIMEOUT_MS = 15_000;

/** @template Judgement */
export class Reads extends EventTarget {
  /**
   * @param {object} means
   * @param {typeof fetch} means.send
   * @param {Record<Guarantee, () => string>} means.tokens What a read with each guarantee has to carry;
   *   "" if there is nothing to wait for.
   * @param {(got: Got, wait_s: number|null) => Judgement} means.judge
   * @param {() => Promise<void>} means.settled Waits until what has happened so far is known here.
   * @param {() => number} means.now The page's clock, in ms.
   * @param {() => number} means.late How far the stage is behind the present, in ms.
   * @param {() => boolean} means.isRun Whether a run from a file is shown.
   */
  constructor({ send, tokens, judge, settled, now, late, isRun }) {
    super();
    this.send = send;
    this.tokens = tokens;
    this.judge = judge;
    this.settled = settled;
    this.now = now;
    this.late = late;
    this.isRun = isRun;
    /** How long a read with a token waits at most, in whole seconds (RFC 7240, section 4.3). */
    this.wait_s = LONGEST_S;
    /** @type {ReadModel} */
    this.model = "";
    /** @type {Reading<Judgement>|null} */
    this.last = null;
  }

  /**
   * Chooses which read model is asked from now on. Emits `model`: it can be chosen in several places.
   * @param {ReadModel} model
   */
  choose(model) {
    this.model = model;
    this.dispatchEvent(new Event("model"));
  }

  /**
   * The request of a read with that guarantee, if it were sent now.
   * @param {Guarantee} guarantee
   * @returns {{path: string, headers: Record<string, string>}}
   */
  request(guarantee) {
    const token = this.tokens[guarantee]();
    /** @type {Record<string, string>} */
    const headers = token ? { "Consistency-Token": token, Prefer: `wait=${this.wait_s}` } : {};
    if (this.model) headers["Read-Model"] = this.model;
    return { path: "/queries/todos", headers };
  }

  /**
   * Reads the todos now. A read that is asked later takes the place of this one.
   * @param {Guarantee} guarantee
   */
  async read(guarantee) {
    const request = this.request(guarantee);
    /** @type {Reading<Judgement>} */
    const reading = { guarantee, wait_s: request.headers.Prefer ? this.wait_s : null, got: null, judgement: null };
    this.#show(reading);
    reading.got = await this.#asked(request);
    this.#tell(reading);
    if (!reading.got.todos) return;
    await this.settled();
    reading.judgement = this.judge(reading.got, reading.wait_s);
    this.#tell(reading);
  }

  /** Forgets the last read. */
  forget() {
    this.#show(null);
  }

  /**
   * @param {{path: string, headers: Record<string, string>}} request
   * @returns {Promise<Got>}
   */
  async #asked({ path, headers }) {
    const asked_ms = this.now();
    const none = { asked_ms, late_ms: this.late(), todos: null, from: null, more: false };
    if (this.isRun()) return { ...none, answered_ms: asked_ms, status: null, problem: NOT_IN_A_RUN };
    try {
      const answer = await this.send(path, { headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
      const body = await answer.json();
      return {
        ...none, answered_ms: this.now(), status: answer.status, todos: answer.ok ? body : null,
        from: answer.headers.get("Read-Model"), more: answer.headers.has("Link"),
        problem: answer.ok ? "" : saidIn(body, answer.status),
      };
    } catch {
      return { ...none, answered_ms: this.now(), status: 0, problem: "This page cannot reach web." };
    }
  }

  /** @param {Reading<Judgement>|null} reading */
  #show(reading) {
    this.last = reading;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {Reading<Judgement>} reading */
  #tell(reading) {
    if (this.last === reading) this.dispatchEvent(new Event("change"));
  }
}
