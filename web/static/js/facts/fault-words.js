// @ts-check
/** What switches do, in words: which, where and at which line. Pure. */
import { lineOf } from "../journal/firings.js";
import { counted } from "../page/format.js";

/** @typedef {import("../journal/types.js").Firing} Firing */
/** @typedef {import("../journal/pieces.js").Piece} Piece */

/** The places of the lab, in words. @type {Readonly<Record<string, string>>} */
export const PLACE_NAMES = Object.freeze({
  "command-service": "the command service",
  "relay": "the relay",
  "projector": "the projector",
  "query-service": "the query service",
  "counter": "the counter",
  "replica": "the replica",
  "postgresql": "PostgreSQL",
  "rabbitmq": "RabbitMQ",
  "mongodb": "MongoDB",
  "client-command-service": "the way to the command service",
  "command-service-postgresql": "the way to PostgreSQL",
  "relay-postgresql": "the relay's way to PostgreSQL",
  "relay-rabbitmq": "the relay's way to RabbitMQ",
  "projector-rabbitmq": "the projector's way to RabbitMQ",
  "projector-mongodb": "the projector's way to MongoDB",
  "query-service-mongodb": "the query service's way to MongoDB",
});

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

/** @param {string} place */
export function placeName(place) {
  return PLACE_NAMES[place] ?? place;
}

/**
 * "crash after-write at the projector".
 * @param {Firing} firing
 */
export function nameOf({ fault, place, at }) {
  return `${fault.replaceAll("_", " ")}${at ? ` ${at}` : ""} at ${placeName(place)}`;
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
