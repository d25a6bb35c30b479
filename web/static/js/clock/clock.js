// @ts-check
/**
 * The clock: the playhead. It maps what truly happened to what is shown, and when. Pure: the time
 * is passed in, nothing is drawn here and nothing is awaited.
 *
 * The rule, for each stretch between two hops:
 *   shown = true duration × stretch, but at least `floor_ms`, so that an eye can follow, and at
 *   most `cap_ms`, so that nobody sits through a queue 300 times over.
 * A stretch that the rule does not show to scale says so (`pace`); the figures are always the true
 * ones. Where the next hop is not known, the mark waits, and the time shown is the time now.
 */
import { ENDS, SPAN_FROM, STEPS, hopOf, isConfirmed, itinerary, legBetween } from "../journal/hops.js";

/** @typedef {import("../journal/journal.js").Hop} Hop */
/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {import("../journal/hops.js").Place} Place */
/** @typedef {"to-scale"|"slower"|"faster"} Pace How a stretch is shown, against the stretch. */

/**
 * @typedef {object} Leg
 * @property {Hop} hop The hop that it ends with.
 * @property {Place} from
 * @property {Place} to
 * @property {string} span
 * @property {number|null} since_ms Epoch, the hop before; null where it is not known.
 * @property {number} begin_ms On the page's clock.
 * @property {number} wait_ms Shown waiting at `from`.
 * @property {number} move_ms Shown moving to `to`.
 * @property {Pace} pace
 */

/**
 * @typedef {object} Play
 * @property {Journey} journey
 * @property {Leg[]} legs
 * @property {Set<Hop>} taken The hops that have their leg, or never will.
 * @property {Map<Hop, number>} known_ms When this page learnt of each hop, on the page's clock.
 * @property {number} heard_ms When this page first heard of the journey, on the page's clock.
 * @property {{now_ms: number, shown: Shown}|null} last What was shown last, for those who ask again.
 * @property {number|null} over_ms When the mark came to the end of its way, on the page's clock.
 */

/**
 * @typedef {object} Shown What there is to see of a journey at one moment.
 * @property {Journey} journey
 * @property {string|null} hop The last hop that the mark has made.
 * @property {Place} from
 * @property {Place} to
 * @property {number} progress From 0, at `from`, to 1, at `to`.
 * @property {boolean} moving
 * @property {boolean} over Whether the mark has come to the end of its way.
 * @property {boolean} atEdge Whether it waits for something that has not happened yet.
 * @property {boolean} confirmed False in the relay, and in the queue until the broker has confirmed.
 * @property {boolean} redelivered
 * @property {number} at_ms Epoch: the true moment that is shown.
 * @property {Hop|null} last That hop.
 * @property {boolean} isFailing Whether it goes back, or aside.
 * @property {{span: string, true_ms: number, pace: Pace}|null} took The stretch that has just ended.
 * @property {Pace} pace How the stretch that is shown, or was last, is shown.
 * @property {string} span The stretch that is shown: a key of SPANS.
 * @property {number} order Epoch, when it came to where it stands: the order of a row.
 */

/**
 * @typedef {object} Scene What there is to see, of all journeys, at one moment.
 * @property {number} now_ms The page's clock.
 * @property {number} at_ms Epoch: the true moment; live, that of the journey furthest behind.
 * @property {"live"|"paused"|"playing"} mode
 * @property {boolean} isPast Whether it is one moment for all, out of the journal.
 * @property {Map<string, Shown>} shown By event id: those that are drawn.
 * @property {Shown[]} undrawn Those beyond the limit, where they truly are.
 * @property {number} wentBy How many more went by undrawn.
 * @property {number} behind_ms How far what is shown is behind live.
 */

/** The least and the most that a stretch is shown for, where it is not shown in real time. */
const FLOOR_MS = 450;
const CAP_MS = 2000;
/** How long the page waits for a hop that should have come before another, or for the first. */
const GRACE_MS = 600;
/** How long a mark stands where its way ended. */
const DWELL_MS = 900;
const MOVE_MS = 500;

