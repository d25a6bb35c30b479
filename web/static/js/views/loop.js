// @ts-check
/**
 * The loop: when each view is drawn. Moving parts are drawn in every frame. Words are drawn a few times a
 * second, a few views at a time, so that no frame carries them all. At rest there is only a slow tick,
 * and while paused nothing at all. A view that throws is dropped, and the others go on.
 */

/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../facts/facts.js").Facts} Facts */
/** @typedef {import("./view.js").Mounted} Mounted */
/** @typedef {import("./view.js").View} View */

const WORDS_EVERY_MS = 100;
/** With many marks under way, words are drawn all together and seldom, so that 24 of 25 frames carry none. */
const MANY_MARKS = 20;
const WORDS_OF_MANY_EVERY_MS = 420;
const PAUSED_EVERY_MS = 1000;

export class Loop {
  /**
   * @param {object} parts
   * @param {import("../clock/playhead.js").Playhead} parts.playhead
   * @param {(scene: Scene) => Facts} parts.judge Makes what the views get besides the scene.
   * @param {() => number} parts.now The page's clock, in ms.
   * @param {() => boolean} parts.steps Whether marks jump from hop to hop.
   * @param {(name: string, root: HTMLElement, error: unknown) => void} parts.failed Called for a view
   *   that threw.
   */
  constructor({ playhead, judge, now, steps, failed }) {
    this.playhead = playhead;
    this.judge = judge;
    this.now = now;
    this.steps = steps;
    this.failed = failed;
    /** @type {Mounted[]} */
    this.views = [];
    /** @type {number|undefined} */
    this.frame = undefined;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    /** Whether everything has to be drawn, even if the scene stands still. */
    this.isStale = true;
    this.turn = 0;
    this.worded_ms = 0;
  }

  /** @param {Mounted[]} views */
  add(views) {
    this.views = [...this.views, ...views];
    this.redraw();
  }

  /** Draws because something has happened, unless the page is paused. */
  wake() {
    if (this.playhead.isPaused() && !this.isStale) return;
    this.frame ??= requestAnimationFrame(() => this.#draw());
  }

  /** Draws everything, because something else is to be seen. */
  redraw() {
    this.isStale = true;
    this.wake();
  }

  #draw() {
    this.frame = undefined;
    clearTimeout(this.timer);
    const { playhead } = this;
    const scene = playhead.scene(this.now());
    const facts = this.judge(scene);
    this.#each(this.views, (view) => view.move?.(scene, facts));
    const isMoving = !this.isStale && this.#isMoving(scene);
    this.#drawWords(scene, facts, isMoving);
    if (playhead.isPaused()) this.#standStill();
    else if (isMoving || this.#isMoving(scene)) this.wake();
    // At rest, only a slow tick draws anything.
    else this.timer = setTimeout(() => this.wake(), WORDS_EVERY_MS);
  }

  /**
   * @param {Scene} scene
   * @param {Facts} facts
   * @param {boolean} isMoving Whether to draw only one group of views in this frame.
   */
  #drawWords(scene, facts, isMoving) {
    const draw = (/** @type {View} */ view) => view.draw?.(scene, facts);
    const isMany = isMoving && scene.shown.size + (scene.side?.size ?? 0) > MANY_MARKS;
    if (!isMoving || isMany) {
      const every_ms = isMany ? WORDS_OF_MANY_EVERY_MS : WORDS_EVERY_MS;
      if (!this.isStale && scene.now_ms < this.worded_ms + every_ms) return;
      this.#each(this.views, draw);
      this.isStale = false;
      this.worded_ms = scene.now_ms;
      this.turn = 0;
      return;
    }
    const turns = turnsOf(this.views);
    this.#each(turns[this.turn] ?? [], draw);
    this.turn += 1;
    if (this.turn >= turns.length && scene.now_ms >= this.worded_ms + WORDS_EVERY_MS) {
      this.turn = 0;
      this.worded_ms = scene.now_ms;
    }
  }

  /** @param {Scene} scene */
  #isMoving(scene) {
    if (this.playhead.isPaused()) return false;
    let isMoving = false;
    this.#each(this.views, (view) => { isMoving ||= view.isMoving?.() ?? false; });
    if (isMoving) return true;
    if (this.steps()) return false;
    for (const { moving } of [...scene.shown.values(), ...scene.side?.values() ?? []]) if (moving) return true;
    return this.playhead.mode === "playing";
  }

  /** While paused, views draw only in their tick, e.g. how late the page has become. */
  #standStill() {
    this.timer = setTimeout(() => {
      if (!this.playhead.isPaused()) return;
      this.#each(this.views, (view) => view.tick?.(this.now()));
      this.#standStill();
    }, PAUSED_EVERY_MS);
  }

  /**
   * Does something with each view, and drops any view that throws.
   * @param {readonly Mounted[]} views
   * @param {(view: View) => void} act
   */
  #each(views, act) {
    for (const mounted of views) {
      try {
        act(mounted.view);
      } catch (error) {
        this.views = this.views.filter((other) => other !== mounted);
        this.failed(mounted.name, mounted.view.root, error);
      }
    }
  }
}

/**
 * The order in which views draw their words, a frame each: one view after another, but the views of a
 * group together.
 * @param {readonly Mounted[]} views
 * @returns {Mounted[][]}
 */
export function turnsOf(views) {
  /** @type {Map<string, Mounted[]>} */
  const turns = new Map();
  for (const mounted of views) {
    if (!mounted.view.draw) continue;
    const key = mounted.view.group ?? `alone ${mounted.name}`;
    turns.set(key, [...(turns.get(key) ?? []), mounted]);
  }
  return [...turns.values()];
}
