// @ts-check
/**
 * A curve that somebody draws: a share at each of some times. What a pointer passes over quickly is filled in,
 * and keys change one point at a time. Pure.
 */

/** A share is known while it is drawn, and null where nothing was drawn yet. @typedef {readonly (number|null)[]} Drawn */

/** How far an arrow key moves a point, and Page Up or Page Down. */
export const STEP = 0.05;
const LEAP = 0.25;

/** @param {number} points @returns {Drawn} */
export function nothing(points) {
  return Array.from({ length: points }, () => null);
}

/**
 * Draws on to a place, from where the pointer was.
 * @param {Drawn} drawn
 * @param {{at: number, share: number}|null} from Null where the pointer was put down.
 * @param {{at: number, share: number}} to `at`: which point, and a fraction between two.
 * @returns {Drawn}
 */
export function drawnOn(drawn, from, to) {
  const [start, end] = [from ?? to, to];
  const [low, high] = [Math.min(start.at, end.at), Math.max(start.at, end.at)];
  const nearest = Math.round(end.at);
  return drawn.map((share, index) => {
    if (index === nearest) return within(end.share);
    if (index < low || index > high) return share;
    const part = (index - start.at) / (end.at - start.at);
    return within(start.share + part * (end.share - start.share));
  });
}

/**
 * Moves one point.
 * @param {Drawn} drawn
 * @param {number} at
 * @param {number} by A share.
 * @returns {Drawn}
 */
export function moved(drawn, at, by) {
  return drawn.map((share, index) => (index === at ? within((share ?? near(drawn, at)) + by) : share));
}

/**
 * Which change a key asks for; null if it is none of ours.
 * @param {string} key
 * @returns {{by?: number, to?: number, move?: number}|null}
 */
export function keyDoes(key) {
  if (key === "ArrowUp") return { by: STEP };
  if (key === "ArrowDown") return { by: -STEP };
  if (key === "PageUp") return { by: LEAP };
  if (key === "PageDown") return { by: -LEAP };
  if (key === "Home") return { to: 0 };
  if (key === "End") return { to: 1 };
  if (key === "ArrowRight") return { move: 1 };
  return key === "ArrowLeft" ? { move: -1 } : null;
}

/**
 * All of it, with what was not drawn filled in from the nearest point that was; null if nothing was.
 * @param {Drawn} drawn
 * @returns {number[]|null}
 */
export function whole(drawn) {
  if (drawn.every((share) => share === null)) return null;
  return drawn.map((share, index) => Math.round((share ?? near(drawn, index)) * 100) / 100);
}

/**
 * The share of the nearest point that was drawn; a half if none was.
 * @param {Drawn} drawn
 * @param {number} at
 */
function near(drawn, at) {
  for (let by = 0; by < drawn.length; by += 1) {
    const share = drawn[at - by] ?? drawn[at + by];
    if (share !== null && share !== undefined) return share;
  }
  return 0.5;
}

/** @param {number} share */
function within(share) {
  return Math.round(Math.max(0, Math.min(1, share)) * 1000) / 1000;
}
