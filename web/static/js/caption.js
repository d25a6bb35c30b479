// @ts-check
/** The middle of the loop: in words, where the newest event is, and what is wrong. Draws only. */
import { duration } from "./format.js";
import { keyed, make, one, say, set } from "./dom.js";
import { PLACES, hopOf, kindOf } from "./hops.js";
import { faults, reports } from "./nodes.js";

/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./journal.js").Journey} Journey */
/** @typedef {import("./clock.js").Clock} Clock */
/** @typedef {import("./clock.js").Shown} Shown */

export class Caption {
  /**
   * @param {ParentNode} root
   * @param {Journal} journal
   * @param {Clock} clock
   */
  constructor(root, journal, clock) {
    this.journal = journal;
    this.clock = clock;
    this.who = one(root, "caption-who");
    this.title = one(root, "caption-title");
    this.where = one(root, "caption-where");
    this.howLong = one(root, "caption-how-long");
    this.more = one(root, "caption-more");
    this.faults = one(root, "faults");
    /** @type {Journey|null} */
    this.last = null;
  }

  /** @param {number} now_ms */
  draw(now_ms) {
    const wrong = faults(reports(this.journal.health, this.journal.holds));
    keyed(this.faults, wrong, (fault) => fault, (fault) => make("li", { "data-fault": "" }, fault), () => {});
    const journey = this.#newest(now_ms);
    if (!journey) {
      say(this.who, "Nothing has travelled yet");
      say(this.title, "");
      say(this.where, "Add a todo, or send one from a terminal:");
      say(this.howLong, "");
      this.#code(`curl -X POST http://${location.hostname}:5001/todos -H "Content-Type: application/json" -d '{"title": "Learn CQRS"}'`);
      return;
    }
    const shown = this.clock.shown(journey.event_id, now_ms);
    say(this.who, `Todo ${journey.todo_id ?? "?"} ${kindOf(journey)}`);
    say(this.title, journey.title ?? "");
    const { where, before, figure, after } = wordsFor(journey, shown);
    say(this.where, where);
    this.#howLong(before, figure, after);
    set(this.howLong, "data-done", !shown || shown.over ? "" : null);
    say(this.more, this.#others());
  }

  /** @param {number} now_ms */
  #newest(now_ms) {
    const playing = [...this.clock.plays.values()]
      .map(({ journey }) => this.clock.shown(journey.event_id, now_ms))
      .filter((shown) => shown?.leg);
    const begun = (/** @type {Shown|null} */ shown) => shown?.journey.hops[0]?.at_ms ?? 0;
    const newest = playing.sort((a, b) => begun(a) - begun(b)).at(-1)?.journey;
    if (newest) this.last = newest;
    this.last ??= [...this.journal.journeys.values()].at(-1) ?? null;
    return this.last;
  }

  #others() {
    const { plays, undrawn, wentBy } = this.clock;
    if (undrawn.size + wentBy > 0) {
      const more = (undrawn.size + wentBy).toLocaleString("en-GB");
      return `${plays.size} events drawn, ${more} more that are not`;
    }
    return plays.size > 1 ? `${plays.size} events under way` : "";
  }

  /** @param {string} text */
  #code(text) {
    if (this.more.textContent !== text) this.more.replaceChildren(make("code", {}, text));
  }

  /**
   * @param {string} before
   * @param {string} figure
   * @param {string} after
   */
  #howLong(before, figure, after) {
    if (this.howLong.textContent === `${before}${figure}${after}`) return;
    this.howLong.replaceChildren(before, figure ? make("b", {}, figure) : "", after);
  }
}

/**
 * @param {Journey} journey
 * @param {Shown|null} shown
 * @returns {{where: string, before: string, figure: string, after: string}}
 */
function wordsFor(journey, shown) {
  const acknowledged = hopOf(journey, "acknowledged");
  const seen = hopOf(journey, "seen");
  const nothing = { before: "", figure: "", after: "" };
  if (shown && !shown.over) {
    const isMoving = shown.progress > 0 && shown.progress < 1;
    const where = isMoving ? MOVING[shown.to] : PLACES[shown.progress > 0 ? shown.to : shown.from];
    if (!acknowledged || shown.hop === null || shown.at_ms < acknowledged.at_ms) {
      return { ...nothing, where, before: "not acknowledged yet" };
    }
    const figure = duration(shown.at_ms - acknowledged.at_ms);
    return { where, before: "acknowledged, not readable for ", figure, after: "" };
  }
  if ((shown?.hop ?? journey.hops.at(-1)?.hop) === "dead-lettered") {
    return { ...nothing, where: "in the dead letters: not applied" };
  }
  if (seen && acknowledged) {
    const figure = duration(seen.at_ms - acknowledged.at_ms);
    return { where: "", before: "readable ", figure, after: " after it was acknowledged" };
  }
  if (hopOf(journey, "already-applied")) return { ...nothing, where: "applied before: no effect" };
  return { ...nothing, where: "in MongoDB" };
}

/** A mark that is on its way to a place, in words. @type {Readonly<Record<string, string>>} */
const MOVING = Object.freeze({
  "command-service": "on its way to the command service",
  "outbox": "being written, todo and event in one transaction",
  "relay": "picked up by the relay",
  "queue": "being published",
  "projector": "being delivered",
  "mongodb": "being projected",
  "browser": "a read shows it",
  "dead-letters": "being parked in the dead letters",
});
