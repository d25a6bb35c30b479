// @ts-check
/** Pieces of time, each with the firings that acted meanwhile. Pure. */

/** @typedef {import("./types.js").Firing} Firing */
/**
 * @typedef {object} Piece A stretch of time that was injected.
 * @property {number} from_ms Epoch.
 * @property {number} to_ms Epoch; Infinity if it is not over.
 * @property {readonly Firing[]} firings Those that acted meanwhile.
 */

/** @param {readonly Piece[]} pieces */
export function lengthOf(pieces) {
  return pieces.reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0);
}

/**
 * @param {Piece} piece
 * @param {number} from_ms
 * @param {number} to_ms
 * @returns {Piece}
 */
export function clipped(piece, from_ms, to_ms) {
  const isWhole = piece.from_ms >= from_ms && piece.to_ms <= to_ms;
  const firings = isWhole ? piece.firings : piece.firings.filter(({ began_ms, over_ms = Infinity }) => began_ms < to_ms && over_ms > from_ms);
  return { from_ms: Math.max(piece.from_ms, from_ms), to_ms: Math.min(piece.to_ms, to_ms), firings };
}

/**
 * Puts pieces that overlap together.
 * @param {readonly Piece[]} pieces
 * @returns {Piece[]}
 */
export function united(pieces) {
  /** @type {{from_ms: number, to_ms: number, firings: Firing[]}[]} */
  const found = [];
  for (const { from_ms, to_ms, firings } of pieces.toSorted((a, b) => a.from_ms - b.from_ms)) {
    const last = found.at(-1);
    if (!last || last.to_ms < from_ms) {
      found.push({ from_ms, to_ms, firings: [...firings] });
      continue;
    }
    last.to_ms = Math.max(last.to_ms, to_ms);
    last.firings.push(...firings);
  }
  return found;
}

/**
 * @param {readonly Piece[]} pieces Apart from each other, oldest first.
 * @param {number} from_ms
 * @param {number} to_ms
 */
export function overlapping(pieces, from_ms, to_ms) {
  const first = firstAfter(pieces, from_ms);
  let end = first;
  while (end < pieces.length && pieces[end].from_ms < to_ms) end += 1;
  return pieces.slice(first, end);
}

/**
 * The index of the first piece that is not over at a moment, by bisection.
 * @param {readonly Piece[]} pieces Apart from each other, oldest first.
 * @param {number} at_ms Epoch.
 */
export function firstAfter(pieces, at_ms) {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle].to_ms <= at_ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The lengths of all pieces before each, and of all.
 * @param {readonly Piece[]} pieces
 */
export function sumsOf(pieces) {
  const sums = [0];
  for (const { from_ms, to_ms } of pieces) sums.push(sums[sums.length - 1] + to_ms - from_ms);
  return sums;
}
