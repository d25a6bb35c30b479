// @ts-check
/**
 * The lab's switches: buttons that pause or slow the system itself, never the picture. They are drawn from
 * what each process says of its own switches, and pressed by what it says of their state.
 */
import { PROCESSES } from "../../facts/status.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { sayUntilNextClick } from "../../page/passing.js";
import { choicesOf, nameOf, switchesOf, valueSays, verbOf } from "./settings.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("./settings.js").Parameter} Parameter */
/** @typedef {import("./settings.js").Switch} Switch */
/** @typedef {{ask: (method: string, path: string, body?: object) => Promise<string|null>}} Host */

/** The processes whose switches are drawn. */
const SHOWN = Object.freeze(["relay", "projector"]);

/** @typedef {{journal: Journal, host: Host, ask: typeof fetch}} House `host` sends what only the host may send. */

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  const { journal } = house;
  journal.addEventListener("lab", () => { root.hidden = journal.lab === false; });
  return new Switches(root, house);
}

export class Switches {
  /**
   * @param {HTMLElement} root
   * @param {House} house
   * @param {{isExplained?: boolean}} [options] Whether each switch has a button beside it that explains it.
   */
  constructor(root, { journal, host, ask }, { isExplained = false } = {}) {
    this.root = root;
    this.journal = journal;
    this.host = host;
    this.ask = ask;
    this.isExplained = isExplained;
    this.list = one(root, "switches");
    this.problem = one(root, "switches-problem");
    /** @type {Switch[]} */
    this.described = [];
    this.wasAsked = this.isAsking = false;
    // The state of a switch is always that of now, even while the picture is paused.
    for (const what of ["switches", "lab", "run"]) journal.addEventListener(what, () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.list);
  }

  #draw() {
    if (!this.list.getClientRects().length || !this.journal.lab) return;
    if (!this.wasAsked || SHOWN.some((process) => this.#stateOf(process) && !this.#of(process).length)) this.#describe();
    keyed(this.list, SHOWN, (process) => process, (process) => this.#createProcess(process), (row, process) => {
      keyed(row.children[1], this.#of(process), ({ name }) => name, (each) => this.#create(each),
        (element, each) => this.#update(element, each));
      set(row, "data-down", this.#stateOf(process) ? null : "");
    });
  }

  /** Asks the processes for their switches, of which no others know. */
  async #describe() {
    if (this.isAsking) return;
    this.wasAsked = this.isAsking = true;
    try {
      const answer = await this.ask("/lab");
      if (answer.ok) this.described = switchesOf(await answer.json(), SHOWN);
    } catch {
      // The next report of the switches' state asks again.
    } finally {
      this.isAsking = false;
    }
    if (this.described.length) this.#draw();
  }

  /** @param {string} process */
  #of(process) {
    return this.described.filter((each) => each.process === process);
  }

  /** @param {string} process */
  #stateOf(process) {
    return this.journal.told.switches.latest?.[process] ?? null;
  }

  /** @param {string} process */
  #createProcess(process) {
    const row = make("div", { "class": "process", "role": "group", "aria-label": PROCESSES[process] ?? process });
    const name = make("button", { "type": "button", "class": "of-process explains", "data-explain": process }, verbOf(process));
    row.append(name, make("div", { class: "of-switches" }));
    return row;
  }

  /** @param {Switch} described */
  #create(described) {
    const { process, name, does, parameters } = described;
    const label = nameOf(name, PROCESSES[process] ?? process);
    const element = make("div", { "class": "switch", "data-switch": `${process}-${name}` });
    const button = make("button", {
      "type": "button", "class": "button", "data-sends": "", "aria-pressed": "false", "aria-label": label, "title": `${label}: ${does}`,
    }, verbOf(name));
    const isOn = () => button.getAttribute("aria-pressed") === "true";
    button.addEventListener("click", () => this.#set(described, element, !isOn()));
    // A value that is chosen while the switch is on is set at once.
    element.addEventListener("change", () => isOn() && this.#set(described, element, true));
    element.append(button, ...parameters.map((parameter) => createChoice(parameter, label)));
    if (this.isExplained) element.append(createQuestion(`${process}-${name}`, label));
    return element;
  }

  /**
   * @param {Element} element
   * @param {Switch} described
   */
  #update(element, { process, name, parameters }) {
    const state = this.#stateOf(process)?.[name];
    const [button] = element.children;
    set(button, "aria-pressed", String(state?.on === true));
    say(button, verbOf(name, state?.on === true));
    set(button, "aria-disabled", this.journal.run ? "true" : null);
    for (const parameter of parameters) {
      const choice = element.querySelector(`[data-parameter="${parameter.name}"]`);
      if (choice instanceof HTMLSelectElement) drawChoice(choice, parameter, state?.on ? state[parameter.name] : null);
    }
  }

  /**
   * @param {Switch} described
   * @param {Element} element
   * @param {boolean} on
   */
  async #set({ process, name }, element, on) {
    if (element.hasAttribute("aria-busy")) return;
    set(element, "aria-busy", "true");
    const chosen = [...element.querySelectorAll("select")].map(({ dataset, value }) => [dataset.parameter, Number(value)]);
    const body = on ? { on, ...Object.fromEntries(chosen) } : { on };
    sayUntilNextClick(this.problem, (await this.host.ask("PUT", `/lab/${process}/switches/${name}`, body)) ?? "");
    set(element, "aria-busy", null);
  }
}

/**
 * @param {Parameter} parameter
 * @param {string} label Of its switch.
 */
function createChoice({ name }, label) {
  return make("select", { "data-parameter": name, "aria-label": `${label} by`, "title": `${label} by` });
}

/**
 * @param {string} key Of the explanation.
 * @param {string} label
 */
function createQuestion(key, label) {
  return make("button", { "type": "button", "class": "explains", "data-explain": key, "aria-label": `What it does: ${label}` }, "?");
}

/**
 * Shows the value that is set, or else keeps what has been chosen for the next time.
 * @param {HTMLSelectElement} choice
 * @param {Parameter} parameter
 * @param {number|null} now The value that is set; null while the switch is off.
 */
function drawChoice(choice, parameter, now) {
  const before = choice.options.length ? Number(choice.value) : parameter.default;
  const value = now ?? before;
  const choices = choicesOf(parameter, value);
  keyed(choice, choices, String, (each) => make("option", { value: String(each) }, valueSays(each, parameter.unit)), () => {});
  // A choice that is being made is left alone.
  if (document.activeElement !== choice && choice.value !== String(value)) choice.value = String(value);
}
