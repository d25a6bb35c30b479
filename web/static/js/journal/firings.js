// @ts-check
/**
 * The firings that are kept: what the lab's switches did, where and when. News of them may come in any order
 * and any number of times, and the firings end up the same. Pure.
 */

import { compared } from "./journey.js";

/** @typedef {import("./types.js").Firing} Firing */
/** @typedef {import("./types.js").Journey} Journey */

/** How many firings the page keeps, which is as many as web does. */
export const MOST_FIRINGS = 5000;
/** Every switch ends by itself within that: a firing of which nothing more is heard has ended, too. */
export const LONGEST_MS = 600_000;
/** The switches that end a process, and whatever it was doing. */
export const ENDS_PROCESS = new Set(["crash", "kill", "stop"]);

export class Firings {
  /** @param {number} [limit] How many are kept; those that began first are let go. */
  constructor(limit = MOST_FIRINGS) {
    this.limit = limit;
    /** @type {Map<string, Firing>} */
    this.byId = new Map();
    /** A new list whenever something new is known, oldest first. @type {readonly Firing[]|null} */
    this.list = [];
  }

  /**
   * @param {Iterable<Firing>} news
   * @returns {boolean} Whether anything is new.
   */
  take(news) {
    let isNew = false;
    for (const each of news) {
      const before = this.byId.get(each.id);
      const after = before ? merged(before, each) : each;
      if (before && same(before, after)) continue;
      this.byId.set(each.id, after);
      isNew = true;
    }
    if (!isNew) return false;
    this.list = null;
    const surplus = this.byId.size - this.limit;
    if (surplus > 0) {
      const first = this.inOrder()[surplus];
      this.#keep((firing) => inOrder(first, firing) <= 0);
    }
    return true;
  }

  /**
   * All firings, by when they began.
   * @returns {readonly Firing[]}
   */
  inOrder() {
    this.list ??= [...this.byId.values()].sort(inOrder);
    return this.list;
  }

  /**
   * Forgets what began after a moment.
   * @param {number} at_ms Epoch.
   */
  forgetAfter(at_ms) {
    this.#keep(({ began_ms }) => began_ms <= at_ms);
  }

  /**
   * Forgets what had begun by a moment.
   * @param {number} at_ms Epoch.
   */
  forgetUntil(at_ms) {
    this.#keep(({ began_ms }) => began_ms > at_ms);
  }

  clear() {
    this.#keep(() => false);
  }

  /** @param {(firing: Firing) => boolean} isKept */
  #keep(isKept) {
    this.list = this.inOrder().filter(isKept);
    this.byId = new Map(this.list.map((firing) => [firing.id, firing]));
  }
}

/**
 * @param {Firing} a
 * @param {Firing} b
 */
function inOrder(a, b) {
  return a.began_ms - b.began_ms || compared(a.id, b.id);
}

/**
 * What is known of a firing, once another message about it has come.
 * @param {Firing} before
 * @param {Firing} news
 * @returns {Firing}
 */
function merged(before, news) {
  return { ...news, ...before, ...overOf(before, news), began_ms: Math.min(before.began_ms, news.began_ms) };
}

/**
 * When it was over: what a process told itself outweighs its signs of life, of which the first counts.
 * @param {Firing} a
 * @param {Firing} b
 * @returns {Pick<Firing, "over_ms"|"ended">}
 */
function overOf(a, b) {
  const [first, second] = [a, b].sort((one, other) => weightOf(one) - weightOf(other) || over(one) - over(other));
  const { over_ms, ended } = weightOf(first) === 0 && weightOf(second) === 0 ? second : first;
  return over_ms === undefined ? {} : { over_ms, ended };
}

/** @param {Firing} firing */
function weightOf({ over_ms, ended }) {
  if (over_ms === undefined) return 2;
  return ended === "told" ? 0 : 1;
}

/** @param {Firing} firing */
function over({ over_ms }) {
  return over_ms ?? Infinity;
}

/**
 * @param {Firing} a
 * @param {Firing} b
 */
function same(a, b) {
  const names = /** @type {(keyof Firing)[]} */ (Object.keys(b));
  return names.every((name) => a[name] === b[name]);
}

/**
 * Until when each firing acts, as far as is known. One that is not known to be over acts until its process is
 * ended by another, and never for longer than a switch may be on.
 * @param {readonly Firing[]} firings Oldest first.
 * @returns {Map<Firing, number>} Epoch.
 */
export function endsOf(firings) {
  /** @type {Map<Firing, number>} */
  const ends = new Map();
  /** By place, the last crash, looking back. @type {Map<string, number>} */
  const crashed = new Map();
  for (const firing of firings.toReversed()) {
    const { place, began_ms, over_ms, fault } = firing;
    ends.set(firing, over_ms ?? Math.min(began_ms + LONGEST_MS, crashed.get(place) ?? Infinity));
    if (ENDS_PROCESS.has(fault)) crashed.set(place, began_ms);
  }
  return ends;
}

/**
 * Whether a firing concerned a journey: its event, or its command where no event is named.
 * @param {Firing} firing
 * @param {Pick<Journey, "event_id"|"trace_id">} journey
 */
export function concerns({ event_id, trace_id }, journey) {
  if (event_id !== undefined) return event_id === journey.event_id;
  return trace_id !== undefined && trace_id === journey.trace_id;
}

/**
 * The line that acted, as "query_service/projector.py:142"; "" if it is not known.
 * @param {Firing} firing
 */
export function lineOf({ file, line }) {
  if (file === undefined) return "";
  return line === undefined ? file : `${file}:${line}`;
}
