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

/**
 * @typedef {object} Window How long it took, over all the measured writes.
 * @property {number[]} samples_ms Sorted.
 * @property {number} count
 * @property {number|null} p50_ms
 * @property {number|null} p95_ms
 * @property {number|null} p99_ms
 * @property {number} pending Acknowledged, but it has not happened yet; included in no figure.
 */

/**
 * From the acknowledgement to the moment MongoDB held that version or a newer one.
 * @param {Iterable<Journey>} journeys
 * @returns {Window}
 */
export function untilProjected(journeys) {
  return windowOf(journeys, "projected");
}

/**
 * From the acknowledgement to the first answer of the page's own polling that showed it.
 * @param {Iterable<Journey>} journeys
 * @returns {Window}
 */
export function untilSeen(journeys) {
  return windowOf(journeys, "seen");
}

/**
 * The t-visibility curve: for each t, the share of the writes that could be read.
 * @param {number[]} samples_ms Sorted.
 * @param {number[]} ts_ms The values of t.
 * @returns {(number|null)[]} From 0 to 1; null if there are no samples.
 */
export function curveAt(samples_ms, ts_ms) {
  return ts_ms.map((t_ms) => (samples_ms.length ? countUpTo(samples_ms, t_ms) / samples_ms.length : null));
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
 * The probe reads, sorted by t into groups of about the same size.
 * @param {Probe[]} probes
 * @param {number} [groups] The most groups.
 * @returns {{t_ms: number, share: number, count: number}[]} By t; the t of a group is its mean.
 */
export function sharesByDelay(probes, groups = 12) {
  const sorted = [...probes].sort((a, b) => a.t_ms - b.t_ms);
  const size = Math.max(1, Math.ceil(sorted.length / groups));
  /** @type {{t_ms: number, share: number, count: number}[]} */
  const result = [];
  for (let first = 0; first < sorted.length; first += size) {
    const group = sorted.slice(first, first + size);
    result.push({
      t_ms: group.reduce((sum, { t_ms }) => sum + t_ms, 0) / group.length,
      share: group.filter(({ visible }) => visible).length / group.length,
      count: group.length,
    });
  }
  return result;
}

/**
 * The share of a time during which some acknowledged write was not in MongoDB: the chance that a read of
 * everything, at a random moment in that time, was stale.
 * @param {Iterable<Journey>} journeys
 * @param {number} from_ms Epoch.
 * @param {number} to_ms Epoch.
 * @returns {number|null} From 0 to 1.
 */
export function staleShare(journeys, from_ms, to_ms) {
  if (!(to_ms > from_ms)) return null;
  const all = [...journeys];
  const readable = readableAt(all, "projected");
  const stretches = all
    .map((journey) => [hopOf(journey, "acknowledged")?.at_ms, readable(journey) ?? to_ms])
    .filter(/** @returns {stretch is [number, number]} */ (stretch) => stretch[0] !== undefined)
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
 * The lag of the read model: for each event that reached MongoDB, how long after its commit it did.
 * @param {Iterable<Journey>} journeys
 * @param {number} since_ms Epoch.
 * @returns {{at_ms: number, lag_ms: number}[]} By time.
 */
export function lags(journeys, since_ms) {
  /** @type {{at_ms: number, lag_ms: number}[]} */
  const found = [];
  for (const journey of journeys) {
    const committed = hopOf(journey, "committed");
    const projected = hopOf(journey, "projected");
    if (!committed || !projected || projected.at_ms < since_ms) continue;
    found.push({ at_ms: projected.at_ms, lag_ms: Math.max(0, projected.at_ms - committed.at_ms) });
  }
  return found.sort((a, b) => a.at_ms - b.at_ms);
}

/**
 * @param {Iterable<Journey>} journeys
 * @param {"projected"|"seen"} name
 * @returns {Window}
 */
function windowOf(journeys, name) {
  const all = [...journeys];
  const readable = readableAt(all, name);
  /** @type {number[]} */
  const samples_ms = [];
  let pending = 0;
  for (const journey of all) {
    const acknowledged = hopOf(journey, "acknowledged");
    if (!acknowledged) continue;
    const at_ms = readable(journey);
    // It was readable before the answer had come back: for the writer, at once.
    if (at_ms === null) pending += 1;
    else samples_ms.push(Math.max(0, at_ms - acknowledged.at_ms));
  }
  samples_ms.sort((a, b) => a - b);
  return {
    samples_ms, count: samples_ms.length, pending, p50_ms: quantile(samples_ms, 0.5),
    p95_ms: quantile(samples_ms, 0.95), p99_ms: quantile(samples_ms, 0.99),
  };
}

/**
 * When a write, or a newer one of the same todo, had got as far as that hop.
 * @param {Journey[]} journeys
 * @param {string} name
 * @returns {(journey: Journey) => number|null}
 */
function readableAt(journeys, name) {
  /** @type {Map<number, {version: number, at_ms: number}[]>} */
  const byTodo = new Map();
  for (const journey of journeys) {
    const hop = hopOf(journey, name);
    if (!hop || journey.todo_id === null) continue;
    const entry = { version: journey.version ?? 0, at_ms: hop.at_ms };
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
