// @ts-check
/**
 * The journal: what happened. It has every journey that this page has heard of, the last read, and the
 * state and contents of the processes. Pure: no DOM, no network, no clock. Only the wire writes it;
 * everything else reads it and listens for its changes.
 *
 * News may come in any order and any number of times: the journal ends up the same. Everything that it
 * keeps is bounded.
 */
import { Direct } from "./direct.js";
import { Firings } from "./firings.js";
import { HISTORY_MS, Told } from "./history.js";
import { Journeys, MOST_JOURNEYS, newsOf } from "./journeys.js";
import { logIn } from "./log.js";
import { withLastAnswers } from "./truths.js";

/** @typedef {import("./types.js").Burst} Burst */
/** @typedef {import("./types.js").Firing} Firing */
/** @typedef {import("./types.js").Health} Health */
/** @typedef {import("./types.js").Holds} Holds */
/** @typedef {import("./types.js").Hop} Hop */
/** @typedef {import("./types.js").Journey} Journey */
/** @typedef {import("./types.js").News} News */
/** @typedef {import("./types.js").Probe} Probe */
/** @typedef {import("./types.js").Read} Read */
/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Switches} Switches */
/** @typedef {import("./types.js").Truths} Truths */

/** How many probe reads are kept, which is as many as web sends to a page that joins. */
const MOST_PROBES = 1000;

export class Journal extends EventTarget {
  /**
   * @param {object} [options]
   * @param {number} [options.limit] How many journeys are kept; the oldest are let go.
   * @param {number} [options.keep_ms] How long the past of the processes is kept.
   */
  constructor({ limit = MOST_JOURNEYS, keep_ms = HISTORY_MS } = {}) {
    super();
    this.kept = new Journeys(limit);
    this.fired = new Firings();
    this.direct = new Direct();
    this.told = new Told(keep_ms);
    /** @type {Read|null} */
    this.read = null;
    /** @type {Burst|null} The one that is under way, or the last one. */
    this.burst = null;
    /** @type {Truths|null} */
    this.truths = null;
    /** @type {Probe[]} Oldest first. */
    this.probes = [];
    /** How often web reads; null until it has said so. @type {number|null} */
    this.poll_interval_ms = null;
    /** Where each process can be reached; null until web has said so. @type {Record<string, number>|null} */
    this.ports = null;
    /** Whether there is a lab to ask; null until web has said so. @type {boolean|null} */
    this.lab = null;
    /** By how much the time of day is ahead of all times here, which never jump. */
    this.day_ahead_ms = 0;
    /** The name of the stack's log of events: null if that is empty. @type {string|null|undefined} */
    this.log = undefined;
    /** Whether news still reaches this page. */
    this.isConnected = false;
    /** The run of a file that is shown instead of the stack; null where it is the stack. @type {Run|null} */
    this.run = null;
  }

  /** How many journeys are kept. */
  get limit() {
    return this.kept.limit;
  }

  /** In the order in which they were first heard of. @returns {ReadonlyMap<string, Journey>} */
  get journeys() {
    return this.kept.byId;
  }

  /**
   * Every kept hop in true order: by time, whichever journey it belongs to.
   * @returns {readonly Hop[]}
   */
  inOrder() {
    return this.kept.inOrder();
  }

  /** What the lab's switches did, by when that began; a new list whenever something new is known. */
  get firings() {
    return this.fired.inOrder();
  }

  /**
   * When reads first showed an event's state, or a later state of the same todo.
   * @param {Pick<Journey, "todo_id"|"version">} journey
   * @returns {number|undefined} Epoch; undefined if no read is known to have shown it.
   */
  shownSince(journey) {
    return this.kept.shownSince(journey);
  }

  /**
   * Takes in news of journeys. Emits `hops` with the event ids of the journeys that changed.
   * @param {News[]} news
   * @param {number} [told_ms] Epoch, when web sent it; if that is not known, any other news outweighs it.
   * @returns {Set<string>} Those event ids.
   */
  merge(news, told_ms = -Infinity) {
    const changed = this.kept.take(news, told_ms);
    for (const event_id of changed) this.direct.note(this.kept.byId.get(event_id));
    return this.#tellOf(changed);
  }

  /**
   * Takes in whole journeys, as web sends them to a page that joins.
   * @param {Journey[]} journeys Oldest first.
   * @param {number} [told_ms] Epoch, when web sent them.
   * @returns {Set<string>} The event ids of the journeys that changed.
   */
  mergeJourneys(journeys, told_ms) {
    return this.merge(newsOf(journeys), told_ms);
  }

