// @ts-check
/**
 * The journeys that are kept, however the page learnt of them: news may come in any order and any number
 * of times, and the journeys end up the same. Pure.
 */
import { beganAt, compared, inTrueOrder, known, unknownJourney } from "./journey.js";
import { Sights } from "./sights.js";
import { KNOWN } from "./types.js";

/** @typedef {import("./types.js").Hop} Hop */
/** @typedef {import("./types.js").Journey} Journey */
/** @typedef {import("./types.js").News} News */
/** @typedef {{told_ms: number, seen: Hop|null}} Word Web's last word on whether a read has shown an event. */

/** How many journeys the page keeps, which is as many as web does. */
export const MOST_JOURNEYS = 5000;

export class Journeys {
  /** @param {number} [limit] How many are kept; the oldest are let go. */
  constructor(limit = MOST_JOURNEYS) {
    this.limit = limit;
    /** @type {Map<string, Journey>} In the order in which the page first heard of them. */
    this.byId = new Map();
    /** @type {Hop[]} Of all journeys; in true order if `isOrdered`. */
    this.hops = [];
    this.isOrdered = true;
    /** How many of these hops belong to journeys that were let go. */
    this.gone = 0;
    this.sights = new Sights();
    /** @type {WeakMap<Journey, Word>} */
    this.words = new WeakMap();
  }

  /**
   * @param {Iterable<News>} news
   * @param {number} told_ms Epoch, when web sent it; -Infinity if that is not known.
   * @returns {Set<string>} The event ids of the journeys that changed.
   */
  take(news, told_ms) {
    const changed = this.#takeAll(news, told_ms);
    this.#letGo();
    return changed;
  }

  /**
   * Takes in whole journeys from before those that are kept, as far as there is room.
   * @param {Journey[]} journeys Oldest first.
   * @param {number} told_ms Epoch.
   * @returns {Set<string>} The event ids of the journeys that changed.
   */
  takeOlder(journeys, told_ms) {
    const newer = [...this.byId];
    const older = journeys.filter(({ event_id }) => !this.byId.has(event_id));
    const room = Math.max(0, this.limit - newer.length);
    const changed = this.#takeAll(newsOf(room ? older.slice(-room) : []), told_ms);
    const taken = [...this.byId].slice(newer.length);
    this.byId.clear();
    for (const [event_id, journey] of [...taken, ...newer]) this.byId.set(event_id, journey);
    return changed;
  }

  /**
   * Every kept hop in true order: by time, whichever journey it belongs to.
   * @returns {readonly Hop[]}
   */
  inOrder() {
    if (!this.isOrdered || this.gone) {
      this.#dropGone();
      this.hops.sort((a, b) => a.at_ms - b.at_ms || compared(a.event_id, b.event_id) || inTrueOrder(a, b));
      this.isOrdered = true;
    }
    return this.hops;
  }

  /**
   * When reads first showed the event's state, or a later state of the same todo.
   * @param {Pick<Journey, "todo_id"|"version">} journey
   * @returns {number|undefined} Epoch; undefined if no read is known to have shown it.
   */
  shownSince(journey) {
    return this.sights.since(journey);
  }

  /**
   * Forgets each journey of which anything lies after a moment.
   * @param {number} at_ms Epoch.
   */
  forgetAfter(at_ms) {
    for (const journey of this.byId.values()) if (journey.hops.some((hop) => hop.at_ms > at_ms)) this.#drop(journey);
  }

  /**
   * Forgets each journey that had begun by a moment.
   * @param {number} at_ms Epoch.
   */
  forgetUntil(at_ms) {
    for (const journey of this.byId.values()) if ((beganAt(journey) ?? at_ms) <= at_ms) this.#drop(journey);
  }

  clear() {
    this.byId.clear();
    this.sights.clear();
    this.hops = [];
    this.gone = 0;
    this.isOrdered = true;
  }

  /**
   * @param {Iterable<News>} news
   * @param {number} told_ms
   */
  #takeAll(news, told_ms) {
    /** @type {Set<string>} */
    const changed = new Set();
    for (const each of news) {
      const journey = this.byId.get(each.event_id) ?? unknownJourney(each.event_id);
      this.byId.set(journey.event_id, journey);
      if (!this.#takeOne(journey, each, told_ms)) continue;
      this.sights.note(journey);
      changed.add(journey.event_id);
    }
    return changed;
  }

