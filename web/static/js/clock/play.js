// @ts-check
/**
 * A play: one journey, played out leg by leg as its hops come in. Pure: the time is passed in. While the
 * next hop is not known, the mark waits and shows the present time.
 */
import { ENDS, STEPS } from "../journal/hops.js";
import { beganAt, hopOf, identityOf } from "../journal/journey.js";
import { itinerary, legBetween } from "../journal/path.js";
import { GRACE_MS, MOVE_MS, shownFor } from "./rule.js";
import { shownOf } from "./shown.js";

/** @typedef {import("../journal/types.js").Hop} Hop */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/hops.js").Place} Place */
/** @typedef {import("./rule.js").Rule} Rule */
/** @typedef {import("./shown.js").Shown} Shown */
/**
 * @typedef {object} Now
 * @property {number} now_ms The page's clock.
 * @property {number} live_ms Epoch, the true moment.
 * @property {Rule} rule
 * @property {import("../journal/injected.js").Injected} [injected] What the lab has injected.
 */

/**
 * @typedef {object} Leg
 * @property {Hop} hop The hop that ends it.
 * @property {Place} from
 * @property {Place} to
 * @property {string} span
 * @property {number} from_ms Epoch, the moment shown at its beginning.
 * @property {number} begin_ms On the page's clock.
 * @property {number} wait_ms Shown waiting at `from`.
 * @property {number} move_ms Shown moving to `to`.
 * @property {import("./rule.js").Pace|null} pace Null if it is not known how long it truly took.
 */

export class Play {
  /**
   * @param {Journey} journey
   * @param {number} now_ms The page's clock.
   */
  constructor(journey, now_ms) {
    this.journey = journey;
    /** When this page first heard of the journey, on its clock. */
    this.heard_ms = now_ms;
    /** @type {Leg[]} */
    this.legs = [];
    /** The pace of each stretch that has a leg, by its name. @type {Map<string, import("./rule.js").Pace>} */
    this.paces = new Map();
    /** The identities of the hops that have a leg, or never will. @type {Set<string>} */
    this.taken = new Set();
    /** When this page learnt of each hop, on its own clock, by the hop's identity. @type {Map<string, number>} */
    this.known_ms = new Map();
    /** When the mark came to the end of its way, on the page's clock. @type {number|null} */
    this.over_ms = null;
    /** What was shown last, in case it is asked for again. @type {{now_ms: number, shown: Shown}|null} */
    this.last = null;
    this.learn(now_ms);
  }