export class Clock {
  /**
   * @param {object} [options]
   * @param {number} [options.stretch] How many times slower than it happened.
   * @param {number} [options.floor_ms] The least that a stretch is shown for.
   * @param {number} [options.cap_ms] The most that a stretch is shown for.
   * @param {number} [options.limit] How many marks are drawn at once.
   */
  constructor({ stretch = 300, floor_ms = FLOOR_MS, cap_ms = CAP_MS, limit = 60 } = {}) {
    this.stretch = stretch;
    this.floor_ms = floor_ms;
    this.cap_ms = cap_ms;
    this.limit = limit;
    /** The page's clock minus that of the server, as small as it was ever measured. */
    this.skew_ms = Infinity;
    /** @type {Map<string, Play>} */
    this.plays = new Map();
    /** @type {Map<string, Journey>} Under way, and more than are drawn. */
    this.undrawn = new Map();
    /** How many went by undrawn since marks were last at rest. */
    this.wentBy = 0;
    /** @type {Map<string, number>} Journeys whose way has been shown, or was over before this
     * page: how many of their hops that were. */
    this.past = new Map();
  }

  /**
   * Sets by how much time is stretched. Real time is real: there is no floor and no cap then.
   * @param {number} stretch
   */
  setStretch(stretch) {
    this.stretch = stretch;
    this.floor_ms = stretch === 1 ? 0 : FLOOR_MS;
    this.cap_ms = stretch === 1 ? Infinity : CAP_MS;
  }

  /** Forgets what is being played. */
  restart() {
    this.plays.clear();
    this.undrawn.clear();
    this.past.clear();
    this.wentBy = 0;
  }

  /**
   * Learns the server's clock from a message.
   * @param {number} server_ms Epoch, when the server sent it.
   * @param {number} now_ms The page's clock.
   */
  sync(server_ms, now_ms) {
    if (Number.isFinite(server_ms)) this.skew_ms = Math.min(this.skew_ms, now_ms - server_ms);
  }

  /**
   * The true moment now, on the server's clock.
   * @param {number} now_ms
   */
  live(now_ms) {
    return now_ms - (Number.isFinite(this.skew_ms) ? this.skew_ms : 0);
  }

  /**
   * Follows a journey from its beginning, as it is learnt hop by hop.
   * @param {Journey} journey
   * @param {number} now_ms
   */
  follow(journey, now_ms) {
    const play = this.plays.get(journey.event_id);
    if (play) {
      note(play, now_ms);
      if (play.over_ms !== null && goesOn(play)) play.over_ms = null;
      return;
    }
    const shown = this.past.get(journey.event_id);
    if (shown !== undefined) {
      // An event that is delivered again goes on from where it stood.
      if (goesFurther(journey, shown)) this.join(journey, now_ms, shown);
      return;
    }
    if (this.plays.size >= this.limit) {
      this.undrawn.set(journey.event_id, journey);
      return;
    }
    this.#start(journey, now_ms);
  }

  /**
   * Joins a journey where it stands now: what happened before is not played.
   * @param {Journey} journey
   * @param {number} now_ms
   * @param {number} [count] How many of its hops are in the past; all that are known, if not said.
   */
  join(journey, now_ms, count = Infinity) {
    if (this.plays.size >= this.limit) {
      this.undrawn.set(journey.event_id, journey);
      return;
    }
    const play = this.#start(journey, now_ms);
    const hops = itinerary(journey).slice(0, count);
    const last = hops.at(-1);
    if (!last) return;
    for (const hop of hops) play.taken.add(hop);
    const { to, span } = STEPS[last.hop];
    play.legs.push({
      hop: last, from: to, to, span, since_ms: null, begin_ms: now_ms, wait_ms: 0, move_ms: 0,
      pace: "to-scale",
    });
    if (ENDS.has(last.hop) && !goesOn(play)) play.over_ms = now_ms;
  }

