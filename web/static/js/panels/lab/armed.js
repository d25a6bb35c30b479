// @ts-check
/**
 * What the lab does, in sight from the back row: each switch that is on, where it acts, and what is left of its
 * time, at the moment that is shown. What changes now is read out.
 */
import { armedIn } from "../../facts/armed.js";
import { toldAt } from "../../facts/status.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { armedSays, changesIn, leftSays } from "./words.js";

/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../facts/armed.js").Armed} Armed */
/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../page/door.js").Door} Door */

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, door: Door, announce: (text: string) => void}} house
 */
export function mount(root, house) {
  return new ArmedLine(root, house);
}

class ArmedLine {
  group = "words";

  /**
   * @param {HTMLElement} root
   * @param {{journal: Journal, door: Door, announce: (text: string) => void}} house
   */
  constructor(root, { journal, door, announce }) {
    this.root = root;
    this.journal = journal;
    this.list = one(root, "armed");
    this.door = door;
    /** @type {Record<string, any>} */
    this.told = {};
    journal.addEventListener("switches", () => {
      const now = journal.told.switches.latest ?? {};
      const changes = changesIn(this.told, now);
      this.told = now;
      if (changes.length && !journal.run) announce(changes.join(" "));
    });
  }

  /** @param {Scene} scene */
  draw(scene) {
    const { isPast, at_ms, behind_ms } = scene;
    const armed = armedIn(toldAt(this.journal, scene).switches, isPast ? at_ms : at_ms + behind_ms);
    keyed(this.list, armed, ({ place, name }) => `${place.place} ${name}`, (each) => this.#create(each), (item, each) => {
      const { where, which, fired } = armedSays(each);
      const left = leftSays(each.left_ms);
      const [button] = item.children;
      say(button.children[0], where);
      say(button.children[1], which);
      say(button.children[2], fired);
      say(button.children[3], left);
    });
    this.root.hidden = !armed.length;
    set(this.root.ownerDocument.documentElement, "data-armed", armed.length ? "" : null);
  }

  /** @param {Armed} armed */
  #create({ place, name }) {
    const item = make("li");
    const button = make("button", { type: "button", title: "Show it in the lab" });
    button.append(make("b"), make("span"), make("span", { class: "fired" }), make("span", { class: "left" }));
    button.addEventListener("click", () => this.door.open(place.place, name));
    item.append(button);
    return item;
  }
}
