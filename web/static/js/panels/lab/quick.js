// @ts-check
/**
 * The lab in the teacher's bar: the door to its panel, and a button for each switch of a process that stops or
 * slows the flow without being told anything more.
 */
import { inFlow, spoken } from "../../facts/places.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { sayUntilNextClick } from "../../page/passing.js";
import { pathOf } from "./lines.js";
import { inGroup } from "./settings.js";
import { kindOf } from "./words.js";

/** @typedef {import("../../journal/types.js").Descriptions} Descriptions */
/** @typedef {import("./lab.js").House} House */
/** @typedef {{place: string, name: string}} Quick */

/** As many as have room in the bar. */
const MOST = 2;

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  return new QuickSwitches(root, house);
}

class QuickSwitches {
  /**
   * @param {HTMLElement} root
   * @param {House} house
   */
  constructor(root, { journal, described, host, door }) {
    this.root = root;
    this.journal = journal;
    this.described = described;
    this.host = host;
    this.list = one(root, "quick");
    this.problem = one(root, "quick-problem");
    const button = one(root, "opens-lab");
    button.addEventListener("click", () => door.toggle());
    journal.addEventListener("lab", () => {
      root.hidden = journal.lab === false;
      button.hidden = !journal.lab;
    });
    for (const what of ["switches", "lab", "run"]) journal.addEventListener(what, () => this.#draw());
    described.addEventListener("change", () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(root);
  }

  #draw() {
    if (!this.root.getClientRects().length || !this.journal.lab) return;
    this.described.want();
    const states = this.journal.told.switches.latest ?? {};
    keyed(this.list, quickOf(this.described.places), ({ place, name }) => `${place} ${name}`, (each) => this.#create(each), (button, { place, name }) => {
      const isOn = states[place]?.[name]?.on === true;
      set(button, "aria-pressed", String(isOn));
      set(button, "aria-disabled", this.journal.run ? "true" : null);
      say(button, `${spoken(name)} ${place}`);
    });
  }

  /** @param {Quick} quick */
  #create({ place, name }) {
    const button = make("button", {
      "type": "button", "class": "button", "data-sends": "", "title": this.described.places[place][name].does,
    });
    button.addEventListener("click", async () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      sayUntilNextClick(this.problem, (await this.host.ask("PUT", pathOf(place, name), { on })) ?? "");
    });
    return button;
  }
}

/**
 * Faults of processes that need no setting, and leave the process itself alone. Pure.
 * @param {Descriptions} places
 * @returns {Quick[]}
 */
export function quickOf(places) {
  return inFlow(Object.keys(places)).filter(({ kind }) => kind === "process")
    .flatMap(({ place }) => Object.entries(places[place])
      .filter(([, described]) => kindOf(described) === "fault" && !described.by_hand
        && !inGroup(described.parameters ?? [], "setting").length && !inGroup(described.parameters ?? [], "match").length)
      .slice(0, 1).map(([name]) => ({ place, name })))
    .slice(0, MOST);
}
