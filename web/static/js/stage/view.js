// @ts-check
/** The stage as a view of the page: its marks move in every frame, and its words are drawn with the others. */
import { Stage } from "./stage.js";

/**
 * @param {HTMLElement} root
 * @param {{look: {isPresenting: () => boolean}, steps: () => boolean, redraw: () => void}} house
 * @returns {import("../views/view.js").View}
 */
export function mount(root, { look, steps, redraw }) {
  const stage = new Stage(root, { steps, isLarge: () => look.isPresenting() });
  stage.onResize = redraw;
  return {
    root,
    move: (scene, facts) => stage.draw(scene, facts),
    draw: (scene, facts) => stage.drawWords(scene, facts),
    isMoving: () => stage.isMoving(),
  };
}
