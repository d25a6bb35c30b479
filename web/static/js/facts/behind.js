// @ts-check
/**
 * What is acknowledged but not yet readable, and the list as a read gives it, both at the moment
 * that the stage shows. Pure: from the journal and the scene, nothing else.
 */
import { listAt } from "../clock/moment.js";
import { acknowledgedAt, beganAt, isDeletion } from "../journal/journey.js";
import { readableSince } from "../journal/over.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {import("../journal/journal.js").Todo} Todo */
/** @typedef {import("../journal/journal.js").Read} Read */
/** @typedef {import("../clock/clock.js").Scene} Scene */
/** @typedef {import("../clock/clock.js").Shown} Shown */

/**
 * @typedef {object} Behind
 * @property {Journey} journey
 * @property {number} for_ms How long it has been acknowledged and not readable.
 * @property {Shown|null} shown
 */

/** Longer than it takes the traces to come: their export delay and a batch of the wire. */
const SETTLE_MS = 800;

/**
 * The journeys that are acknowledged and not yet readable, oldest first.
 * @param {Journal} journal
 * @param {Scene} scene
 * @returns {Behind[]}
 */
export function behindOf(journal, scene) {
  /** @type {Behind[]} */
  const behind = [];
  for (const journey of journal.journeys.values()) {
    const acknowledged_ms = acknowledgedAt(journey);
    if (acknowledged_ms === undefined) continue;
    const shown = scene.shown.get(journey.event_id) ?? null;
    if (isReadable(journal, journey, shown, scene)) continue;
    const isLost = shown?.over && shown.hop === "dead-lettered";
    const at_ms = shown && !isLost ? shown.at_ms : scene.at_ms + (scene.isPast ? 0 : scene.behind_ms);
    if (at_ms < acknowledged_ms || (shown && shown.hop === null)) continue;
    behind.push({ journey, for_ms: at_ms - acknowledged_ms, shown });
  }
  return behind.sort((a, b) => (beganAt(a.journey) ?? 0) - (beganAt(b.journey) ?? 0));
}

/**
 * @param {Journal} journal
 * @param {Journey} journey
 * @param {Shown|null} shown
 * @param {Scene} scene
 */
function isReadable(journal, journey, shown, scene) {
  if (scene.isPast) return readableSince(journal, journey) <= scene.at_ms;
  if (shown && !shown.over) return false;
  return readableSince(journal, journey) < Infinity;
}

/** The list as a read gives it, at the moment that the stage shows. */
export class ShownList {
  constructor() {
    /** @type {Map<number, Todo>} */
    this.todos = new Map();
    /** @type {Map<number, number>} The version shown of those whose journey has been shown. */
    this.versions = new Map();
    this.begun = false;
    /** @type {{read: Read, heard_ms: number}[]} Those that are too new to be shown, and the last that is not. */
    this.reads = [];
  }

  /**
   * Takes over what the last read gave, but for those todos whose mark is still on its way: their
   * rows change when it arrives.
   * @param {Journal} journal
   * @param {Scene} scene
   * @returns {import("../clock/moment.js").PastTodo[]} In id order.
   */
  update(journal, scene) {
    if (scene.isPast) return listAt(journal, scene.at_ms);
    const read = this.#settled(journal.read, scene.now_ms);
    if (!read || (read.error && !this.begun)) return [];
    const onTheWay = this.#arrivals(scene);
    const given = new Map(read.todos.map((todo) => [todo.id, todo]));
    if (!read.error) {
      for (const id of new Set([...given.keys(), ...this.todos.keys()])) {
        if (this.begun && onTheWay.has(id)) continue;
        const todo = given.get(id);
        if (todo) this.todos.set(id, todo);
        else this.todos.delete(id);
      }
      this.begun = true;
    }
    return [...this.todos.values()].sort((a, b) => a.id - b.id);
  }

  /**
   * The newest read that is old enough. A read may come before the traces that tell of the journey
   * to what it shows; taken at once, the row would be there before its mark has set out.
   * @param {Read|null} newest
   * @param {number} now_ms
   */
  #settled(newest, now_ms) {
    if (newest && this.reads.at(-1)?.read !== newest) this.reads.push({ read: newest, heard_ms: now_ms });
    if (!this.begun) return newest;
    const settled = this.reads.findLastIndex(({ heard_ms }) => now_ms - heard_ms >= SETTLE_MS);
    this.reads.splice(0, settled);
    return this.reads[0]?.read ?? null;
  }

  /**
   * Takes over the states that have arrived; returns the ids of the todos with one on its way.
   * @param {Scene} scene
   */
  #arrivals(scene) {
    /** @type {Set<number>} */
    const onTheWay = new Set();
    for (const shown of scene.shown.values()) {
      const { journey } = shown;
      if (journey.todo_id === null) continue;
      if (!shown.over) onTheWay.add(journey.todo_id);
      else if (shown.hop === "seen") this.#arrive(journey);
    }
    return onTheWay;
  }

  /** @param {Journey} journey */
  #arrive(journey) {
    const { todo_id, version, title, completed } = journey;
    if (todo_id === null || version === null || title === null || completed === null) return;
    if (version <= (this.versions.get(todo_id) ?? 0)) return;
    this.versions.set(todo_id, version);
    if (isDeletion(journey)) this.todos.delete(todo_id);
    else this.todos.set(todo_id, { id: todo_id, title, completed });
  }
}
