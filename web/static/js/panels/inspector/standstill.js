// @ts-check
/**
 * Stands still while a journey is looked at, and then goes on as before, unless somebody has moved the playhead
 * meanwhile. Pure.
 */

/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */
/** @typedef {{pause: () => void, toggle: () => void, toLive: () => void}} Controls */

export class Standstill {
  /**
   * @param {Pick<Playhead, "mode"|"at_ms"|"isPaused">} playhead
   * @param {Controls} controls
   */
  constructor(playhead, controls) {
    this.playhead = playhead;
    this.controls = controls;
    /** What it interrupted. @type {"live"|"playing"|null} */
    this.interrupted = null;
    /** Where it stopped. @type {number|null} */
    this.at_ms = null;
  }

  /** Whether the page stands still because of this, and goes on when it ends. */
  get isHolding() {
    return this.interrupted !== null && this.playhead.isPaused() && this.playhead.at_ms === this.at_ms;
  }

  begin() {
    if (this.isHolding) return;
    const { mode } = this.playhead;
    this.interrupted = mode === "paused" ? null : mode;
    if (this.interrupted) this.controls.pause();
    this.at_ms = this.playhead.at_ms;
  }

  end() {
    const { isHolding, interrupted } = this;
    this.interrupted = null;
    if (!isHolding) return;
    if (interrupted === "live") this.controls.toLive();
    else this.controls.toggle();
  }
}
