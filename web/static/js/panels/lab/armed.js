// @ts-check
/**
 * What the lab does, in sight from the back row: each switch that is on, where it acts, and what is left of its
 * time, at the moment that is shown. What changes now is read out.
 */
import { armedIn } from "../../facts/armed.js";
import { toldAt } from "../../facts/status.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { armedSays, changesIn, leftSays } from "./words.js";

/** As many as can be read on one line. Of the others, how many there are; for the room, that also goes by the room there is. */
const MOST = 4;

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
    this.more = one(root, "armed-more");
    /** The first of those that have no room. @type {Armed|null} */
    this.next = null;
    this.more.addEventListener("click", () => this.next && door.open(this.next.place.place, this.next.name));
    this.door = door;
    /** How many had room, for what was on and how wide the page was. */
    this.fitted = { key: "", most: MOST };
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
    this.root.hidden = !armed.length;
    set(this.root.ownerDocument.documentElement, "data-armed", armed.length ? "" : null);
    this.#drawLine(armed, MOST);
    if (!this.root.ownerDocument.documentElement.hasAttribute("data-present")) return;
    // For the room each is written whole, or counted.
    const key = `${armed.map((each) => `${each.place.place} ${each.name}`).join()} ${this.root.ownerDocument.documentElement.clientWidth}`;
    if (key !== this.fitted.key) this.fitted = { key, most: this.#fitting(armed) };
    this.#drawLine(armed, this.fitted.most);
  }

  /**
   * How many have room.
   * @param {readonly Armed[]} armed
   */
  #fitting(armed) {
    let most = Math.min(MOST, armed.length);
    while (most > 1) {
      this.#drawLine(armed, most);
      if (this.list.scrollWidth <= this.list.clientWidth) break;
      most -= 1;
    }
    return most;
  }

  /**
   * @param {readonly Armed[]} armed
   * @param {number} most
   */
  #drawLine(armed, most) {
    keyed(this.list, armed.slice(0, most), ({ place, name }) => `${place.place} ${name}`, (each) => this.#create(each), (item, each) => {
      const { where, which, fired } = armedSays(each);
      const left = leftSays(each.left_ms);
      const [button] = item.children;
      const isRoom = this.root.ownerDocument.documentElement.hasAttribute("data-present");
      say(button.children[0], (isRoom && each.place.short) || where);
      say(button.children[1], which);
      say(button.children[2], fired);
      say(button.children[3], left);
      set(button, "title", [`${where}: ${which}`, fired, left].filter(Boolean).join(", "));
    });
    this.#drawMore(armed, most);
  }

  /**
   * Where several share the line, each says less of itself.
   * @param {readonly Armed[]} armed
   * @param {number} most
   */
  #drawMore(armed, most) {
    const rest = armed.slice(most);
    this.next = rest[0] ?? null;
    this.more.hidden = !rest.length;
    say(this.more, `and ${rest.length} more`);
    set(this.more, "title", rest.map((each) => `${armedSays(each).where}: ${armedSays(each).which}`).join("; "));
    set(this.root, "data-share", armed.length > 3 ? "many" : armed.length > 1 ? "some" : null);
  }

  /** @param {Armed} armed */
  #create({ place, name }) {
    const item = make("li");
    const button = make("button", { type: "button" });
    button.append(make("b"), make("span", { class: "which" }), make("span", { class: "fired" }), make("span", { class: "left" }));
    button.addEventListener("click", () => this.door.open(place.place, name));
    item.append(button);
    return item;
  }
}
