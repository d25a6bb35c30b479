// @ts-check
/** What web knows of lessons: which there are, what is in one, its sheet, and the source of a process that runs. */

/** @typedef {import("../journal/lesson.js").Lesson} Lesson */
/** @typedef {import("../journal/lesson.js").Listed} Listed */
/** @typedef {import("../journal/lesson.js").Source} Source */
/** @typedef {{file?: string, line?: number, text?: string}} Running A piece of the source that runs. */

export class Lessons extends EventTarget {
  /** @param {typeof fetch} ask */
  constructor(ask) {
    super();
    this.ask = ask;
    /** Null until web has answered. @type {readonly Listed[]|null} */
    this.listed = null;
    /** @type {Map<string, Lesson>} */
    this.known = new Map();
    /** What is being asked for. @type {Set<string>} */
    this.asking = new Set();
  }

  /** Asks which lessons there are: a file may have been added since. Emits `change`. */
  list() {
    void this.#once("/lessons", (listed) => { this.listed = listed; });
  }

  /**
   * What is in a lesson, if it is known by now; it is asked for otherwise, and `change` follows.
   * @param {string} id
   * @returns {Lesson|undefined}
   */
  lesson(id) {
    const lesson = this.known.get(id);
    if (!lesson) void this.#once(`/lessons/${encodeURIComponent(id)}`, (told) => { this.known.set(id, told); });
    return lesson;
  }

  /** A lesson that begins may have been edited since it was asked for. @param {string} id */
  forget(id) {
    this.known.delete(id);
  }

  /**
   * The source that runs at a place.
   * @param {Source} source
   * @returns {Promise<Running|null>} Null if it cannot be had.
   */
  source({ place, object }) {
    return this.#told(`/lab/${encodeURIComponent(place)}/source?object=${encodeURIComponent(object)}`);
  }

  /** The sheet of the lesson that is under way, or of the last one. @returns {Promise<any>} Null if there is none. */
  sheet() {
    return this.#told("/lesson/sheet");
  }

  /**
   * @param {string} path
   * @param {(told: any) => void} take
   */
  async #once(path, take) {
    if (this.asking.has(path)) return;
    this.asking.add(path);
    const told = await this.#told(path);
    this.asking.delete(path);
    if (told === null) return;
    take(told);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} path */
  async #told(path) {
    try {
      const answer = await this.ask(path, { cache: "no-store" });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }
}