  /**
   * Leaves a journey in the past: it is not played.
   * @param {Journey} journey
   */
  leave(journey) {
    this.past.set(journey.event_id, itinerary(journey).length);
  }

  /**
   * Brings every play up to a moment. A page that comes back from the background catches up here,
   * in one step.
   * @param {number} now_ms
   * @param {(journey: Journey) => boolean} isComplete Whether nothing more is expected of one.
   */
  advance(now_ms, isComplete) {
    for (const [event_id, play] of this.plays) {
      play.last = null;
      this.#advancePlay(play, now_ms, isComplete);
      if (play.over_ms !== null && now_ms >= play.over_ms + DWELL_MS) {
        this.plays.delete(event_id);
        this.leave(play.journey);
      }
    }
    for (const [event_id, journey] of this.undrawn) {
      if (isComplete(journey)) {
        this.undrawn.delete(event_id);
        this.leave(journey);
        this.wentBy += 1;
      } else if (this.plays.size < this.limit) {
        this.undrawn.delete(event_id);
        this.join(journey, now_ms);
      }
    }
    if (this.plays.size === 0) this.wentBy = 0;
  }

  /**
   * What there is to see now, of all journeys.
   * @param {number} now_ms
   * @returns {Scene}
   */
  scene(now_ms) {
    /** @type {Map<string, Shown>} */
    const shown = new Map();
    for (const [event_id, play] of this.plays) shown.set(event_id, this.#showOnce(play, now_ms));
    const undrawn = [...this.undrawn.values()].map((journey) => standing(journey, this.live(now_ms)));
    const behind_ms = this.behind(now_ms);
    return {
      now_ms, mode: "live", at_ms: this.live(now_ms) - behind_ms, isPast: false, shown, undrawn,
      wentBy: this.wentBy, behind_ms,
    };
  }

  /**
   * What there is to see of a journey now; null where it is not being played.
   * @param {string} event_id
   * @param {number} now_ms
   * @returns {Shown|null}
   */
  shown(event_id, now_ms) {
    const play = this.plays.get(event_id);
    return play ? this.#showOnce(play, now_ms) : null;
  }

  /**
   * The true moment that is shown of a journey: the playhead on its own axis. For one that is not
   * played it is now.
   * @param {string} event_id
   * @param {number} now_ms
   */
  playhead(event_id, now_ms) {
    return this.shown(event_id, now_ms)?.at_ms ?? this.live(now_ms);
  }

  /**
   * How far what is shown is behind what is, at most, in ms.
   * @param {number} now_ms
   */
  behind(now_ms) {
    let behind = 0;
    for (const play of this.plays.values()) {
      const shown = this.#showOnce(play, now_ms);
      if (!shown.over && !shown.atEdge) behind = Math.max(behind, this.live(now_ms) - shown.at_ms);
    }
    return behind;
  }

  /**
   * Whether a mark is on its way at this moment, so that the next frame differs from this one.
   * @param {number} now_ms
   */
  isMoving(now_ms) {
    return [...this.plays.values()].some((play) => this.#showOnce(play, now_ms).moving);
  }

  /**
   * @param {Journey} journey
   * @param {number} now_ms
   */
  #start(journey, now_ms) {
    /** @type {Play} */
    const play = {
      journey, legs: [], taken: new Set(), known_ms: new Map(), heard_ms: now_ms, over_ms: null,
      last: null,
    };
    note(play, now_ms);
    this.plays.set(journey.event_id, play);
    return play;
  }

  /**
   * @param {Play} play
   * @param {number} now_ms
   * @param {(journey: Journey) => boolean} isComplete
   */
  #advancePlay(play, now_ms, isComplete) {
    while (play.over_ms === null) {
      const end_ms = play.legs.length ? endOf(play.legs[play.legs.length - 1]) : play.heard_ms;
      if (now_ms < end_ms) return;
      const next = nextHop(play);
      if (!next) {
        if (isComplete(play.journey)) play.over_ms = Math.max(end_ms, now_ms);
        return;
      }
      const known_ms = play.known_ms.get(next) ?? now_ms;
      const begin_ms = Math.max(end_ms, known_ms + (isExpected(play, next) ? 0 : GRACE_MS));
      if (now_ms < begin_ms) return;
      const leg = this.#plan(play, next, begin_ms, Math.max(0, begin_ms - end_ms));
      play.legs.push(leg);
      play.taken.add(next);
      if (ENDS.has(next.hop)) play.over_ms = endOf(leg);
    }
  }

