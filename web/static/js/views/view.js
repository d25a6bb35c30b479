// @ts-check
/**
 * What a view is, and how views are put on the page. A view has its own root and draws only into that. No
 * other module needs it: if its root is missing, or once it has failed, the others go on.
 */

/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../facts/facts.js").Facts} Facts */

/**
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {(scene: Scene, facts: Facts) => void} [draw] Draws words and figures, a few times a second.
 * @property {(scene: Scene, facts: Facts) => void} [move] Draws what moves, in every frame.
 * @property {() => boolean} [isMoving] Whether the next frame differs from this one, whatever the scene
 *   says.
 * @property {(now_ms: number) => void} [tick] Draws what goes on while the page is paused, once a second.
 * @property {string} [group] Views of one group share a frame, because they repeat each other's
 *   figures, or because each is only a few words.
 */

/** @typedef {{name: string, view: View}} Mounted */
/**
 * @template House
 * @typedef {{mount: (root: HTMLElement, house: House) => View}} Mounts A module that makes a view.
 */

/**
 * Makes the views whose roots the page has. The root of the view `list` is `[data-view="list"]`.
 * @template House
 * @param {ParentNode} page
 * @param {Record<string, Mounts<House>>} views By name.
 * @param {House} house What the views are made from.
 * @param {(name: string, root: HTMLElement, error: unknown) => void} failed
 * @returns {Mounted[]}
 */
export function mountAll(page, views, house, failed) {
  /** @type {Mounted[]} */
  const mounted = [];
  for (const [name, { mount }] of Object.entries(views)) {
    const root = page.querySelector(`[data-view="${name}"]`);
    if (!(root instanceof HTMLElement)) continue;
    try {
      mounted.push({ name, view: mount(root, house) });
    } catch (error) {
      failed(name, root, error);
    }
  }
  return mounted;
}

/**
 * Says on the page that a view has failed, and reports the error for whoever mends it.
 * @param {Element|null} list Where such messages go.
 * @returns {(name: string, root: HTMLElement, error: unknown) => void}
 */
export function failuresIn(list) {
  return (name, root, error) => {
    reportError(error);
    root.setAttribute("data-dropped", "");
    const message = document.createElement("li");
    message.textContent = `A part of this page has failed and is no longer drawn: ${name}. `
      + "Reload the page to try again.";
    list?.append(message);
  };
}
