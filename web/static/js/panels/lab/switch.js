// @ts-check
/** One switch: what it does and teaches, what it takes, how it stands, and how to set it without the page. */
import { leftOf } from "../../facts/armed.js";
import { placeOf, spoken } from "../../facts/places.js";
import { copies } from "../../page/copy.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { brief } from "../../page/format.js";
import { Fields } from "./fields.js";
import { commandOf, curlOf, pathOf } from "./lines.js";
import { KINDS, goneSays, kindOf, stateSays } from "./words.js";

/** @typedef {import("../../facts/armed.js").Held} Held */
/** @typedef {import("../../facts/armed.js").Setting} Setting */
/** @typedef {import("../../journal/types.js").Description} Description */
/** @typedef {import("./words.js").Now} Now */
/** @typedef {(method: string, path: string, body?: object) => Promise<void>} Send */

/** The ways to do the same without the page. */
const SAME = Object.freeze({ "curl": "The same with curl", "terminal": "The same in a terminal", "by hand": "The same by hand" });
/** What starts the terminal command in a shell on the machine itself, and where the stack runs in Docker. */
const PROGRAM = Object.freeze({ local: ".venv/bin/python -m web.lab", docker: "docker-compose exec web python -m web.lab" });

export class OneSwitch {
  /**
   * @param {HTMLElement} root
   * @param {Send} send
   */
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.acts = one(root, "lab-acts");
    this.held = one(root, "lab-held");
    this.lines = one(root, "lab-lines");
    this.fields = new Fields(one(root, "lab-fields"), () => this.#drawLines());
    this.place = "";
    this.name = "";
    /** @type {Description|null} */
    this.described = null;
    this.isOn = false;
    /** What is being sent, one after the other, and the last that was asked for. */
    this.turn = Promise.resolve();
    this.wish = "";
    /** Whether the stack runs in Docker, where some things can only be typed. */
    this.isDocker = false;
    this.#listen();
  }