  /**
   * @param {Play} play
   * @param {Hop} hop
   * @param {number} begin_ms
   * @param {number} waited_ms How long the mark has been shown waiting for it already.
   * @returns {Leg}
   */
  #plan(play, hop, begin_ms, waited_ms) {
    const last = play.legs.at(-1);
    const step = legBetween(last?.hop ?? null, hop);
    const isFirst = !last;
    const since_ms = last ? last.hop.at_ms : null;
    const true_ms = since_ms === null ? 0 : Math.max(0, hop.at_ms - since_ms);
    const scaled_ms = true_ms * this.stretch;
    const shown_ms = Math.min(this.cap_ms, Math.max(this.floor_ms, scaled_ms));
    const move_ms = step.waits || isFirst ? Math.min(shown_ms, MOVE_MS) : shown_ms;
    // A mark that had to wait for the news has been seen waiting: what is left is the move.
    const wait_ms = Math.max(0, shown_ms - move_ms - waited_ms);
    const pace = scaled_ms < this.floor_ms ? "slower" : scaled_ms > this.cap_ms ? "faster" : "to-scale";
    return {
      hop, from: step.from, to: step.to, span: step.span, since_ms, begin_ms, wait_ms, move_ms,
      pace: isFirst ? "to-scale" : pace,
    };
  }

  /**
   * @param {Play} play
   * @param {number} now_ms
   */
  #showOnce(play, now_ms) {
    if (play.last?.now_ms !== now_ms) play.last = { now_ms, shown: this.#show(play, now_ms) };
    return play.last.shown;
  }

  /**
   * @param {Play} play
   * @param {number} now_ms
   * @returns {Shown}
   */
  #show(play, now_ms) {
    const leg = play.legs.at(-1) ?? null;
    const live_ms = this.live(now_ms);
    const true_ms = leg?.since_ms == null ? null : leg.hop.at_ms - leg.since_ms;
    const took = leg && true_ms !== null && leg.begin_ms + leg.wait_ms <= now_ms
      ? { span: leg.span, true_ms, pace: leg.pace }
      : null;
    const common = {
      journey: play.journey, took, last: leg?.hop ?? null, isFailing: leg?.span === "failed",
      pace: leg?.pace ?? "to-scale",
    };
    if (!leg) {
      const at_ms = play.journey.hops[0]?.at_ms ?? live_ms;
      return {
        ...common, hop: null, from: "browser", to: "browser", progress: 0, moving: false,
        over: false, atEdge: false, confirmed: true, redelivered: false, at_ms, span: "command",
        order: at_ms,
      };
    }
    const redelivered = play.legs.some(({ hop }) => hop.redelivered === true);
    const before = play.legs.at(-2) ?? null;
    const elapsed_ms = now_ms - leg.begin_ms;
    const total_ms = leg.wait_ms + leg.move_ms;
    if (elapsed_ms < total_ms) {
      const share = Math.max(0, elapsed_ms) / total_ms;
      const since_ms = leg.since_ms ?? leg.hop.at_ms;
      const progress = leg.move_ms ? clamp((elapsed_ms - leg.wait_ms) / leg.move_ms) : 0;
      const at_ms = since_ms + share * (leg.hop.at_ms - since_ms);
      return {
        ...common,
        hop: before?.hop.hop ?? null,
        last: before?.hop ?? null,
        from: leg.from,
        to: leg.to,
        progress,
        moving: true,
        over: false,
        atEdge: false,
        confirmed: isConfirmed(play.journey, leg.from, at_ms),
        redelivered,
        at_ms,
        span: leg.span,
        order: progress > 0 || !before ? leg.hop.at_ms : before.hop.at_ms,
      };
    }
    const over = play.over_ms !== null && now_ms >= play.over_ms;
    const idle_ms = now_ms - endOf(leg);
    const atEdge = !over && !nextHop(play);
    const waited_ms = atEdge && idle_ms > GRACE_MS
      ? Math.max(0, live_ms - leg.hop.at_ms)
      : Math.min(idle_ms / this.stretch, Math.max(0, live_ms - leg.hop.at_ms));
    const at_ms = over ? leg.hop.at_ms : leg.hop.at_ms + waited_ms;
    return {
      ...common,
      hop: leg.hop.hop,
      from: leg.to,
      to: leg.to,
      progress: 1,
      moving: false,
      over,
      atEdge: atEdge && idle_ms > GRACE_MS,
      confirmed: isConfirmed(play.journey, leg.to, at_ms),
      redelivered,
      at_ms,
      span: SPAN_FROM[leg.to],
      order: leg.hop.at_ms,
    };
  }
}

