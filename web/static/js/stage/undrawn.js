// @ts-check
/** The numbers of marks that are not drawn, written where there was no room for the marks. */
import { make, set } from "../page/dom.js";

/** @typedef {import("./layout/types.js").Layout} Layout */
/** @typedef {import("./layout/types.js").Point} Point */
/** @typedef {import("./layer.js").Layer} Layer */

export class Undrawn {
  /** @param {Layer} layer */
  constructor(layer) {
    this.layer = layer;
    /** @type {Map<string, HTMLElement>} By place or pipe. */
    this.counts = new Map();
    /** @type {[string, Point][]} Where each is written. */
    this.spots = [];
  }

  /** @param {Layout} layout */
  resize({ docks, pipes, side }) {
    const all = [docks, pipes, side.docks, side.pipes].flatMap((each) => Object.entries(each));
    // What was written where a read model is no longer kept goes with it.
    for (const [name, count] of this.counts) if (!all.some(([known]) => known === name)) count.textContent = "";
    this.spots = all.map(([name, { count }]) => [name, count]);
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
    let count = this.counts.get(name);
    if (!count && !text) return;
    if (!count) {
      count = make("span", { "data-undrawn": name });
      this.layer.element.append(count);
      this.counts.set(name, count);
    }
    if (count.textContent !== text) {
      count.textContent = text;
      set(count, "title", text && meaningOf(text));
    }
    const transform = this.layer.at(spot);
    if (count.style.transform !== transform) count.style.transform = transform;
  }
}

/** @param {string} text "×443" or "+994". */
function meaningOf(text) {
  const count = text.slice(1);
  return text.startsWith("×") ? `${count} events here, none of them drawn` : `${count} more events here than are drawn`;
}
