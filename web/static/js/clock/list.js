// @ts-check
/**
 * The list as the page shows it to a reader. Live, it is what the reads gave, in step with the marks; in
 * the past, it is what reads had shown by then. Pure.
 */
import { isDeletion, kindOf } from "../journal/journey.js";
import { byTodo } from "../journal/order.js";
import { readableSince } from "../journal/over.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/types.js").Read} Read */
/** @typedef {import("../journal/types.js").Todo} Todo */
/** @typedef {import("./shown.js").Scene} Scene */
/** @typedef {{id: number, title: string|null, completed: boolean|null}} PastTodo */

/** Longer than traces take to arrive: their export delay plus a batch of the wire. */
export const SETTLE_MS = 800;

/** The list as a read gives it, at the moment that the stage shows. */
export class ShownList {
  constructor() {
    /** @type {Map<number, Todo>} */
    this.todos = new Map();
    /** @type {Map<number, number>} By todo, the version shown, if its journey has been shown. */
    this.versions = new Map();
    this.begun = false;
    /** @type {{read: Read, heard_ms: number}[]} The reads that are too new to be shown, and the last one that is not. */
    this.reads = [];
  }

  /**
   * Takes over what the last read gave, except for todos whose mark is still on its way: their rows
   * change when it arrives.
   * @param {Journal} journal
   * @param {Scene} scene
   * @returns {PastTodo[]} In id order.
   */
  update(journal, scene) {
    if (scene.isPast) return todosAt(journal, scene.at_ms);
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
    this.#forget(scene);
    return [...this.todos.values()].sort((a, b) => a.id - b.id);
  }

  /**
   * The newest read that is old enough. A read may arrive before the traces of the write that it shows.
   * If it were taken at once, the row would be there before its mark had set out.
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
   * Takes over the states that have arrived, and returns the ids of the todos with one still on its way.
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

  /**
   * Forgets the version of a todo that is not in the list, unless one of its marks may still arrive.
   * @param {Scene} scene
   */
  #forget({ shown }) {
    const arriving = new Set([...shown.values()].map(({ journey }) => journey.todo_id));
    for (const id of this.versions.keys()) {
      if (!this.todos.has(id) && !arriving.has(id)) this.versions.delete(id);
    }
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

/**
 * The list as a read gave it at a moment, worked out from when reads first showed each state. An unknown
 * title is null, never made up.
 * @param {Journal} journal
 * @param {number} at_ms Epoch.
 * @returns {PastTodo[]} In id order.
 */
export function todosAt(journal, at_ms) {
  /** @type {Map<number, PastTodo>} */
  const todos = new Map((journal.read?.todos ?? []).map((todo) => [todo.id, todo]));
  for (const [id, history] of byTodo(journal.journeys.values())) {
    const state = stateAt(journal, history, at_ms);
    if (state) todos.set(id, { id, ...state });
    else todos.delete(id);
  }
  return [...todos.values()].sort((a, b) => a.id - b.id);
}

/**
 * @param {Journal} journal
 * @param {Journey[]} history Of one todo, by version.
 * @param {number} at_ms
 * @returns {{title: string|null, completed: boolean|null}|null} Null if a read did not give the todo.
 */
function stateAt(journal, history, at_ms) {
  const shown = history.findLast((journey) => readableSince(journal, journey) <= at_ms);
  if (shown) {
    return isDeletion(shown) ? null : { title: shown.title, completed: shown.completed };
  }
  const [first] = history;
  if (first.version === 1) return null;
  const kind = kindOf(first);
  return {
    title: kind === "renamed" ? null : first.title,
    completed: kind === "completed" ? false : kind === "reopened" ? true : first.completed,
  };
}
