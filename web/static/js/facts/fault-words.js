// @ts-check
/** What switches do, in words: which, where and at which line. Pure. */
import { lineOf } from "../journal/firings.js";
import { counted } from "../page/format.js";
import { placeOf } from "./places.js";

/** @typedef {import("../journal/types.js").Firing} Firing */
/** @typedef {import("../journal/pieces.js").Piece} Piece */

/** What a switch does to what it acts on. @type {Readonly<Record<string, string>>} */
const DONE = Object.freeze({
  slow: "slowed", pause: "paused", hold: "held", crash: "crashed", kill: "killed", stop: "stopped", freeze: "frozen",
  reorder: "set aside", poison: "poisoned", redeliver: "sent back",
});

/**
 * What a switch does to what it acts on, in one word: "held".
 * @param {string} fault
 */
export function doneBy(fault) {
  return DONE[fault] ?? fault.replaceAll("-", " ").replaceAll("_", " ");
}

/**
 * "crash after-write at the projector".
 * @param {Firing} firing
 */
export function nameOf({ fault, place, at }) {
  return `${fault.replaceAll("_", " ")}${at ? ` ${at}` : ""} at ${placeOf(place).says}`;
}

/**
 * What was injected, in words: "slow at the projector, query_service/projector.py:142".
 * @param {readonly Piece[]} pieces
 */
export function causesOf(pieces) {
  /** @type {Map<string, {line: string, count: number}>} */
  const causes = new Map();
  for (const firing of pieces.flatMap(({ firings }) => firings)) {
    const name = nameOf(firing);
    const { line, count } = causes.get(name) ?? { line: lineOf(firing), count: 0 };
    causes.set(name, { line, count: count + 1 });
  }
  return [...causes]
    .map(([name, { line, count }]) => [name, line, count > 1 ? counted(count, "time") : ""].filter(Boolean).join(", "))
    .join("; ");
}
