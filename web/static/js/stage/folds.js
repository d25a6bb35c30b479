// @ts-check
/** How many marks are not drawn, written where there was no room for them. */
import { make } from "../page/dom.js";

/** @typedef {import("./layout/types.js").Layout} Layout */
/** @typedef {import("./layout/types.js").Point} Point */
/** @typedef {import("./layer.js").Layer} Layer */

export class Folds {
  /** @param {Layer} layer */
  constructor(layer) {
    this.layer = layer;
    /** @type {Map<string, HTMLElement>} By place or pipe. */
    this.folds = new Map();
    /** @type {[string, Point][]} Where each is written. */
    this.spots = [];
  }

  /** @param {Layout} layout */
  resize({ docks, pipes }) {
    this.spots = [...Object.entries(docks), ...Object.entries(pipes)].map(([name, { count }]) => [name, count]);
  }

  /** @param {ReadonlyMap<string, string>} rest By place or pipe. */
  draw(rest) {
    for (const [name, spot] of this.spots) this.#write(name, spot, rest.get(name) ?? "");
  }

  /**
   * @param {string} name
   * @param {Point} spot
   * @param {string} text
   */
  #write(name, spot, text) {
    let fold = this.folds.get(name);
    if (!fold && !text) return;
    if (!fold) {
      fold = make("span", { "data-fold": name });
      this.layer.element.append(fold);
      this.folds.set(name, fold);
    }
    if (fold.textContent !== text) fold.textContent = text;
    const transform = this.layer.at(spot);
    if (fold.style.transform !== transform) fold.style.transform = transform;
  }
}
