// @ts-check
/**
 * The journal: what happened. Every journey that this page has heard of, what the last read gave,
 * how the servers are and what they hold. Pure: no DOM, no network, no clock.
 *
 * Hop records may come in any order and any number of times; the journal is the same afterwards.
 */
import { hopOf } from "./hops.js";

/**
 * @typedef {object} Hop
 * @property {string} event_id
 * @property {string} hop
 * @property {number|null} start_ms Epoch, when the work that led to it began.
 * @property {number} at_ms Epoch, when it happened.
 * @property {string} process
 * @property {string} span_id
 * @property {string|null} [trace_id]
 * @property {string|null} [type]
 * @property {number|null} [todo_id]
 * @property {number|null} [version]
 * @property {string|null} [title]
 * @property {boolean|null} [completed]
 * @property {number|null} [attempt]
 * @property {string|null} [reason]
 * @property {boolean|null} [redelivered]
 * @property {string|null} [error]
 */

/**
 * @typedef {object} Journey
 * @property {string} event_id
 * @property {string|null} trace_id
 * @property {string|null} type
 * @property {number|null} todo_id
 * @property {number|null} version
 * @property {string|null} title
 * @property {boolean|null} completed
 * @property {Hop[]} hops
 */

/** @typedef {{id: number, title: string, completed: boolean}} Todo */

/**
 * @typedef {object} Read
 * @property {number} asked_ms
 * @property {number} at_ms
 * @property {number|null} status
 * @property {Todo[]} todos
 * @property {number|null} after
 * @property {boolean} more
 * @property {string|null} error
 */

/** @typedef {{up: boolean, checks?: Record<string, string>|null, error?: string|null}} Condition */
/** @typedef {Record<string, Condition>} Health */
/** @typedef {Record<string, Record<string, number|boolean|null>|null>} Holds */

const KNOWN_OF_A_JOURNEY = /** @type {const} */ ([
  "trace_id", "type", "todo_id", "version", "title", "completed",
]);

export class Journal extends EventTarget {
  /**
   * @param {object} [options]
   * @param {number} [options.limit] How many journeys are kept; the oldest are let go.
   */
  constructor({ limit = 500 } = {}) {
    super();
    this.limit = limit;
    /** @type {Map<string, Journey>} In the order in which they were first heard of. */
    this.journeys = new Map();
    /** @type {Map<string, Set<string>>} The hop records had already, by journey. */
    this.known = new Map();
    /** @type {Map<number, number>} The newest version of each todo that a read has shown. */
    this.seenVersions = new Map();
    /** @type {Read|null} */
    this.read = null;
    /** @type {Health} */
    this.health = {};
    /** @type {Holds} */
    this.holds = {};
  }

  /**
   * Takes hop records in. Emits `hops` with the journeys that changed.
   * @param {Hop[]} hops
   * @returns {Set<string>} The event ids of the journeys that changed.
   */
  merge(hops) {
    /** @type {Set<string>} */
    const changed = new Set();
    for (const hop of hops) {
      if (this.#take(hop)) changed.add(hop.event_id);
    }
    this.#letGo();
    if (changed.size) this.#tell("hops", changed);
    return changed;
  }

  /**
   * Takes whole journeys in, as a browser that joins is given them.
   * @param {Journey[]} journeys Oldest first.
   * @returns {Set<string>} The event ids of the journeys that changed.
   */
  mergeJourneys(journeys) {
    return this.merge(
      journeys.flatMap((journey) => journey.hops.map((hop) => ({ ...known(journey), ...hop }))),
    );
  }

  /** @param {Read|null} read */
  setRead(read) {
    this.read = read;
    this.#tell("read");
  }

  /** @param {Health} health */
  setHealth(health) {
    this.health = health ?? {};
    this.#tell("health");
  }

  /** @param {Holds} holds */
  setHolds(holds) {
    this.holds = holds ?? {};
    this.#tell("holds");
  }

  /**
   * Whether nothing more is expected of a journey: a read has shown its state or a later one of the
   * same todo, or the read model had it already.
   * @param {Journey} journey
   */
  isComplete(journey) {
    if (hopOf(journey, "seen") || hopOf(journey, "already-applied")) return true;
    const { todo_id, version } = journey;
    if (todo_id === null || version === null) return false;
    return (this.seenVersions.get(todo_id) ?? 0) >= version;
  }

  /**
   * Whether the last read, asked after the event was projected, shows the event's state. It closes
   * a journey whose `seen` was lost, e.g. with a trace that never came.
   * @param {Journey} journey
   */
  isReadable(journey) {
    const { read } = this;
    const projected = hopOf(journey, "projected");
    if (!read || read.error || !projected || read.asked_ms < projected.at_ms) return false;
    const last = read.todos.at(-1)?.id ?? 0;
    if (read.more && (journey.todo_id ?? 0) > last) return true;
    const todo = read.todos.find(({ id }) => id === journey.todo_id);
    if (journey.type?.includes(".deleted.")) return !todo;
    return todo?.title === journey.title && todo?.completed === journey.completed;
  }

  /** @param {Hop} hop */
  #take(hop) {
    const key = `${hop.hop} ${hop.span_id}`;
    const had = this.known.get(hop.event_id) ?? new Set();
    if (had.has(key)) return false;
    had.add(key);
    this.known.set(hop.event_id, had);
    const journey = this.journeys.get(hop.event_id) ?? unknownJourney(hop.event_id);
    this.journeys.set(hop.event_id, journey);
    for (const name of KNOWN_OF_A_JOURNEY) {
      const value = hop[name];
      if (journey[name] === null && value !== undefined && value !== null) {
        Object.assign(journey, { [name]: value });
      }
    }
    journey.hops.push(hop);
    journey.hops.sort((a, b) => a.at_ms - b.at_ms || (a.span_id < b.span_id ? -1 : 1));
    this.#noteSeen(journey);
    return true;
  }

  /** @param {Journey} journey */
  #noteSeen({ todo_id, version, hops }) {
    if (todo_id === null || version === null) return;
    if (!hops.some(({ hop }) => hop === "seen")) return;
    this.seenVersions.set(todo_id, Math.max(version, this.seenVersions.get(todo_id) ?? 0));
  }

  #letGo() {
    for (const event_id of this.journeys.keys()) {
      if (this.journeys.size <= this.limit) return;
      this.journeys.delete(event_id);
      this.known.delete(event_id);
    }
  }

  /**
   * @param {string} what
   * @param {unknown} [detail]
   */
  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}

/**
 * @param {string} event_id
 * @returns {Journey}
 */
function unknownJourney(event_id) {
  return {
    event_id, trace_id: null, type: null, todo_id: null, version: null, title: null,
    completed: null, hops: [],
  };
}

/** @param {Journey} journey */
function known({ event_id, trace_id, type, todo_id, version, title, completed }) {
  return { event_id, trace_id, type, todo_id, version, title, completed };
}