  /**
   * Takes in journeys from before those that are kept, as far as there is room.
   * @param {Journey[]} journeys Oldest first.
   * @param {number} [told_ms] Epoch, when web sent them.
   */
  mergeOlder(journeys, told_ms = -Infinity) {
    this.#tellOf(this.kept.takeOlder(journeys, told_ms));
  }

  /** Takes in what the lab's switches did. Emits `firings` if anything is new. @param {Iterable<Firing>} firings */
  mergeFirings(firings) {
    const news = [...firings];
    if (!this.fired.take(news)) return;
    this.direct.take(news, this.kept.byId.values());
    this.#tell("firings");
  }

  /** @param {Read|null} read */
  setRead(read) {
    this.read = read;
    this.#tell("read");
  }

  /**
   * @param {Health} health
   * @param {number} at_ms Epoch, when it was said.
   */
  setHealth(health, at_ms) {
    this.told.health.add(at_ms, health ?? {});
    this.#tell("health");
  }

  /**
   * @param {Holds} holds
   * @param {number} at_ms Epoch, when it was said.
   */
  setHolds(holds, at_ms) {
    this.#noteLog(logIn(holds));
    this.told.holds.add(at_ms, holds ?? {});
    this.#tell("holds");
  }

  /**
   * @param {Switches} switches
   * @param {number} at_ms Epoch, when it was said.
   */
  setSwitches(switches, at_ms) {
    this.told.switches.add(at_ms, switches ?? {});
    this.#tell("switches");
  }

  /** @param {Burst|null} burst */
  setBurst(burst) {
    this.burst = burst ?? null;
    this.#tell("burst");
  }

  /** Takes in the answers of both stores, which were asked at the same moment. @param {Truths|null} truths */
  setTruths(truths) {
    this.truths = withLastAnswers(this.truths, truths);
    this.#tell("truths");
  }

  /** @param {Probe[]} probes */
  setProbes(probes) {
    this.probes = [];
    this.addProbes(probes);
  }

  /** @param {Probe[]} probes */
  addProbes(probes) {
    this.probes.push(...probes);
    if (!this.run) this.probes.splice(0, this.probes.length - MOST_PROBES);
    this.#tell("probes");
  }

  /** @param {Record<string, number>} ports By process. */
  setPorts(ports) {
    this.ports = ports;
    this.#tell("ports");
  }

  /**
   * Takes in that the clock of web's machine was set.
   * @param {number} day_ahead_ms By how much the time of day is now ahead of the times here.
   * @param {number} [changed_by_ms] By how much it was set; 0 if that was before this page joined.
   */
  setClock(day_ahead_ms, changed_by_ms = 0) {
    this.day_ahead_ms = day_ahead_ms;
    if (changed_by_ms) this.#tell("clock", changed_by_ms);
  }

  /**
   * The time of day at a moment, by the clock of web's machine as it is set now.
   * @param {number} at_ms Epoch.
   */
  timeOfDay(at_ms) {
    return at_ms + this.day_ahead_ms;
  }

  /**
   * Forgets what lies after a moment: it was told by a web that had another time.
   * @param {number} at_ms Epoch.
   */
  forgetAfter(at_ms) {
    this.kept.forgetAfter(at_ms);
    this.fired.forgetAfter(at_ms);
    this.told.forgetAfter(at_ms);
    this.truths = null;
  }

  /** @param {boolean} lab */
  setLab(lab) {
    this.lab = lab;
    this.#tell("lab");
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

  /** Forgets everything and takes in a run from a file. @param {Run} run */
  open(run) {
    this.kept.clear();
    this.fired.clear();
    this.direct.clear();
    this.run = run;
    this.day_ahead_ms = run.day_ahead_ms ?? 0;
    this.truths = null;
    this.probes = [];
    this.told.clear();
    this.told.takePast(run);
    this.setBurst(null);
    this.setRead(run.reads.at(-1) ?? null);
    this.addProbes(run.probes);
    this.mergeFirings(run.firings);
    this.mergeJourneys(run.journeys);
    this.#tell("run");
  }

  /**
   * If the stack has begun another log, what happened in the last one is no past of this one: the same
   * ids mean other todos.
   * @param {string|null|undefined} log
   */
  #noteLog(log) {
    if (log === undefined || log === this.log) return;
    const last = this.told.holds.samples.findLast(({ told }) => logIn(told) === this.log);
    if (this.log && last) {
      this.kept.forgetUntil(last.at_ms);
      this.fired.forgetUntil(last.at_ms);
    }
    this.log = log;
    this.#tell("log");
  }

  /** @param {Set<string>} changed */
  #tellOf(changed) {
    if (changed.size) this.#tell("hops", changed);
    return changed;
  }

  /**
   * @param {string} what
   * @param {unknown} [detail]
   */
  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}
