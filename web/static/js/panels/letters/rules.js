// @ts-check
/** Dead letters in words: how they are grouped, what is asked before anything is done, and the answer. Pure. */
import { counted } from "../../page/format.js";

/**
 * @typedef {object} Letter
 * @property {string} id
 * @property {string|null} event_id
 * @property {string|null} type
 * @property {number|null} todo_id
 * @property {number|null} version
 * @property {string} reason
 * @property {string} error The reason without what differs from letter to letter.
 * @property {number|null} attempts
 * @property {string|null} first_failed_at
 * @property {string|null} last_failed_at
 * @property {string|null} origin
 * @property {string|null} origin_from
 * @property {number} retries
 * @property {string|null} because
 * @property {string|null} discarded_at
 * @property {Record<string, unknown>} headers
 * @property {string} body
 * @property {{postgresql: number|null, mongodb: number|null}|null} versions
 */
/** @typedef {"retry"|"discard"|"restore"|"edit"} Act */
/** @typedef {{done: number, skipped: number, letters: {id: string, done: boolean, why: string|null, landed?: string}[]}} Told */
/** @typedef {{name: string, letters: Letter[]}} Group */

/** What was done, in the past. */
const DONE = Object.freeze({ retry: "retried", discard: "discarded", restore: "restored", edit: "sent in its place" });

/**
 * @param {readonly Letter[]} letters
 * @returns {Group[]} By error and event type, the largest first.
 */
export function grouped(letters) {
  /** @type {Map<string, Letter[]>} */
  const groups = new Map();
  for (const letter of letters) {
    const name = `${letter.type ?? "unknown type"}: ${letter.error}`;
    groups.set(name, [...groups.get(name) ?? [], letter]);
  }
  const found = [...groups].map(([name, those]) => ({ name, letters: those }));
  return found.sort((a, b) => b.letters.length - a.letters.length);
}

/** @param {Letter} letter */
export function titleOf({ todo_id, version }) {
  const which = todo_id === null ? "no todo that can be read" : `todo ${todo_id}`;
  return version === null ? which : `${which}, version ${version}`;
}

/**
 * What is asked before anything is done: how many letters, and what will happen.
 * @param {Act} act
 * @param {readonly Letter[]} letters
 */
export function question(act, letters) {
  const count = counted(letters.length, "dead letter");
  const queues = [...new Set(letters.map(({ origin }) => origin ?? "no queue that is known"))].join(", ");
  switch (act) {
    case "discard":
      return `Discard ${count}? For 24 hours they can be restored; then they are gone.`;
    case "restore":
      return `Restore ${count}? Nothing is applied yet.`;
    case "edit":
      return `Send your event to ${queues} in place of this letter? The log keeps the old one: a rebuild goes by that.`;
    default:
      return `Retry ${count}? Each goes back to the queue that it came from (${queues}) to be applied.`;
  }
}

/**
 * @param {Act} act
 * @param {Told} told
 * @returns {string} How many were done and skipped, why, and what became of them.
 */
export function answer(act, told) {
  const whys = tally(told.letters.filter(({ done }) => !done).map(({ why }) => why ?? "no reason given"));
  const skipped = whys.map(([why, count]) => `${count} skipped (${why})`);
  const landed = tally(told.letters.flatMap((each) => (each.landed ? [each.landed] : [])));
  const went = landed.map(([words, count]) => (told.letters.length > 1 ? `${count} ${words}` : words));
  return `${[`${told.done} ${DONE[act]}`, ...skipped, ...went].join("; ")}.`;
}

/**
 * @param {Letter} letter
 * @returns {[string, string][]} Name and value of each line.
 */
export function linesOf(letter) {
  const { versions } = letter;
  /** @type {[string, string|null][]} */
  const lines = [
    ["Reason", letter.reason],
    ["Attempts", String(letter.attempts ?? "nobody counted")],
    ["First failed", letter.first_failed_at],
    ["Last failed", letter.last_failed_at],
    ["Came from", letter.origin && `${letter.origin} (says ${letter.origin_from})`],
    ["Retried", letter.retries ? counted(letter.retries, "time") : null],
    ["Because", letter.because],
    ["Discarded", letter.discarded_at],
    ["In PostgreSQL now", versionSays(versions?.postgresql)],
    ["In MongoDB now", versionSays(versions?.mongodb)],
    ["Event", letter.event_id],
  ];
  return /** @type {[string, string][]} */ (lines.filter(([, value]) => value));
}

/** @param {number|null|undefined} version */
function versionSays(version) {
  if (version === null || version === undefined) return "not known";
  return version ? `version ${version}` : "none";
}

/**
 * @param {readonly string[]} words
 * @returns {[string, number][]}
 */
function tally(words) {
  return [...new Set(words)].map((each) => [each, words.filter((it) => it === each).length]);
}