  #listen() {
    const form = one(this.root, "lab-form", HTMLFormElement);
    // A browser says nothing of a field that is folded away.
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#set(true);
    });
    this.clear = make("button", { "type": "button", "class": "small-button", "data-clears": "", "data-sends": "" });
    this.arm = make("button", { "type": "submit", "class": "small-button arm", "data-arms": "", "data-sends": "" });
    this.typed = make("p", { "class": "quiet" });
    this.acts.append(this.arm, this.clear, this.typed);
    this.clear.addEventListener("click", () => this.#set(false));
    this.curl = createLine(this.lines, "curl");
    this.command = createLine(this.lines, "terminal");
    this.byHand = createLine(this.lines, "by hand");
  }

  /**
   * @param {string} place
   * @param {string} name
   * @param {Description|undefined} described
   * @param {Now} now
   */
  draw(place, name, described, now) {
    this.root.hidden = !described;
    if (!described) return;
    const state = now.switches()[place]?.[name] ?? null;
    const isOther = place !== this.place || name !== this.name;
    Object.assign(this, { place, name, described, isOn: state?.on === true });
    if (isOther || this.fields.differ(described)) this.#create(described);
    this.fields.draw(state);
    this.#drawState(state, now);
    this.#drawHeld(state?.holding ?? [], now);
    this.#drawLines();
  }

  /** @param {Description} described */
  #create(described) {
    const kind = kindOf(described);
    set(this.root, "data-kind-of-switch", kind);
    say(one(this.root, "lab-name"), spoken(this.name));
    say(one(this.root, "lab-at"), `${KINDS[kind].one}, ${inSentence(placeOf(this.place).name)}`);
    say(one(this.root, "lab-does"), described.does);
    say(one(this.root, "lab-teaches"), described.teaches ?? "");
    this.fields.create(described.parameters ?? [], `${this.place}-${this.name}`);
  }

  /**
   * @param {Setting|null} state
   * @param {Now} now
   */
  #drawState(state, now) {
    const { described, typed } = this;
    if (!described || !typed) return;
    const how = one(this.root, "lab-state");
    const isAway = !state && !described.only_by_hand;
    set(how, "data-state", isAway ? "away" : state?.on ? "on" : "off");
    if (isAway) say(how, `${placeOf(this.place).name} does not answer`);
    else say(how, state ? this.#stands(state, now) : "");
    say(typed, described.only_by_hand ? "Only a command on the machine itself can do this:" : "");
    this.#drawButtons(described, now);
  }

  /**
   * @param {Setting} state
   * @param {Now} now
   */
  #stands(state, now) {
    const gone_ms = state.on || state.state !== "off" ? null : now.gone(this.place, this.name);
    return gone_ms === null ? stateSays(state, leftOf(state, now.at_ms())) : goneSays(now.at_ms() - gone_ms);
  }

  /**
   * @param {Description} described
   * @param {Now} now
   */
  #drawButtons(described, now) {
    const { arm, clear, isOn } = this;
    if (!arm || !clear) return;
    const { on, off } = KINDS[kindOf(described)];
    const which = `${spoken(this.name)}, ${placeOf(this.place).name}`;
    // What is hidden with the focus in it would lose it.
    if (!isOn && clear === clear.ownerDocument.activeElement) arm.focus();
    arm.hidden = described.only_by_hand === true;
    clear.hidden = described.only_by_hand === true || !isOn;
    say(arm, isOn ? `${on} again` : on);
    say(clear, off);
    for (const button of [arm, clear]) {
      set(button, "aria-label", `${button.textContent}: ${which}`);
      set(button, "aria-disabled", now.isRun() ? "true" : null);
    }
  }

  /**
   * @param {readonly Held[]} holding
   * @param {Now} now
   */
  #drawHeld(holding, now) {
    keyed(this.held, holding, (held) => String(held.firing ?? held.event ?? JSON.stringify(held)), (held) => this.#createHeld(held), (row, held) => {
      say(row.children[0], heldSays(held, now.at_ms()));
    });
    this.held.hidden = !holding.length;
  }

  /** @param {Held} held */
  #createHeld({ firing, title, todo }) {
    const row = make("li");
    const release = make("button", { "type": "button", "class": "small-button", "data-sends": "" }, "Release");
    const kill = make("button", { "type": "button", "class": "small-button", "data-sends": "" }, "Kill");
    const what = title ?? (todo ? `#${todo}` : "the work");
    set(release, "aria-label", `Release ${what}`);
    set(kill, "aria-label", `Kill at ${what}`);
    release.addEventListener("click", () => this.#act("release", firing));
    kill.addEventListener("click", () => this.#act("kill", firing));
    row.append(make("span"), release, kill);
    return row;
  }

  #drawLines() {
    const { described, curl, command, byHand } = this;
    if (!described || !curl || !command || !byHand) return;
    const isClearing = this.isOn && !this.fields.isTouched;
    const setting = isClearing ? { on: false } : this.fields.setting();
    const isOnly = described.only_by_hand === true;
    this.#say(curl, isOnly ? "" : curlOf(this.place, this.name, setting, location.origin));
    this.#say(command, isOnly ? "" : commandOf(this.place, this.name, setting, PROGRAM[this.isDocker ? "docker" : "local"]));
    this.#say(byHand, (isClearing && described.by_hand_off) || described.by_hand || "");
  }

  /**
   * @param {{line: HTMLElement, code: HTMLElement}} shown
   * @param {string} text "" if there is no such line.
   */
  #say({ line, code }, text) {
    line.hidden = !text;
    say(code, text);
    set(code, "title", text);
  }

  /** @param {boolean} on */
  async #set(on) {
    const path = pathOf(this.place, this.name);
    const wish = `${path} ${on}`;
    // Pressed twice is once. To stop a program takes a while, and who thinks better of it is heard after that.
    if (wish === this.wish || (on && !this.fields.isRight())) return;
    this.wish = wish;
    const setting = on ? this.fields.setting() : { on };
    await this.#busy(() => this.send("PUT", path, setting));
    this.fields.settle();
  }

  /**
   * @param {"release"|"kill"} what
   * @param {string} [firing] What is held; all that is if it is not said.
   */
  #act(what, firing) {
    return this.#busy(() => this.send("POST", `${pathOf(this.place, this.name)}/${what}`, firing === undefined ? undefined : { firing }));
  }

  /** @param {() => Promise<void>} act */
  async #busy(act) {
    set(this.root, "aria-busy", "true");
    const turn = this.turn.then(act, act);
    this.turn = turn;
    await turn;
    if (this.turn !== turn) return;
    this.wish = "";
    set(this.root, "aria-busy", null);
  }
}

/**
 * What is held, for how long: "Buy milk (#5), after the write, for 12 s".
 * @param {Held} held
 * @param {number} at_ms Epoch, now.
 */
export function heldSays({ todo, title, at, since_ms, event }, at_ms) {
  const what = title ? `${title}${todo ? ` (#${todo})` : ""}` : todo ? `#${todo}` : event ? `event ${String(event).slice(0, 8)}` : "the work";
  const point = at ? `, ${String(at).replaceAll("-", " ")}` : "";
  const held_s = typeof since_ms === "number" ? Math.max(0, Math.floor((at_ms - since_ms) / 1000)) : null;
  return `${what}${point}${held_s === null ? "" : `, for ${held_s < 1 ? "less than 1 s" : brief(held_s * 1000)}`}`;
}

/**
 * @param {HTMLElement} lines
 * @param {keyof typeof SAME} name
 */
function createLine(lines, name) {
  const line = make("div", { class: "as-curl" });
  const code = make("code", { "tabindex": "0", "role": "region", "aria-label": SAME[name] });
  const button = make("button", { "type": "button", "class": "small-button", "aria-label": `Copy the ${name} command` }, "Copy");
  copies(button, () => code.textContent ?? "");
  line.append(code, button);
  lines.append(line);
  return { line, code };
}

/** @param {string} name */
function inSentence(name) {
  return /^(PostgreSQL|RabbitMQ|MongoDB)/.test(name) ? name : `${name[0].toLowerCase()}${name.slice(1)}`;
}
