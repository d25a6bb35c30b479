// @ts-check
/** What is known of a journey: a line for each stretch, and a sentence for the whole. Pure. */
import { counted, duration, stretch } from "../../page/format.js";
import { LEGS, PLACES, SPANS, SPAN_FROM, STEPS } from "../../journal/hops.js";
import { hopOf } from "../../journal/journey.js";
import { cameInAt, itinerary, spansOf } from "../../journal/path.js";

/** @typedef {import("../../journal/journal.js").Journey} Journey */
/** @typedef {import("../../journal/journal.js").Hop} Hop */

/**
 * @typedef {object} Line
 * @property {string} key
 * @property {string} name
 * @property {string} span
 * @property {number} from_ms Epoch.
 * @property {number|null} to_ms Epoch; null if its times are not known, Infinity if it has not ended.
 * @property {string} process The process that reported it.
 * @property {string} note
 * @property {boolean} isAnswer Whether it is an answer, which moves no mark.
 */

/**
 * The stretches of a journey, in the order of the path, and the answers that move no mark.
 * @param {Journey} journey
 * @returns {Line[]}
 */
export function linesOf(journey) {
  const way = itinerary(journey);
  const received = hopOf(journey, "received");
  /** @type {Line[]} */
  const lines = spansOf(journey).map(({ name, from_ms, to_ms, hop }, index) => ({
    key: `${index} ${hop.hop} ${hop.span_id}`, name: SPANS[name] ?? name, span: name, from_ms, to_ms,
    process: hop.process, note: noteOf(hop), isAnswer: false,
  }));
  for (const hop of journey.hops) {
    if (hop.hop === "acknowledged" && received) {
      lines.push(answer(hop, "answer: acknowledged", received.at_ms));
    }
    if (hop.hop === "confirmed" && !way.includes(hop)) {
      const sent = journey.hops.findLast(({ at_ms, hop: name }) => name === "picked-up" && at_ms <= hop.at_ms);
      lines.push(answer(hop, "answer: confirmed", hop.start_ms ?? sent?.at_ms ?? hop.at_ms));
    }
    if (hop.hop === "acked") {
      const before = way.findLast(({ at_ms, hop: name }) => at_ms <= hop.at_ms && STEPS[name].rank >= 5);
      lines.push(answer(hop, "answer: acked", hop.start_ms ?? before?.at_ms ?? hop.at_ms));
    }
  }
  lines.push(...unknown(way, lines));
  return lines.sort((a, b) => a.from_ms - b.from_ms || (a.to_ms ?? Infinity) - (b.to_ms ?? Infinity) || 0);
}

/**
 * The stretches that an event has passed but whose times are unknown, because a hop is not known.
 * @param {Hop[]} way
 * @param {Line[]} lines
 * @returns {Line[]}
 */
function unknown(way, lines) {
  const furthest = Math.max(-1, ...way.map(({ hop }) => LEGS.indexOf(STEPS[hop].span)));
  return LEGS.slice(0, furthest + 1)
    .filter((span) => !lines.some((line) => line.span === span))
    .map((span) => {
      const before = way.findLast(({ hop }) => LEGS.indexOf(STEPS[hop].span) < LEGS.indexOf(span));
      return {
        key: `unknown ${span}`, name: SPANS[span], span, from_ms: (before ?? way[0]).at_ms, to_ms: null,
        process: "", note: "not known: nobody has told when it began or ended", isAnswer: false,
      };
    });
}

/**
 * The wait of a journey that is not over: a line without an end.
 * @param {Journey} journey
 * @returns {Line[]}
 */
export function waiting(journey) {
  const last = itinerary(journey).at(-1);
  if (!last) return [];
  const span = SPAN_FROM[STEPS[last.hop].to];
  return [{
    key: `waiting ${span}`, name: SPANS[span], span, from_ms: last.at_ms, to_ms: Infinity, process: "",
    note: "", isAnswer: false,
  }];
}

/**
 * @param {Hop} hop
 * @param {string} name
 * @param {number} from_ms
 * @returns {Line}
 */
function answer(hop, name, from_ms) {
  return {
    key: `${hop.hop} ${hop.span_id}`, name, span: "answer", from_ms, to_ms: hop.at_ms,
    process: hop.process, note: "", isAnswer: true,
  };
}

/** @param {Hop} hop */
function noteOf(hop) {
  return [
    hop.redelivered ? "delivered again" : "",
    hop.hop === "already-applied" ? "applied before: no effect" : "",
    hop.hop === "sent-failed" ? `not taken by the broker: ${hop.error ?? "unknown"}; sent again` : "",
    hop.hop === "retried" ? `attempt ${hop.attempt ?? "?"} failed` : "",
    hop.hop === "dead-lettered" ? "parked in the dead letters" : "",
    hop.reason ?? "",
  ].filter(Boolean).join(", ");
}

/**
 * A journey in one line. Its times count from the moment the command came in, as in its lane; how long it was
 * stale counts from the answer, because only from then on is anybody owed the write.
 * @param {Journey} journey
 */
export function summaryOf(journey) {
  const last = itinerary(journey).at(-1);
  const isUnderWay = last && last.hop !== "seen";
  return [
    ...reachedBy(journey), isUnderWay ? whereOf(last) : "", staleFor(journey), ...repeats(journey),
  ].filter(Boolean).join(" · ");
}

/** @param {Hop} last The last hop of a journey that no read has shown. */
function whereOf({ hop }) {
  return hop === "projected" ? "no read has shown it yet" : PLACES[STEPS[hop].to];
}

/**
 * When the writer was answered, MongoDB had the event, and a read showed it, in their true order.
 * @param {Journey} journey
 */
function reachedBy(journey) {
  const zero_ms = cameInAt(journey) ?? 0;
  const answered = hopOf(journey, "acknowledged");
  const projected = hopOf(journey, "projected");
  const isEarly = answered && projected && projected.at_ms < answered.at_ms;
  const reached = [
    { words: "answered", hop: answered, why: isEarly ? ", for which the relay does not wait" : "" },
    { words: "in MongoDB", hop: projected, why: "" },
    { words: "first seen by a read", hop: hopOf(journey, "seen"), why: "" },
  ];
  return reached
    .flatMap(({ words, hop, why }) => (hop ? [{ at_ms: hop.at_ms, says: `${words} at ${stretch(hop.at_ms - zero_ms)}${why}` }] : []))
    .sort((a, b) => a.at_ms - b.at_ms)
    .map(({ says }) => says);
}

/**
 * How long after its answer a write could not be read. A read may give it before the projector has MongoDB's
 * answer to it.
 * @param {Journey} journey
 */
function staleFor(journey) {
  const answered_ms = hopOf(journey, "acknowledged")?.at_ms ?? Infinity;
  const there_ms = Math.min(...["projected", "seen"].map((name) => hopOf(journey, name)?.at_ms ?? Infinity));
  if (there_ms === Infinity || there_ms <= answered_ms) return "";
  return `not readable for ${duration(there_ms - answered_ms)} after the answer`;
}

/**
 * What was done more than once.
 * @param {Journey} journey
 */
function repeats(journey) {
  const count = (/** @type {string} */ name) => journey.hops.filter(({ hop }) => hop === name).length;
  const attempts = Math.max(1, ...journey.hops.map(({ attempt }) => attempt ?? 0));
  return [
    attempts > 1 ? counted(attempts, "attempt") : "",
    count("delivered") > 1 ? `delivered ${count("delivered")} times` : "",
    count("sent-failed") ? `sent ${count("sent-failed") + 1} times` : "",
  ];
}