  /**
   * @param {Journey} journey
   * @param {News} news
   * @param {number} told_ms
   * @returns {boolean} Whether the journey has changed.
   */
  #takeOne(journey, news, told_ms) {
    const learnt = "withdrawn" in news ? false : learn(journey, news);
    if (news.hop === "seen") return this.#takeSeen(journey, "withdrawn" in news ? null : news, told_ms) || learnt;
    const hop = /** @type {Hop} */ (news);
    if (journey.hops.some((each) => each.hop === hop.hop && each.span_id === hop.span_id)) return learnt;
    this.#add(journey, hop);
    return true;
  }

  /**
   * The newest word on `seen` counts, in whatever order the words arrive: web infers `seen`, and may find
   * later that another read was the first, or that none can be named.
   * @param {Journey} journey
   * @param {Hop|null} seen
   * @param {number} told_ms
   */
  #takeSeen(journey, seen, told_ms) {
    const word = this.words.get(journey);
    if (word && !isNewer({ told_ms, seen }, word)) return false;
    this.words.set(journey, { told_ms, seen });
    const before = journey.hops.find(({ hop }) => hop === "seen");
    if (!before && !seen) return false;
    if (before && before.at_ms === seen?.at_ms && before.start_ms === seen.start_ms) return false;
    if (before) this.#remove(journey, before);
    if (seen) this.#add(journey, seen);
    return true;
  }

  /**
   * @param {Journey} journey
   * @param {Hop} hop
   */
  #add(journey, hop) {
    if (hop.at_ms <= (this.hops.at(-1)?.at_ms ?? -Infinity)) this.isOrdered = false;
    this.hops.push(hop);
    journey.hops = journey.hops.toSpliced(journey.hops.findLastIndex((each) => inTrueOrder(each, hop) < 0) + 1, 0, hop);
  }

  /**
   * @param {Journey} journey
   * @param {Hop} hop
   */
  #remove(journey, hop) {
    this.hops.splice(this.hops.lastIndexOf(hop), 1);
    journey.hops = journey.hops.filter((each) => each !== hop);
  }

  #letGo() {
    for (const journey of this.byId.values()) {
      if (this.byId.size <= this.limit) break;
      this.#drop(journey);
    }
    if (this.gone > this.hops.length / 2) this.#dropGone();
  }

  /** @param {Journey} journey */
  #drop(journey) {
    this.byId.delete(journey.event_id);
    this.sights.letGo(journey);
    this.gone += journey.hops.length;
  }

  #dropGone() {
    if (this.gone) this.hops = this.hops.filter((hop) => this.byId.get(hop.event_id)?.hops.includes(hop));
    this.gone = 0;
  }
}

/**
 * Turns whole journeys into news. Each says everything that web knows, so one without `seen` takes back
 * any earlier `seen`.
 * @param {Journey[]} journeys
 * @returns {News[]}
 */
export function newsOf(journeys) {
  return journeys.flatMap((journey) => {
    const news = journey.hops.map((hop) => /** @type {News} */ ({ ...known(journey), ...hop }));
    if (news.some(({ hop }) => hop === "seen")) return news;
    return [...news, { event_id: journey.event_id, hop: "seen", withdrawn: true }];
  });
}

/**
 * @param {Journey} journey
 * @param {Hop} hop
 * @returns {boolean} Whether there was anything new.
 */
function learn(journey, hop) {
  let isNew = false;
  for (const name of KNOWN) {
    const value = hop[name];
    if (journey[name] !== null || value === undefined || value === null) continue;
    Object.assign(journey, { [name]: value });
    isNew = true;
  }
  return isNew;
}

/**
 * @param {Word} word
 * @param {Word} before
 */
function isNewer(word, before) {
  if (word.told_ms !== before.told_ms) return word.told_ms > before.told_ms;
  return (word.seen?.at_ms ?? -Infinity) > (before.seen?.at_ms ?? -Infinity);
}
