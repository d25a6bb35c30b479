// @ts-check
/**
 * The lab's panel: where something can be broken, what, and how it stands now. It is made from what the
 * places describe of their switches, and knows none of these by name. Guests see all of it; what they press
 * asks for the host key.
 */
import { inFlow } from "../../facts/places.js";
import { focusAgain, one, say, set } from "../../page/dom.js";
import { tellDoors } from "../../page/door.js";
import { timeOf } from "../../page/format.js";
import { sayUntilNextClick } from "../../page/passing.js";
import { LabMap } from "./map.js";
import { OneSwitch } from "./switch.js";
import { Which } from "./which.js";
import { goneWith } from "./words.js";

/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../journal/types.js").Descriptions} Descriptions */
/** @typedef {import("../../page/beside.js").Beside} Beside */
/** @typedef {import("../../page/door.js").Door} Door */
/** @typedef {import("../../page/door.js").Wanted} Wanted */
/** @typedef {{ask: (method: string, path: string, body?: object) => Promise<string|null>}} Host */
/** @typedef {EventTarget & {places: Descriptions, want: () => void}} Described */
/** @typedef {import("./words.js").Now} Now */
/**
 * @typedef {object} House
 * @property {Journal} journal
 * @property {import("../../clock/playhead.js").Playhead} playhead
 * @property {Beside} beside
 * @property {Host} host Sends what only the host may send.
 * @property {Described} described
 * @property {Door} door
 * @property {() => number} now The page's clock, in ms.
 */

/** A moment that is later than this is taken to be of now. */
const LATE_MS = 1000;

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  return new LabPanel(root, house);
}

class LabPanel {
  /**
   * @param {HTMLElement} root
   * @param {House} house
   */
  constructor(root, { journal, playhead, beside, host, described, door, now }) {
    this.root = root;
    this.journal = journal;
    this.beside = beside;
    this.host = host;
    this.described = described;
    /** @type {Wanted} What is shown. */
    this.shown = { place: "", name: null };
    /** What had the focus before the panel was opened. @type {Element|null} */
    this.before = null;
    this.says = one(root, "lab-moment");
    this.problem = one(root, "lab-problem");
    /** The state of a switch is always that of now, even while the picture is paused. @type {Now} */
    this.now = {
      switches: () => journal.told.switches.latest ?? {}, at_ms: () => playhead.live.trueNow(now()), isRun: () => journal.run !== null,
      gone: (place, name) => goneWith(journal.firings, (at_ms) => journal.told.switches.at(at_ms) ?? {}, { place, name }),
    };
    this.map = new LabMap(root, (place) => this.#show({ place, name: null }));
    this.which = new Which(one(root, "lab-which"), (name) => this.#show({ ...this.shown, name }));
    this.one = new OneSwitch(one(root, "lab-switch"), (...request) => this.#send(...request));
    this.#listen(door);
  }

  /** @param {Door} door */
  #listen(door) {
    const { root, journal, described } = this;
    door.addEventListener("open", (event) => this.open(/** @type {CustomEvent<Wanted>} */ (event).detail));
    door.addEventListener("toggle", () => (root.hidden ? this.open({ ...this.shown, isAlone: false }) : this.close()));
    one(root, "close-lab").addEventListener("click", () => this.close());
    one(root, "whole-lab").addEventListener("click", () => {
      this.#show({ ...this.shown, isAlone: false });
      one(root, "lab-heading").focus({ preventScroll: true });
    });
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) this.close();
    });
    described.addEventListener("change", () => this.#draw());
    for (const what of ["switches", "lab", "run"]) journal.addEventListener(what, () => this.#draw());
  }

  /** @param {Wanted} wanted */
  open(wanted) {
    if (!this.journal.lab) return;
    if (this.root.hidden) this.before = this.root.ownerDocument.activeElement;
    this.described.want();
    this.beside.open(this.root, () => tellDoors(this.root));
    tellDoors(this.root);
    this.#show(wanted);
    one(this.root, wanted.name && this.shown.name ? "lab-switch-heading" : "lab-heading").focus({ preventScroll: true });
  }

  close() {
    if (this.root.hidden) return;
    const hadFocus = this.root.contains(this.root.ownerDocument.activeElement);
    this.beside.close(this.root);
    tellDoors(this.root);
    if (hadFocus) focusAgain(this.before);
  }

  /** @param {Scene} scene */
  draw({ isPast, at_ms, behind_ms }) {
    if (this.root.hidden) return;
    const isOfThen = !this.now.isRun() && (isPast || behind_ms > LATE_MS);
    say(this.says, isOfThen ? `As it is now; the stage shows ${timeOf(this.journal.timeOfDay(at_ms)).slice(0, 8)}` : "");
    this.#draw();
  }

  /** Also while the picture stands still: what is left of a time goes on. */
  tick() {
    this.#draw();
  }

  /** @param {Wanted} wanted */
  #show(wanted) {
    this.shown = wanted;
    set(this.root, "data-alone", wanted.isAlone ? "" : null);
    one(this.root, "whole-lab").hidden = !wanted.isAlone;
    this.#draw();
  }

  #draw() {
    if (this.root.hidden) return;
    const { places } = this.described;
    const names = inFlow(Object.keys(places)).map(({ place }) => place);
    one(this.root, "lab-empty").hidden = names.length > 0;
    if (!names.length) return;
    const { place, name } = this.#existing(names);
    const of = places[place];
    const states = this.now.switches();
    this.map.draw(names, { described: places, states, chosen: place });
    this.which.draw(of, states[place] ?? null, name);
    this.one.isDocker = Object.values(places).some((each) => Object.values(each).some(({ only_by_hand }) => only_by_hand === true));
    this.one.draw(place, name, of[name], this.now);
  }

  /**
   * What is shown, if it is there; otherwise the first.
   * @param {string[]} names The places.
   */
  #existing(names) {
    const { places } = this.described;
    const place = names.includes(this.shown.place) ? this.shown.place : firstOf(names, places);
    const name = this.shown.name !== null && this.shown.name in places[place] ? this.shown.name : this.which.firstOf(places[place]);
    return { place, name };
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  async #send(method, path, body) {
    sayUntilNextClick(this.problem, (await this.host.ask(method, path, body)) ?? "");
  }
}

/**
 * The place that is shown first: a process, as most happens there.
 * @param {string[]} names
 * @param {Descriptions} places
 */
function firstOf(names, places) {
  const most = Math.max(...names.map((place) => Object.keys(places[place]).length));
  return names.find((place) => Object.keys(places[place]).length === most) ?? names[0];
}
