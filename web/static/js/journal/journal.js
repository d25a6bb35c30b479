// @ts-check
/**
 * The journal: what happened. Every journey that this page has heard of, what the last read gave,
 * how the servers are and what they hold. Pure: no DOM, no network, no clock.
 *
 * Hop records may come in any order and any number of times; the journal is the same afterwards.
 */
import { KNOWN, unknownJourney } from "./journey.js";

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
/** @typedef {{sent: number, wanted: number, failed: number, running: boolean}} Burst */
/** @typedef {import("../facts/compare.js").Truths} Truths */
/** @typedef {import("../facts/staleness.js").Probe} Probe */
/** @typedef {import("./deltas.js").Sample} Sample */
/** @typedef {{format: string, version: number, at_ms: number, journeys: Journey[], reads: Read[], probes: Probe[], health: Sample[], holds: Sample[]}} Run */

/** How many probe reads are kept: as many as a page is told that joins now. */
const PROBES = 1000;

export class Journal extends EventTarget {
  /**
   * @param {object} [options]
   * @param {number} [options.limit] How many journeys are kept; the oldest are let go.
   * @param {number} [options.keep_ms] How long what was told of the servers is kept.
   */
  constructor({ limit = 5000, keep_ms = 600_000 } = {}) {
    super();
    this.limit = limit;
    this.keep_ms = keep_ms;
    /** @type {Map<string, Journey>} In the order in which they were first heard of. */
    this.journeys = new Map();
    /** @type {Map<string, Set<string>>} The hop records had already, by journey. */
    this.known = new Map();
    /** @type {Map<number, number>} The newest version of each todo that a read has shown. */
    this.seenVersions = new Map();
    /** @type {Map<number, {version: number, at_ms: number}[]>} When reads showed each todo. */
    this.seen = new Map();
    /** @type {Hop[]} All hops held; in true order once `inOrder()` has been asked. */
    this.hops = [];
    this.isOrdered = true;
    /** @type {{at_ms: number, health: Health}[]} What was told of the servers, oldest first. */
    this.healths = [];
    /** @type {{at_ms: number, holds: Holds}[]} */
    this.held = [];
    /** @type {Read|null} */
    this.read = null;
    /** @type {Health} */
    this.health = {};
    /** @type {Holds} */
    this.holds = {};
    /** What is switched in the lab, by process. @type {import("../facts/status.js").Switches} */
    this.switches = {};
    /** How far the burst is, or the last one was. @type {Burst|null} */
    this.burst = null;
    /** @type {Truths|null} */
    this.truths = null;
    /** @type {Probe[]} Oldest first. */
    this.probes = [];
    /** How often web reads; null until it has said so. @type {number|null} */
    this.poll_interval_ms = null;
    /** Where each process can be reached; null until web has said so. @type {Record<string, number>|null} */
    this.ports = null;
    /** Whether this page hears of anything new. */
    this.isConnected = false;
    /** The run of a file that is shown instead of the stack; null where it is the stack. @type {Run|null} */
    this.run = null;
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

  /**
   * Takes in journeys from before those that are held, as far as there is room.
   * @param {Journey[]} journeys Oldest first.
   */
  mergeOlder(journeys) {
    const newer = [...this.journeys];
    const older = journeys.filter(({ event_id }) => !this.journeys.has(event_id));
    const room = Math.max(0, this.limit - newer.length);
    this.journeys.clear();
    if (room) this.mergeJourneys(older.slice(-room));
    for (const [event_id, journey] of newer) this.journeys.set(event_id, journey);
    this.isOrdered = false;
  }

  /** @param {Read|null} read */
  setRead(read) {
    this.read = read;
    this.#tell("read");
  }

  /**
   * @param {Health} health
   * @param {number} at_ms Epoch, when it was told.
   */
  setHealth(health, at_ms) {
    this.health = health ?? {};
    keep(this.healths, { at_ms, health: this.health }, this.keep_ms);
    this.#tell("health");
  }

  /**
   * @param {Holds} holds
   * @param {number} at_ms Epoch, when it was told.
   */
  setHolds(holds, at_ms) {
    this.holds = holds ?? {};
    keep(this.held, { at_ms, holds: this.holds }, this.keep_ms);
    this.#tell("holds");
  }

  /** @param {Burst|null} burst */
  setBurst(burst) {
    this.burst = burst ?? null;
    this.#tell("burst");
  }

  /** @param {import("../facts/status.js").Switches} switches */
  setSwitches(switches) {
    this.switches = switches ?? {};
    this.#tell("switches");
  }

  /**
   * How the servers were at a moment, as last told before it; nothing where nothing was told yet.
   * @param {number} at_ms Epoch.
   * @returns {Health}
   */
  healthAt(at_ms) {
    return this.healths.findLast((told) => told.at_ms <= at_ms)?.health ?? {};
  }

  /**
   * What stores and queue held at a moment, as last told before it.
   * @param {number} at_ms Epoch.
   * @returns {Holds}
   */
  holdsAt(at_ms) {
    return this.held.findLast((told) => told.at_ms <= at_ms)?.holds ?? {};
  }

  /**
   * Every hop that is held, in true order: by its time, whichever journey it belongs to.
   * @returns {readonly Hop[]}
   */
  inOrder() {
    if (!this.isOrdered) {
      this.hops = this.hops.filter(({ event_id }) => this.journeys.has(event_id));
      this.hops.sort((a, b) => a.at_ms - b.at_ms || (a.event_id < b.event_id ? -1 : 1));
      this.isOrdered = true;
    }
    return this.hops;
  }

  /**
   * Since when reads have shown the event's state, or a later one of the same todo.
   * @param {Journey} journey
   * @returns {number|null} Epoch; null where no read is known to have shown it.
   */
  readableSince({ todo_id, version }) {
    if (todo_id === null || version === null) return null;
    let since_ms = Infinity;
    for (const seen of this.seen.get(todo_id) ?? []) {
      if (seen.version >= version) since_ms = Math.min(since_ms, seen.at_ms);
    }
    return since_ms === Infinity ? null : since_ms;
  }

  /**
   * Takes in what both stores answered, asked at the same moment.
   * @param {Truths|null} truths
   */
  setTruths(truths) {
    this.truths = truths;
    this.#tell("truths");
  }

  /**
   * Takes in what was told before, as a page is told that joins or comes back.
   * @param {Sample[]} health
   * @param {Sample[]} holds
   */
  setPast(health, holds) {
    const before = (/** @type {Sample[]} */ [first]) => (/** @type {{at_ms: number}} */ { at_ms }) => at_ms < (first?.at_ms ?? Infinity);
    this.healths = [...this.healths.filter(before(health)), ...health.map(({ at_ms, told }) => ({ at_ms, health: told }))];
    this.held = [...this.held.filter(before(holds)), ...holds.map(({ at_ms, told }) => ({ at_ms, holds: told }))];
  }

  /** @param {Probe[]} probes */
  setProbes(probes) {
    this.probes = [];
    this.addProbes(probes);
  }

  /** @param {Probe[]} probes */
  addProbes(probes) {
    this.probes.push(...probes);
    if (!this.run) this.probes.splice(0, this.probes.length - PROBES);
    this.#tell("probes");
  }

  /** @param {Record<string, number>} ports By process. */
  setPorts(ports) {
    this.ports = ports;
    this.#tell("ports");
  }

  /** @param {boolean} isConnected */
  setConnected(isConnected) {
    this.isConnected = isConnected;
    this.#tell("connection");
  }

  /** @param {number} interval_ms */
  setPoll(interval_ms) {
    this.poll_interval_ms = interval_ms;
    this.#tell("poll");
  }

  /**
   * Forgets everything and takes in a run that was kept in a file.
   * @param {Run} run
   */
  open(run) {
    this.journeys.clear();
    this.known.clear();
    this.seenVersions.clear();
    this.seen.clear();
    Object.assign(this, {
      run, truths: null, health: {}, holds: {}, probes: [], healths: [], held: [], hops: [],
    });
    this.setPast(run.health, run.holds);
    this.setRead(run.reads.at(-1) ?? null);
    this.addProbes(run.probes);
    this.mergeJourneys(run.journeys);
    this.#tell("run");
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
    for (const name of KNOWN) {
      const value = hop[name];
      if (journey[name] === null && value !== undefined && value !== null) {
        Object.assign(journey, { [name]: value });
      }
    }
    if (hop.at_ms < (this.hops.at(-1)?.at_ms ?? 0)) this.isOrdered = false;
    this.hops.push(hop);
    journey.hops.push(hop);
    journey.hops.sort((a, b) => a.at_ms - b.at_ms || (a.span_id < b.span_id ? -1 : 1));
    this.#noteSeen(journey);
    return true;
  }

  /** @param {Journey} journey */
  #noteSeen({ todo_id, version, hops }) {
    if (todo_id === null || version === null) return;
    const seen = hops.find(({ hop }) => hop === "seen");
    if (!seen) return;
    const times = (this.seen.get(todo_id) ?? []).filter((each) => each.version !== version);
    this.seen.set(todo_id, [...times, { version, at_ms: seen.at_ms }]);
    this.seenVersions.set(todo_id, Math.max(version, this.seenVersions.get(todo_id) ?? 0));
  }

  #letGo() {
    if (this.journeys.size <= this.limit) return;
    for (const event_id of this.journeys.keys()) {
      if (this.journeys.size <= this.limit) return;
      this.journeys.delete(event_id);
      this.known.delete(event_id);
      this.isOrdered = false;
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
 * Adds what was told to what is kept, and lets go of what is older than that.
 * @template {{at_ms: number}} T
 * @param {T[]} kept
 * @param {T} told
 * @param {number} keep_ms
 */
function keep(kept, told, keep_ms) {
  kept.push(told);
  const old = kept.findIndex(({ at_ms }) => at_ms >= told.at_ms - keep_ms);
  if (old > 0) kept.splice(0, old);
}

/** @param {Journey} journey */
function known({ event_id, trace_id, type, todo_id, version, title, completed }) {
  return { event_id, trace_id, type, todo_id, version, title, completed };
}
