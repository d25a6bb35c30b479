// @ts-check
/**
 * Explains what one clicks on. Any element with `data-explain` answers a click, Enter or Space with a card
 * beside it: what it does, why, what happens without it, what there is of it now, and where its code is.
 */
import { placesAt, spoken } from "../../facts/places.js";
import { keyed, make, one, say } from "../../page/dom.js";
import { beside } from "../../page/place.js";
import { Minutes } from "./minutes.js";
import { nowOf } from "./now.js";
import { WORDS } from "./words/words.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */
/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../facts/facts.js").Facts} Facts */
/** @typedef {import("../../facts/places.js").Place} Place */
/** @typedef {import("../../journal/types.js").Descriptions} Descriptions */
/** @typedef {import("../../page/door.js").Door} Door */
/** @typedef {import("../../page/door.js").Wanted} Wanted */
/**
 * @typedef {object} House
 * @property {Journal} journal
 * @property {Playhead} playhead
 * @property {EventTarget & {places: Descriptions, want: () => void}} described
 * @property {Door} door
 * @property {typeof fetch} ask
 * @property {() => number} now The page's clock, in ms.
 */

/** What answers a click in its own way. */
const OTHERS = "[data-mark], [data-lane]";
const CONTROLS = "button, a, input, select, textarea, summary, label";

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  return new Explain(root, house);
}

class Explain {
  group = "words";

  /**
   * @param {HTMLElement} root
   * @param {House} house
   */
  constructor(root, { journal, playhead, described, door, ask, now }) {
    this.root = root;
    this.page = root.ownerDocument;
    this.journal = journal;
    this.playhead = playhead;
    this.heading = one(root, "explain-name");
    this.see = one(root, "explain-see");
    this.nowLine = one(root, "explain-now-line");
    this.breaks = one(root, "explain-breaks");
    this.minutes = new Minutes(one(root, "explain-minutes"), { ask, now, isRun: () => journal.run !== null });
    this.described = described;
    this.door = door;
    /** @type {string|null} */
    this.key = null;
    /** What was asked about; it gets the focus back. @type {HTMLElement|SVGElement|null} */
    this.about = null;
    /** @type {{scene: Scene, facts: Facts}|null} */
    this.last = null;
    this.#listen();
  }

  #listen() {
    const { page, root } = this;
    page.addEventListener("click", (event) => this.#clicked(event));
    page.addEventListener("keydown", (event) => this.#pressed(event));
    one(root, "close-explain").addEventListener("click", () => this.close());
    this.described.addEventListener("change", () => this.#drawBreaks());
    const placed = () => this.#place();
    window.addEventListener("resize", placed);
    page.addEventListener("scroll", placed, { capture: true, passive: true });
  }

  /**
   * @param {Scene} scene
   * @param {Facts} facts
   */
  draw(scene, facts) {
    this.last = { scene, facts };
    if (this.key !== null) this.#sayNow(this.key);
    this.minutes.show(this.key);
  }

  /**
   * @param {string} key
   * @param {HTMLElement|SVGElement} about What it explains.
   */
  open(key, about) {
    const words = WORDS[key];
    if (!words) return;
    this.key = key;
    this.about = about;
    say(this.heading, words.name);
    for (const part of /** @type {const} */ (["does", "why", "code"])) say(one(this.root, `explain-${part}`), words[part]);
    say(one(this.root, "explain-when"), words.gone[0]);
    say(one(this.root, "explain-then"), words.gone[1]);
    this.see.replaceChildren(...(words.see ?? []).map((other) =>
      make("button", { type: "button", class: "link-button", "data-explain-also": other }, WORDS[other].name)));
    this.#sayNow(key);
    this.minutes.show(key);
    one(this.root, "explain-opens").hidden = key !== "dead-letters" || !this.journal.lab;
    this.described.want();
    this.#drawBreaks();
    this.root.hidden = false;
    this.root.scrollTop = 0;
    this.#place();
    this.heading.focus({ preventScroll: true });
  }

  close() {
    if (this.key === null) return;
    const hadFocus = this.root.contains(this.page.activeElement);
    this.key = null;
    this.minutes.show(null);
    this.root.hidden = true;
    if (hadFocus && this.about?.isConnected) this.about.focus({ preventScroll: true });
    this.about = null;
  }

  /** @param {Event} event */
  #clicked({ target }) {
    if (!(target instanceof Element)) return;
    const also = target.closest("[data-explain-also]")?.getAttribute("data-explain-also");
    if (also && this.about) this.open(also, this.about);
    else if (!this.root.contains(target)) this.#ask(target);
  }

  /** @param {Element} target */
  #ask(target) {
    const asked = target.closest(`[data-explain], ${OTHERS}`);
    const key = asked?.getAttribute("data-explain") ?? null;
    // A control inside of what is explained does what it is for.
    const control = target.closest(CONTROLS);
    const isFree = !control || control === asked || !asked?.contains(control);
    const isAgain = asked === this.about && this.key !== null;
    this.close();
    if (key === null || isAgain || !isFree) return;
    if (asked instanceof HTMLElement || asked instanceof SVGElement) this.open(key, asked);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const { key, target } = event;
    if (key === "Escape" && this.key !== null) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      return;
    }
    // A button of HTML turns these keys into clicks by itself.
    if ((key !== "Enter" && key !== " ") || !(target instanceof Element)) return;
    if (!target.matches("[data-explain]") || target.matches(CONTROLS)) return;
    event.preventDefault();
    this.#ask(target);
  }

  /** @param {string} key */
  #sayNow(key) {
    const { last, journal, playhead } = this;
    const words = last ? nowOf(key, { ...last, journal, factor: playhead.factor }) : "";
    this.nowLine.hidden = words === "";
    say(one(this.root, "explain-now"), words);
  }

  /** Offers what the lab can break at what is explained: its own switches, and the links that end there. */
  #drawBreaks() {
    const { key, described: { places } } = this;
    const choices = key === null ? [] : choicesAt(key, places);
    this.breaks.hidden = !choices.length;
    keyed(one(this.breaks, "explain-choices"), choices, ({ place, name }) => `${place} ${name}`, (each) => this.#createBreak(each), () => {});
    this.#place();
  }

  /** @param {Wanted & {says: string}} choice */
  #createBreak({ place, name, says }) {
    const button = make("button", { type: "button", class: "small-button" }, says);
    button.addEventListener("click", () => {
      this.close();
      this.door.open(place, name);
    });
    return button;
  }

  #place() {
    const { root, about } = this;
    if (this.key === null || !about) return;
    const { clientWidth, clientHeight } = this.page.documentElement;
    const size = { width: root.offsetWidth, height: root.offsetHeight };
    const { left, top } = beside([about.getBoundingClientRect()], size, { width: clientWidth, height: clientHeight });
    root.style.left = `${left}px`;
    root.style.top = `${top}px`;
  }
}

/**
 * What the lab can break at a part of the stage. Pure.
 * @param {string} part
 * @param {Descriptions} places
 * @returns {(Wanted & {says: string})[]}
 */
export function choicesAt(part, places) {
  return placesAt(part, Object.keys(places)).flatMap(({ place, kind, name: link }) => {
    const isElsewhere = kind === "link" && place !== part;
    const names = isElsewhere ? [null] : Object.keys(places[place]);
    return names.map((name) => ({ place, name, says: name === null ? `the link ${link[0].toLowerCase()}${link.slice(1)}` : spoken(name) }));
  });
}