/** @param {Leg} leg */
function endOf(leg) {
  return leg.begin_ms + leg.wait_ms + leg.move_ms;
}

/**
 * @param {Play} play
 * @param {number} now_ms
 */
function note(play, now_ms) {
  play.last = null;
  for (const hop of itinerary(play.journey)) {
    if (!play.known_ms.has(hop)) play.known_ms.set(hop, now_ms);
  }
}

/**
 * The hop that comes next, of those that are known. One that turns out to lie before what has been
 * shown is passed over: a mark does not go back in time.
 * @param {Play} play
 */
function nextHop(play) {
  const hops = itinerary(play.journey);
  const reached = hops.findLastIndex((hop) => play.taken.has(hop));
  return hops[reached + 1];
}

/** @param {Play} play */
function goesOn(play) {
  return nextHop(play) !== undefined;
}

/**
 * Whether nothing is missing between the last hop shown and this one.
 * @param {Play} play
 * @param {Hop} next
 */
function isExpected(play, next) {
  const last = play.legs.at(-1)?.hop;
  if (!last) return next.hop === "received";
  const { from } = STEPS[next.hop];
  if (STEPS[last.hop].to === from) return true;
  // Delivered before the confirm came back: the mark goes through the queue in one move.
  return next.hop === "delivered" && hopOf(play.journey, "confirmed") !== undefined;
}

/**
 * Whether a journey that has been shown to its end goes on, as an event does that is delivered
 * again; news of what lies before its end is none.
 * @param {Journey} journey
 * @param {number} shown How many of its hops have been shown.
 */
function goesFurther(journey, shown) {
  const hops = itinerary(journey);
  return hops.length > shown && hops[shown].at_ms > hops[shown - 1]?.at_ms && hops[shown].hop !== "seen";
}

/**
 * A journey that is not drawn, where it truly is.
 * @param {Journey} journey
 * @param {number} live_ms
 * @returns {Shown}
 */
function standing(journey, live_ms) {
  const last = itinerary(journey).at(-1) ?? null;
  const to = last ? STEPS[last.hop].to : "browser";
  return {
    journey, last, hop: last?.hop ?? null, from: to, to, progress: 1, moving: false, over: false,
    atEdge: true, confirmed: true, redelivered: false, isFailing: false, took: null, pace: "to-scale",
    at_ms: live_ms,
    span: SPAN_FROM[to], order: last?.at_ms ?? live_ms,
  };
}

/** @param {number} share */
function clamp(share) {
  return Math.min(1, Math.max(0, share));
}
