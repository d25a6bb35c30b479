// @ts-check
/**
 * The stage: draws the loop, what each node contains, and the marks where the scene says they are. It
 * changes neither the scene nor the facts.
 *
 * The loop is an SVG, drawn from table.js. The marks lie over it, each in its own layer, so a frame only
 * moves them and paints nothing.
 */
import { one, set } from "../page/dom.js";
import { Answers } from "./answers.js";
import { crowdOf } from "./crowd.js";
import { Undrawn } from "./undrawn.js";
import { drawLabels } from "./labels.js";
import { Layer } from "./layer.js";
import { layoutOf, orientationOf, uprightLeast } from "./layout/layout.js";
import { MARK_HEIGHT } from "./layout/measures.js";
import { Marks } from "./marks.js";
import { drawFlow, drawLinks, drawNodes } from "./nodes.js";
import { Skeleton } from "./skeleton.js";

/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../facts/facts.js").Facts} Facts */
/** @typedef {import("./layout/types.js").Layout} Layout */

/**
 * @typedef {object} Middle The free room in the middle of the loop, in CSS pixels of the stage.
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 * @property {number} scale The size of words there, compared with an unscaled page.
 */

export class Stage {
  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {() => boolean} options.steps Whether marks jump from hop to hop.
   * @param {() => boolean} options.isLarge Whether the stage is to be read from the back of a room.
   */
  constructor(root, { steps, isLarge }) {
    this.root = root;
    this.steps = steps;
    this.isLarge = isLarge;
    this.skeleton = new Skeleton(one(root, "loop", SVGSVGElement));
    this.layer = new Layer(one(root, "marks"));
    this.marks = new Marks(this.layer);
    this.undrawn = new Undrawn(this.layer);
    this.answers = new Answers(this.layer);
    /** The other read models that are on the stage. @type {readonly import("./layout/types.js").RowName[]} */
    this.sides = [];
    /** Called when the size of the stage has changed, and it has to be drawn again. */
    this.onResize = () => {};
    this.#tellStyles();
    this.layout = this.#fitting();
    this.tracks = this.#place(this.layout);
    const resized = new ResizeObserver(() => this.resize());
    resized.observe(root);
    resized.observe(this.skeleton.svg);
  }

  resize() {
    this.layout = this.#fitting();
    this.tracks = this.#place(this.layout);
    this.onResize();
  }

  /**
   * Draws the marks where they are in this frame.
   * @param {Scene} scene
   * @param {Facts} facts
   */
  draw(scene, { injected }) {
    const ground = { layout: this.layout, tracks: this.tracks, steps: this.steps() };
    const { placed, rest, taken } = crowdOf(scene, ground);
    this.marks.draw(placed, injected);
    this.undrawn.draw(rest);
    if (scene.isPast) this.answers.clear();
    else this.answers.draw(scene, ground, taken);
  }

  /**
   * Draws the words on the stage: what each node contains, and how long each stretch took.
   * @param {Scene} scene
   * @param {Facts} facts
   */
  drawWords(scene, facts) {
    this.#keepSides(facts);
    drawNodes(this.skeleton, facts);
    drawLinks(this.skeleton, facts);
    drawFlow(this.skeleton, scene);
    drawLabels(this.skeleton.labels, facts);
    this.marks.follow(facts.followed?.event_id ?? null);
  }

  /**
   * Makes room for the other read models while the lab keeps them, and for the coordinator.
   * @param {Facts} facts
   */
  #keepSides({ sides, coordinator }) {
    /** @type {import("./layout/types.js").RowName[]} */
    const names = [...sides.map(({ name }) => name), ...(coordinator ? /** @type {const} */ (["coordinator"]) : [])];
    if (names.join() === this.sides.join()) return;
    this.sides = names;
    this.#tellStyles();
    this.resize();
  }

  /** Whether an answer is on its way, so that the next frame differs from this one. */
  isMoving() {
    return this.answers.isMoving();
  }

  /** The layout for the stage's present size. */
  #fitting() {
    const { root } = this;
    const width_px = root.clientWidth;
    // This comes first, because the stage's height may depend on its orientation.
    set(root, "data-orientation", orientationOf(width_px));
    const height_px = this.skeleton.svg.getBoundingClientRect().height;
    return layoutOf({ width_px, height_px, isLarge: this.isLarge(), sides: this.sides });
  }

  /**
   * Puts everything in its place.
   * @param {Layout} layout
   * @returns {import("./place.js").Ground["tracks"]}
   */
  #place(layout) {
    const { root, skeleton } = this;
    const unit = root.clientWidth / layout.width;
    set(root, "data-type", layout.type.name);
    set(root, "data-sides", layout.side.names.join(" ") || null);
    set(root, "data-side-form", layout.side.names.length ? layout.side.form : null);
    root.style.setProperty("--least", `${layout.type.least}px`);
    root.style.setProperty("--least-px", `${layout.type.least * unit}px`);
    this.layer.resize(unit, layout.type.mark);
    this.undrawn.resize(layout);
    this.#tellMiddle(layout.middle && middleOf(layout.middle, unit, layout.type.text));
    return skeleton.place(layout);
  }

  /**
   * Sets custom properties with the position of the loop's middle, for whatever is in it.
   * @param {Middle|null} middle Null if the loop has no room in its middle.
   */
  #tellMiddle(middle) {
    const { style } = this.root;
    style.setProperty("--text-unit", String(middle?.scale ?? 1));
    for (const side of /** @type {const} */ (["left", "top", "width", "height"])) {
      if (middle) style.setProperty(`--middle-${side}`, `${middle[side]}px`);
      else style.removeProperty(`--middle-${side}`);
    }
  }

  /** Gives the style sheets the layout's measures. */
  #tellStyles() {
    const { style } = this.root;
    style.setProperty("--mark-height", String(MARK_HEIGHT));
    style.setProperty("--upright-least", `${uprightLeast(this.sides)}px`);
  }
}

/**
 * @param {import("./layout/types.js").Box} box
 * @param {number} unit
 * @param {number} text
 * @returns {Middle}
 */
function middleOf({ x, y, w, h }, unit, text) {
  return { left: x * unit, top: y * unit, width: w * unit, height: h * unit, scale: unit * text };
}
