// @ts-check
/**
 * The staleness window, from measurements. Pure: no DOM, no network, no clock.
 *
 * t-visibility is the chance that a read t after a write was acknowledged sees that write or a
 * newer one (Bailis, Venkataraman, Franklin, Hellerstein, Stoica: "Probabilistically Bounded
 * Staleness for Practical Partial Quorums", PVLDB 5(8), 2012).
 */
import { hopOf } from "../journal/journey.js";

/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {import("../journal/types.js").Probe} Probe */
/** @typedef {import("../journal/injected.js").Injected} Injected */

/**
 * @typedef {object} Moment The moment for which something is worked out; what happened later is not known.
 * @property {number} now_ms Epoch.
 * @property {number} [news_ms] How long news may take: what began less than that before the moment is left out,
 *   since it may have ended unheard. 0 in the past, of which all is known.
 */

/**
 * @typedef {object} Window How long it took, over all the writes that were acknowledged.
 * @property {number[]} samples_ms Of those that got there; sorted.
 * @property {number[]} waits_ms Of those that are not there yet, how long ago they were acknowledged; sorted.
 * @property {number} count How many got there.
 * @property {number} pending How many are not there yet.
 * @property {number} held How many of all these the lab has held up.
 * @property {{t_ms: number, share: number}[]} curve Where the t-visibility curve rises, and to what share.
 * @property {number} known_ms How far the curve is known.
 * @property {Quantile} p50
 * @property {Quantile} p95
 * @property {Quantile} p99
 */

/** @typedef {{rule: Injected, isWithout?: boolean}} Lab What was injected, and whether that is to be left out. */
/** @typedef {{ms: number|null, isMore: boolean}} Quantile `isMore`: it is more than that, but not known how much. */

/** How long news may take to come to this page, while it shows the present. */
export const NEWS_MS = 1000;
/**
 * What shows that an event had got so far by then; the earliest counts. A trace may be lost, and a read may give a
 * write before the projector has MongoDB's answer to it.
 */
const PROOFS = Object.freeze({
  delivered: ["delivered", "projected", "already-applied", "seen"],
  projected: ["projected", "already-applied", "seen"],
  seen: ["seen"],
});
/** Products of fractions are a little off. */
const NEARLY = 1e-9;

/**
 * From the acknowledgement to the moment MongoDB held that version or a newer one.
 * @param {Iterable<Journey>} journeys
 * @param {Moment} moment
 * @param {Lab} [lab]
 * @returns {Window}
 */
export function untilProjected(journeys, moment, lab) {
  return windowOf(journeys, "projected", moment, lab);
}

/**
 * From the acknowledgement to the first answer of the page's own polling that showed it.
 * @param {Iterable<Journey>} journeys
 * @param {Moment} moment
 * @param {Lab} [lab]
 * @returns {Window}
 */
export function untilSeen(journeys, moment, lab) {
  return windowOf(journeys, "seen", moment, lab);
}

/**
 * The t-visibility curve, with what is not finished: a write that has been waiting for 13 s was not
 * readable at any t up to 13 s, and says nothing about a later one. Left out altogether, the slowest would be
 * missing, and the curve would be too good. Without waits it is the share of the samples up to each t.
 *
 * Source: Kaplan, Meier: "Nonparametric Estimation from Incomplete Observations", JASA 53(282), 1958.
 * @param {number[]} samples_ms Sorted.
 * @param {number[]} waits_ms Sorted.
 * @returns {{t_ms: number, share: number}[]} Where it rises.
 */
export function curveOf(samples_ms, waits_ms) {
  const curve = [];
  let stale = 1;
  let waiting = 0;
  for (let index = 0; index < samples_ms.length;) {
    const t_ms = samples_ms[index];
    while (waits_ms[waiting] < t_ms) waiting += 1;
    const next = countUpTo(samples_ms, t_ms);
    const left = samples_ms.length - index + waits_ms.length - waiting;
    stale *= (left - (next - index)) / left;
    curve.push({ t_ms, share: 1 - stale });
    index = next;
  }
  return curve;
}

/**
 * The t-visibility curve: for each t, the share of the writes that could be read.
 * @param {Pick<Window, "curve"|"known_ms">} window
 * @param {number[]} ts_ms The values of t.
 * @returns {(number|null)[]} From 0 to 1; null where it is not known.
 */
export function curveAt({ curve, known_ms }, ts_ms) {
  const last = curve.at(-1)?.share ?? 0;
  return ts_ms.map((t_ms) => {
    if (t_ms > known_ms && last < 1 - NEARLY) return null;
    return curve.findLast((step) => step.t_ms <= t_ms)?.share ?? 0;
  });
}

/**
 * The nearest-rank quantile: the least sample that at least that share of the samples do not exceed.
 * @param {number[]} sorted
 * @param {number} share From 0 to 1.
 * @returns {number|null}
 */
