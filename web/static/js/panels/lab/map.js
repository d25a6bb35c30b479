// @ts-check
/** The places as a small picture of the loop, in which one is chosen. Each stands in the area that bears its name. */
import { PLACES, placeOf } from "../../facts/places.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { Roving } from "../../page/roving.js";

/** @typedef {import("../../facts/armed.js").Setting} Setting */
/** @typedef {import("../../journal/types.js").Descriptions} Descriptions */
/** @typedef {{described: Descriptions, states: Record<string, Record<string, Setting>|null>, chosen: string}} Shown */

const KNOWN = new Set(PLACES.map(({ place }) => place));

export class LabMap {
  /**
   * @param {HTMLElement} panel
   * @param {(place: string) => void} choose
   */
  constructor(panel, choose) {
    this.loop = one(panel, "lab-loop");
    this.more = one(panel, "lab-more");
    const root = one(panel, "lab-map");
    root.addEventListener("click", ({ target }) => {
      const place = target instanceof Element ? target.closest("button")?.dataset.place : null;
      if (place) choose(place);
    });
    this.roving = new Roving(root, "button");
  }

  /**
   * @param {readonly string[]} names The places that have something to break, in the order of the flow.
   * @param {Shown} shown
   */
  draw(names, shown) {
    // What has nothing to break is still a part of the picture, unless it is only a line.
    const drawn = PLACES.filter(({ place, kind }) => kind !== "link" || names.includes(place)).map(({ place }) => place);
    for (const [root, places] of /** @type {const} */ ([[this.loop, drawn], [this.more, names.filter((place) => !KNOWN.has(place))]])) {
      keyed(root, places, (place) => `${place} ${place in shown.described}`, (place) => create(place, place in shown.described),
        (element, place) => update(element, place, shown));
    }
    this.roving.update();
  }
}

/**
 * @param {string} place
 * @param {boolean} isChoice Whether there is anything to break.
 */
function create(place, isChoice) {
  const { kind, name, short } = placeOf(place);
  const element = make(isChoice ? "button" : "span", { class: `place ${kind}` });
  if (isChoice) for (const [attribute, value] of [["type", "button"], ["title", name], ["data-place", place]]) set(element, attribute, value);
  if (KNOWN.has(place)) element.style.gridArea = place;
  if (kind !== "link") say(element, short ?? name);
  return element;
}

/**
 * @param {Element} element
 * @param {string} place
 * @param {Shown} shown
 */
function update(element, place, { described, states, chosen }) {
  const on = Object.values(states[place] ?? {}).filter((state) => state?.on).length;
  set(element, "data-on", on ? "" : null);
  if (!(place in described)) return;
  const count = Object.keys(described[place]).length;
  set(element, "aria-pressed", String(place === chosen));
  set(element, "aria-label", `${placeOf(place).name}: ${count} switch${count === 1 ? "" : "es"}${on ? `, ${on} on` : ""}`);
}
