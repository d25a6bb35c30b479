// @ts-check
/**
 * The loop: when what is drawn. Marks with every frame, words some times a second and one view in a
 * frame, so that no frame carries them all; nothing at rest, and nothing at all while paused.
 */
import { factsOf } from "../facts/facts.js";
import { Memory } from "../facts/truths.js";

/** @typedef {import("../clock/clock.js").Scene} Scene */
/** @typedef {import("../facts/facts.js").Facts} Facts */
/** @typedef {{draw: (scene: Scene, facts: Facts) => void}} View */

const WORDS_EVERY_MS = 100;
/** With many marks under way words come together and seldom, so that 24 of 25 frames carry none. */
const MANY_MARKS = 20;
const WORDS_OF_MANY_EVERY_MS = 420;
const LATE_EVERY_MS = 1000;

export class Loop {
  /**
   * @param {object} parts
   * @param {import("../clock/playhead.js").Playhead} parts.playhead
   * @param {{draw: (scene: Scene) => void, isMoving: () => boolean}} parts.stage
   * @param {View[]} parts.views Draw words and figures.
   * @param {{drawLate: (now_ms: number) => void}} parts.late Says how far behind live it is.
   * @param {() => number} parts.now The page's clock, in ms.
   * @param {() => boolean} parts.steps Whether marks jump from hop to hop.
   */
  constructor({ playhead, stage, views, late, now, steps }) {
    this.playhead = playhead;
    this.stage = stage;
    this.views = views;
    this.late = late;
    this.now = now;
    this.steps = steps;
    /** What the facts of one scene pass on to those of the next. */
    this.memory = new Memory();
    /** @type {number|undefined} */
    this.frame = undefined;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    /** Whether all has to be drawn, even where it stands still. */
    this.isStale = true;
    this.turn = 0;
    this.worded_ms = 0;
  }

  /** Something has happened: draw, unless it is paused. */
  wake() {
    if (this.playhead.isPaused() && !this.isStale) return;
    this.frame ??= requestAnimationFrame(() => this.#draw());
  }

  /** Something else is to be seen: draw all of it. */
  redraw() {
    this.isStale = true;
    this.wake();
  }

  #draw() {
    this.frame = undefined;
    clearTimeout(this.timer);
    const { playhead, stage } = this;
    const now_ms = this.now();
    const scene = playhead.scene(now_ms);
    stage.draw(scene);
    const isMoving = !this.isStale && this.#isMoving(scene);
    this.#drawViews(scene, factsOf(this.playhead.journal, scene, this.memory), isMoving);
    if (playhead.isPaused()) this.#standStill();
    else if (isMoving || this.#isMoving(scene)) this.wake();
    // At rest nothing is drawn but a slow tick.
    else this.timer = setTimeout(() => this.wake(), WORDS_EVERY_MS);
  }

  /**
   * @param {Scene} scene
   * @param {Facts} facts
   * @param {boolean} isMoving Whether one view has to do for this frame.
   */
  #drawViews(scene, facts, isMoving) {
    const { views } = this;
    const isMany = isMoving && scene.shown.size > MANY_MARKS;
    if (!isMoving || isMany) {
      const every_ms = isMany ? WORDS_OF_MANY_EVERY_MS : WORDS_EVERY_MS;
      if (!this.isStale && scene.now_ms < this.worded_ms + every_ms) return;
      for (const view of views) view.draw(scene, facts);
      this.isStale = false;
      this.worded_ms = scene.now_ms;
      this.turn = 0;
      return;
    }
    if (this.turn < views.length) views[this.turn].draw(scene, facts);
    this.turn += 1;
    if (this.turn >= views.length && scene.now_ms >= this.worded_ms + WORDS_EVERY_MS) {
      this.turn = 0;
      this.worded_ms = scene.now_ms;
    }
  }

  /** @param {Scene} scene */
  #isMoving(scene) {
    if (this.playhead.isPaused()) return false;
    if (this.stage.isMoving()) return true;
    if (this.steps()) return false;
    for (const { moving } of scene.shown.values()) if (moving) return true;
    return this.playhead.mode === "playing";
  }

  /** Only how late it has become is still told. */
  #standStill() {
    this.timer = setTimeout(() => {
      if (!this.playhead.isPaused()) return;
      this.late.drawLate(this.now());
      this.#standStill();
    }, LATE_EVERY_MS);
  }
}
