// @ts-check
/** What is known of a journey: a line for each stretch, and a sentence for the whole. Pure. */
import { causesOf, nameOf } from "../../facts/fault-words.js";
import { counted, duration, isApart, stretch } from "../../page/format.js";
import { lineOf } from "../../journal/firings.js";
import { lengthOf } from "../../journal/pieces.js";
import { LEGS, PLACES, SPANS, SPAN_FROM, STEPS } from "../../journal/hops.js";
import { hopOf } from "../../journal/journey.js";
import { cameInAt, itinerary, spansOf } from "../../journal/path.js";

/** @typedef {import("../../journal/journal.js").Journey} Journey */
/** @typedef {import("../../journal/journal.js").Hop} Hop */
/** @typedef {import("../../journal/injected.js").Injected} Injected */
/** @typedef {import("../../journal/pieces.js").Piece} Piece */

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
 * @property {readonly Piece[]} [injected] What the lab has injected into it.
 */

/**
 * The stretches of a journey, in the order of the path, the answers that move no mark, and what the lab has done.
 * @param {Journey} journey
 * @param {Injected} [rule] What was injected.
 * @returns {Line[]}
 */
export function linesOf(journey, rule) {
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
  const told = rule ? [...lines.map((line) => apartIn(line, journey, rule)), ...firingsOf(journey, rule)] : lines;
  return told.sort((a, b) => a.from_ms - b.from_ms || (a.to_ms ?? Infinity) - (b.to_ms ?? Infinity) || 0);
}

/**
 * A line, with what the lab has injected into its stretch.
 * @param {Line} line
 * @param {Journey} journey
 * @param {Injected} rule
 * @returns {Line}
 */
function apartIn(line, journey, rule) {
  const { span, from_ms, to_ms, isAnswer, note } = line;
  const stretchName = !isAnswer ? span : line.key.startsWith("acknowledged ") ? "acknowledged" : null;
  if (to_ms === null || stretchName === null) return line;
  const injected = rule.pieces(journey, stretchName, from_ms, to_ms);
  const injected_ms = lengthOf(injected);
  if (!isApart(to_ms - from_ms, injected_ms)) return line;
  const own = new Set(rule.of(journey));
  // What concerned this event has a line of its own.
  const others = causesOf(injected.map((piece) => ({ ...piece, firings: piece.firings.filter((firing) => !own.has(firing)) })));
  const says = [`${duration(injected_ms)} of it was injected`, others].filter(Boolean).join(": ");
  return { ...line, injected, note: [note, says].filter(Boolean).join("; ") };
}

/**
 * A line for each thing that the lab did to this event alone.
 * @param {Journey} journey
 * @param {Injected} rule
 * @returns {Line[]}
 */
function firingsOf(journey, rule) {
  return rule.of(journey).map((firing) => {
    const { id, began_ms, over_ms = Infinity, ended, process = "" } = firing;
    const piece = { from_ms: began_ms, to_ms: over_ms, firings: [firing] };
    return {
      key: `firing ${id}`, name: nameOf(firing), span: "injected", from_ms: began_ms, to_ms: over_ms, process,
      note: [lineOf(firing), ended === "alive" ? "over when the process was back" : ""].filter(Boolean).join(", "),
      isAnswer: false, injected: [piece],
    };
  });
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
 * @param {Injected} [rule] What was injected.
 */
export function summaryOf(journey, rule) {
  const last = itinerary(journey).at(-1);
  const isUnderWay = last && last.hop !== "seen";
  return [
    ...reachedBy(journey), isUnderWay ? whereOf(last) : "", staleFor(journey, rule), ...repeats(journey), injectedSays(journey, rule),
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
 * @param {Injected} [rule]
 */
function staleFor(journey, rule) {
  const answered_ms = hopOf(journey, "acknowledged")?.at_ms ?? Infinity;
  const there_ms = Math.min(...["projected", "seen"].map((name) => hopOf(journey, name)?.at_ms ?? Infinity));
  if (there_ms === Infinity || there_ms <= answered_ms) return "";
  const injected_ms = rule?.between(journey, answered_ms, there_ms) ?? 0;
  const apart = isApart(there_ms - answered_ms, injected_ms) ? `, of which ${duration(injected_ms)} was injected` : "";
  return `not readable for ${duration(there_ms - answered_ms)} after the answer${apart}`;
}

/**
 * How much of all its time the lab has injected.
 * @param {Journey} journey
 * @param {Injected} [rule]
 */
function injectedSays(journey, rule) {
  const [first, last] = [itinerary(journey)[0], itinerary(journey).at(-1)];
  const injected_ms = first && last && rule ? rule.between(journey, first.at_ms, last.at_ms) : 0;
  return isApart(last ? last.at_ms - first.at_ms : 0, injected_ms) ? `${duration(injected_ms)} in all was injected by the lab` : "";
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
