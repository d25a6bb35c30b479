// @ts-check
/** When reads showed each todo, version by version. Kept as long as any journey of that todo is. Pure. */

/** @typedef {import("./types.js").Journey} Journey */
/** @typedef {{version: number, at_ms: number}} Sight */
/**
 * @typedef {object} Track What is known of one todo.
 * @property {Set<string>} held The journeys of this todo that the journal keeps, by event id.
 * @property {Map<string, Sight>} sights By event id: the sights of the kept journeys, and the newest of
 *   those that were let go.
 * @property {Sight[]|null} first By version, when that version or a later one was first readable; null if
 *   it has to be worked out again.
 */

/** The key for a sight that outlives its journey. */
const GONE = "";

export class Sights {
  constructor() {
    /** @type {Map<number, Track>} */
    this.tracks = new Map();
  }

  /**
   * Takes in what is known of a journey now.
   * @param {Journey} journey
   */
  note({ event_id, todo_id, version, hops }) {
    if (todo_id === null || version === null) return;
    const track = this.tracks.get(todo_id) ?? { held: new Set(), sights: new Map(), first: null };
    this.tracks.set(todo_id, track);
    track.held.add(event_id);
    const seen = hops.find(({ hop }) => hop === "seen");
    if (seen?.at_ms === track.sights.get(event_id)?.at_ms) return;
    if (seen) track.sights.set(event_id, { version, at_ms: seen.at_ms });
    else track.sights.delete(event_id);
    track.first = null;
  }

  /**
   * Lets go of a journey.
   * @param {Journey} journey
   */
  letGo({ event_id, todo_id }) {
    const track = this.tracks.get(todo_id ?? NaN);
    if (!track || todo_id === null) return;
    track.held.delete(event_id);
    if (!track.held.size) this.tracks.delete(todo_id);
    const sight = track.sights.get(event_id);
    if (!sight) return;
    // An older version may still be kept, and this sight of its todo completes it.
    const before = track.sights.get(GONE);
    track.sights.delete(event_id);
    track.sights.set(GONE, before && before.version > sight.version ? before : sight);
    track.first = null;
  }

  /**
   * When reads first showed that version of a todo, or a later one.
   * @param {Pick<Journey, "todo_id"|"version">} journey
   * @returns {number|undefined} Epoch; undefined if no read is known to have shown it.
   */
  since({ todo_id, version }) {
    const track = this.tracks.get(todo_id ?? NaN);
    if (!track || version === null) return undefined;
    track.first ??= firstOf(track.sights.values());
    return atLeast(track.first, version)?.at_ms;
  }

  clear() {
    this.tracks.clear();
  }
}

/**
 * @param {Iterable<Sight>} sights
 * @returns {Sight[]} By version, each with the first time that it or a later one was shown.
 */
function firstOf(sights) {
  const sorted = [...sights].sort((a, b) => a.version - b.version);
  let at_ms = Infinity;
  return sorted.reverse().map((sight) => {
    at_ms = Math.min(at_ms, sight.at_ms);
    return { version: sight.version, at_ms };
  }).reverse();
}

/**
 * The first sight of that version or a later one, by bisection.
 * @param {Sight[]} sights By version.
 * @param {number} version
 * @returns {Sight|undefined}
 */
function atLeast(sights, version) {
  let low = 0;
  let high = sights.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sights[middle].version < version) low = middle + 1;
    else high = middle;
  }
  return sights[low];
}
