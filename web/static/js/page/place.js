// @ts-check
/** Where a card stands so that it does not cover what it is about. Pure. */

/** @typedef {{left: number, top: number, width: number, height: number}} Box In CSS pixels. */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {{left: number, top: number}} Corner */

/** From the card to what it is about, and to the edges of the window. */
const GAP = 12;
const EDGE = 8;

/**
 * The corner of a card beside some boxes: right, left, below or above them or one of them, whole in the
 * window and over none of them if there is room for that anywhere.
 * @param {readonly Box[]} about
 * @param {Size} card
 * @param {Size} view The window.
 * @returns {Corner}
 */
export function beside(about, card, view) {
  const within = (/** @type {Corner} */ corner) => clamped(corner, card, view);
  if (!about.length) return within({ left: (view.width - card.width) / 2, top: view.height });
  const around = about.length > 1 ? [boundsOf(about), ...about] : about;
  const corners = [...around.flatMap((box) => sidesOf(box, card)), ...cornersOf(view)].map(within);
  const covered = corners.map((corner) => coveredBy({ ...corner, ...card }, about));
  return corners[covered.indexOf(Math.min(...covered))];
}

/**
 * @param {Box} box
 * @param {Size} card
 * @returns {Corner[]}
 */
function sidesOf({ left, top, width, height }, card) {
  const right = { left: left + width + GAP, top };
  const before = { left: left - card.width - GAP, top };
  const middle = left + (width - card.width) / 2;
  const below = { left: middle, top: top + height + GAP };
  const above = { left: middle, top: top - card.height - GAP };
  return [right, before, below, above];
}

/** @param {Size} view */
function cornersOf({ width, height }) {
  return [{ left: 0, top: height }, { left: 0, top: 0 }, { left: width, top: height }, { left: width, top: 0 }];
}

/**
 * The box around all of them.
 * @param {readonly Box[]} boxes
 * @returns {Box}
 */
function boundsOf(boxes) {
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.left + box.width));
  const bottom = Math.max(...boxes.map((box) => box.top + box.height));
  return { left, top, width: right - left, height: bottom - top };
}

/**
 * @param {Corner} corner
 * @param {Size} card
 * @param {Size} view
 * @returns {Corner}
 */
function clamped({ left, top }, card, view) {
  return {
    left: Math.max(EDGE, Math.min(left, view.width - card.width - EDGE)),
    top: Math.max(EDGE, Math.min(top, view.height - card.height - EDGE)),
  };
}

/**
 * How much of the boxes a card covers, in square pixels.
 * @param {Box} card
 * @param {readonly Box[]} boxes
 */
function coveredBy(card, boxes) {
  return boxes.reduce((sum, box) => {
    const across = Math.min(card.left + card.width, box.left + box.width) - Math.max(card.left, box.left);
    const down = Math.min(card.top + card.height, box.top + box.height) - Math.max(card.top, box.top);
    return sum + Math.max(0, across) * Math.max(0, down);
  }, 0);
}