export function quantile(sorted, share) {
  if (!sorted.length) return null;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/**
 * The share of a time during which some acknowledged write was not in MongoDB: the chance that a read of
 * everything, at a random moment in that time, was stale.
 * @param {Iterable<Journey>} journeys
 * @param {number} from_ms Epoch.
 * @param {number} to_ms Epoch.
 * @param {Injected} [without] What was injected, to leave out the time in which the lab held the writes up.
 * @returns {number|null} From 0 to 1.
 */
export function staleShare(journeys, from_ms, to_ms, without) {
  if (!(to_ms > from_ms)) return null;
  const all = [...journeys];
  const readable = readableAt(all, "projected", to_ms);
  const stretches = all
    .flatMap((journey) => {
      const begin_ms = hopOf(journey, "acknowledged")?.at_ms;
      const end_ms = readable(journey) ?? to_ms;
      return begin_ms === undefined ? [] : between(begin_ms, end_ms, without?.piecesBetween(journey, begin_ms, end_ms) ?? []);
    })
    .map(([begin_ms, end_ms]) => [Math.max(from_ms, begin_ms), Math.min(to_ms, end_ms)])
    .filter(([begin_ms, end_ms]) => end_ms > begin_ms)
    .sort((a, b) => a[0] - b[0]);
  let stale_ms = 0;
  let reached_ms = from_ms;
  for (const [begin_ms, end_ms] of stretches) {
    if (end_ms <= reached_ms) continue;
    stale_ms += end_ms - Math.max(begin_ms, reached_ms);
    reached_ms = end_ms;
  }
  return stale_ms / (to_ms - from_ms);
}

/**
 * What is left of a time without some pieces of it.
 * @param {number} begin_ms
 * @param {number} end_ms
 * @param {readonly import("../journal/pieces.js").Piece[]} pieces Oldest first.
 * @returns {[number, number][]}
 */
function between(begin_ms, end_ms, pieces) {
  const begins = [begin_ms, ...pieces.map(({ to_ms }) => to_ms)];
  const ends = [...pieces.map(({ from_ms }) => from_ms), end_ms];
  return begins.map((from_ms, index) => [from_ms, ends[index]]);
}

/**
 * @param {Iterable<Journey>} journeys
 * @param {"projected"|"seen"} name
 * @param {Moment} moment
 * @param {Lab} [lab]
 * @returns {Window}
 */
function windowOf(journeys, name, { now_ms, news_ms = 0 }, lab) {
  const all = [...journeys];
  const readable = readableAt(all, name, now_ms);
  /** @type {number[]} */
  const samples_ms = [];
  /** @type {number[]} */
  const waits_ms = [];
  let held = 0;
  for (const journey of all) {
    const acknowledged = hopOf(journey, "acknowledged");
    if (!acknowledged || acknowledged.at_ms > now_ms - news_ms) continue;
    const at_ms = readable(journey);
    const injected_ms = lab?.rule.between(journey, acknowledged.at_ms, at_ms ?? now_ms) ?? 0;
    const left_out_ms = lab?.isWithout ? injected_ms : 0;
    if (injected_ms > 0) held += 1;
    // It was readable before the answer had come back: for the writer, at once.
    if (at_ms === null) waits_ms.push(now_ms - acknowledged.at_ms - left_out_ms);
    else samples_ms.push(Math.max(0, at_ms - acknowledged.at_ms - left_out_ms));
  }
  samples_ms.sort((a, b) => a - b);
  waits_ms.sort((a, b) => a - b);
  const curve = curveOf(samples_ms, waits_ms);
  const known_ms = Math.max(samples_ms.at(-1) ?? 0, waits_ms.at(-1) ?? 0);
  const at = (/** @type {number} */ share) => quantileOf(curve, known_ms, share);
  return {
    samples_ms, waits_ms, count: samples_ms.length, pending: waits_ms.length, held, curve, known_ms,
    p50: at(0.5), p95: at(0.95), p99: at(0.99),
  };
}

/**
 * The least t at which the curve has reached a share.
 * @param {{t_ms: number, share: number}[]} curve
 * @param {number} known_ms
 * @param {number} share From 0 to 1.
 * @returns {Quantile}
 */
function quantileOf(curve, known_ms, share) {
  const reached = curve.find((step) => step.share >= share - NEARLY);
  if (reached) return { ms: reached.t_ms, isMore: false };
  return known_ms > 0 ? { ms: known_ms, isMore: true } : { ms: null, isMore: false };
}

/**
 * When a write, or a newer one of the same todo, had got as far as that hop.
 * @param {Iterable<Journey>} journeys
 * @param {keyof typeof PROOFS} name
 * @param {number} [now_ms] Epoch: what happened later is left out.
 * @returns {(journey: Pick<Journey, "todo_id"|"version">) => number|null}
 */
export function readableAt(journeys, name, now_ms = Infinity) {
  /** @type {Map<number, {version: number, at_ms: number}[]>} */
  const byTodo = new Map();
  for (const journey of journeys) {
    const at_ms = Math.min(...PROOFS[name].map((proof) => hopOf(journey, proof)?.at_ms ?? Infinity));
    if (at_ms === Infinity || at_ms > now_ms || journey.todo_id === null) continue;
    const entry = { version: journey.version ?? 0, at_ms };
    const entries = byTodo.get(journey.todo_id);
    if (entries) entries.push(entry);
    else byTodo.set(journey.todo_id, [entry]);
  }
  return ({ todo_id, version }) => {
    const times = (byTodo.get(todo_id ?? -1) ?? [])
      .filter((entry) => entry.version >= (version ?? Infinity))
      .map(({ at_ms }) => at_ms);
    return times.length ? Math.min(...times) : null;
  };
}

/**
 * How many of the sorted numbers are not above a value.
 * @param {number[]} sorted
 * @param {number} value
 */
function countUpTo(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