  /**
   * Takes in any new hops of its journey.
   * @param {number} now_ms
   */
  learn(now_ms) {
    this.last = null;
    const hops = new Map(itinerary(this.journey).map((hop) => [identityOf(hop), hop]));
    for (const identity of hops.keys()) {
      if (!this.known_ms.has(identity)) this.known_ms.set(identity, now_ms);
    }
    // A hop that has been corrected since.
    for (const leg of this.legs) leg.hop = hops.get(identityOf(leg.hop)) ?? leg.hop;
    if (this.#next()) this.over_ms = null;
  }

  /**
   * Puts the mark where the journey is now; what happened before is not played.
   * @param {number} now_ms
   * @param {number} count How many of its hops are in the past.
   */
  stand(now_ms, count) {
    const hops = itinerary(this.journey).slice(0, count);
    const last = hops.at(-1);
    if (!last) return;
    for (const hop of hops) this.taken.add(identityOf(hop));
    const { to, span } = STEPS[last.hop];
    this.legs.push({
      hop: last, from: to, to, span, from_ms: last.at_ms, begin_ms: now_ms, wait_ms: 0, move_ms: 0, pace: null,
    });
    if (ENDS.has(last.hop) && !this.#next()) this.over_ms = now_ms;
  }

  /**
   * Moves on through the hops that are known and due.
   * @param {Now} now
   * @param {(journey: Journey) => boolean} isOver Whether nothing more is expected of a journey.
   */
  advance(now, isOver) {
    const { now_ms } = now;
    this.last = null;
    while (this.over_ms === null) {
      const end_ms = this.#end();
      if (now_ms < end_ms) return;
      const next = this.#next();
      if (!next) {
        if (isOver(this.journey)) this.over_ms = Math.max(end_ms, now_ms);
        return;
      }
      const known_ms = this.known_ms.get(identityOf(next)) ?? now_ms;
      const begin_ms = Math.max(end_ms, known_ms + (this.#isExpected(next) ? 0 : GRACE_MS));
      if (now_ms < begin_ms) return;
      this.#go(this.#plan(next, begin_ms, now));
      if (ENDS.has(next.hop)) this.over_ms = this.#end();
    }
  }

  /**
   * What there is to see now.
   * @param {Now} now
   * @returns {Shown}
   */
  show(now) {
    if (this.last?.now_ms !== now.now_ms) this.last = { now_ms: now.now_ms, shown: this.#show(now) };
    return this.last.shown;
  }

  /** @param {Now} now */
  #show(now) {
    const { journey } = this;
    const leg = this.legs.at(-1);
    if (!leg) return shownOf({ journey, last: null, at_ms: beganAt(journey) ?? now.live_ms });
    const known = {
      journey, paces: this.paces,
      redelivered: this.legs.some(({ hop }) => hop.redelivered === true),
    };
    if (now.now_ms >= this.#end()) return shownOf({ ...known, ...this.#standing(leg, now) });
    return shownOf({ ...known, ...moving(leg, now.now_ms), last: this.legs.at(-2)?.hop ?? null });
  }

  /**
   * @param {Leg} leg
   * @param {Now} now
   */
  #standing({ hop }, { now_ms, live_ms, rule }) {
    const over = this.over_ms !== null && now_ms >= this.over_ms;
    if (over) return { last: hop, over, at_ms: hop.at_ms };
    const next = this.#next();
    const idle_ms = now_ms - this.#end();
    const atEdge = !next && idle_ms > GRACE_MS;
    const at_ms = atEdge ? live_ms : next && this.#cameAtEdge(next) ? next.at_ms : hop.at_ms + idle_ms / rule.stretch;
    return { last: hop, over, atEdge, at_ms: Math.max(hop.at_ms, Math.min(at_ms, live_ms)) };
  }

  /**
   * Whether the mark was waiting for what had not happened yet when the news of this hop came.
   * @param {Hop} next
   */
  #cameAtEdge(next) {
    return (this.known_ms.get(identityOf(next)) ?? 0) - this.#end() > GRACE_MS;
  }

  /** When everything planned will have been shown, on the page's clock. */
  #end() {
    const leg = this.legs.at(-1);
    return leg ? leg.begin_ms + leg.wait_ms + leg.move_ms : this.heard_ms;
  }

  /**
   * The next of the known hops. A hop that turns out to lie before what has been shown is skipped: a mark
   * does not go back in time.
   * @returns {Hop|undefined}
   */
  #next() {
    const hops = itinerary(this.journey);
    return hops[hops.findLastIndex((hop) => this.taken.has(identityOf(hop))) + 1];
  }

  /**
   * Whether nothing is missing between the last hop shown and this one.
   * @param {Hop} next
   */
  #isExpected(next) {
    const last = this.legs.at(-1)?.hop;
    if (!last) return next.hop === "received";
    if (STEPS[last.hop].to === STEPS[next.hop].from) return true;
    // Delivered before the confirm came back: the mark goes through the queue in one move.
    return next.hop === "delivered" && hopOf(this.journey, "confirmed") !== undefined;
  }

  /** @param {Leg} leg */
  #go(leg) {
    this.legs.push(leg);
    this.taken.add(identityOf(leg.hop));
    if (leg.pace) this.paces.set(leg.span, leg.pace);
  }

  /**
   * @param {Hop} hop
   * @param {number} begin_ms On the page's clock.
   * @param {Now} now
   * @returns {Leg}
   */
  #plan(hop, begin_ms, { now_ms, live_ms, rule, injected }) {
    const last = this.legs.at(-1)?.hop ?? null;
    const { from, to, span, waits } = legBetween(last, hop);
    const true_ms = last ? Math.max(0, hop.at_ms - last.at_ms) : 0;
    const waited_ms = Math.max(0, begin_ms - this.#end());
    const happened_ms = hop.at_ms + now_ms - live_ms;
    const { shown_ms, pace } = shownFor(true_ms, rule, { waited_ms, late_ms: begin_ms - happened_ms });
    // A mark that was held up waits, too, and moves for as long as was natural.
    const held_ms = last && !waits ? injected?.within(this.journey, span, last.at_ms, hop.at_ms) ?? 0 : 0;
    const least_ms = Math.min(shown_ms, MOVE_MS);
    const move_ms = waits || !last ? least_ms : Math.max(least_ms, shown_ms * (1 - held_ms / (true_ms || 1)));
    // Where the mark waited for what had not happened yet, the present was shown.
    const from_ms = !last || this.#cameAtEdge(hop) ? hop.at_ms : Math.min(hop.at_ms, last.at_ms + waited_ms / rule.stretch);
    return { hop, from, to, span, from_ms, begin_ms, move_ms, wait_ms: shown_ms - move_ms, pace: last && pace };
  }
}

/**
 * @param {Leg} leg
 * @param {number} now_ms
 */
function moving({ hop, from, to, span, from_ms, begin_ms, wait_ms, move_ms }, now_ms) {
  const elapsed_ms = now_ms - begin_ms;
  const share = Math.max(0, elapsed_ms) / (wait_ms + move_ms);
  const progress = move_ms ? Math.min(1, Math.max(0, (elapsed_ms - wait_ms) / move_ms)) : 0;
  return { move: { hop, from, to, span, progress }, at_ms: from_ms + share * (hop.at_ms - from_ms) };
}
