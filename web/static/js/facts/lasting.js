// @ts-check
/**
 * How long things have been behind, as said from one live scene to the next. The moment at which a mark is
 * shown may go back a little, when late news shows how it went on, but what is still behind has not been so
 * for less time than was said before. Pure.
 */

/** @typedef {import("../clock/shown.js").Scene} Scene */

export class Lasting {
  constructor() {
    /** How long each has been behind, as said last. @type {Map<string, number>} */
    this.said = new Map();
  }

  /**
   * Never says less of anything than before, as long as it is behind. The past is what it is.
   * @template {{for_ms: number|null}} T
   * @param {T[]} all Everything that is behind in this scene.
   * @param {(each: T) => string} keyOf What it lacks.
   * @param {Scene} scene
   * @returns {T[]}
   */
  floor(all, keyOf, { isPast, mode }) {
    if (isPast) return all;
    const floored = all.map((each) => {
      const said_ms = this.said.get(keyOf(each));
      if (said_ms === undefined) return each;
      return (each.for_ms ?? -Infinity) >= said_ms ? each : { ...each, for_ms: said_ms };
    });
    if (mode === "live") {
      this.said = new Map(floored.flatMap((each) => (each.for_ms === null ? [] : [[keyOf(each), each.for_ms]])));
    }
    return floored;
  }
}
