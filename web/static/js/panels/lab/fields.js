// @ts-check
/** The fields for what a switch takes. What was typed is kept for each switch while the page is open. */
import { keyed, make, set } from "../../page/dom.js";
import { GROUPS, fieldOf, inGroup, isNumber, labelOf, settingOf } from "./settings.js";

/** @typedef {import("../../facts/armed.js").Setting} Setting */
/** @typedef {import("../../journal/types.js").Description} Description */
/** @typedef {import("../../journal/types.js").Parameter} Parameter */

export class Fields {
  /**
   * @param {HTMLElement} root
   * @param {() => void} changed Called when something has been typed.
   */
  constructor(root, changed) {
    this.root = root;
    /** @type {readonly Parameter[]} */
    this.parameters = [];
    this.described = "";
    this.key = "";
    /** What was typed and not sent, by switch and parameter. @type {Map<string, Map<string, string>>} */
    this.drafts = new Map();
    this.wasOn = false;
    root.addEventListener("input", (event) => {
      const field = event.target;
      if (!isField(field)) return;
      this.#draft().set(field.name, field.value);
      changed();
    });
  }

  /** Whether something was typed and not sent. */
  get isTouched() {
    return (this.drafts.get(this.key)?.size ?? 0) > 0;
  }

  /** @param {Description} described */
  differ({ parameters = [] }) {
    return JSON.stringify(parameters) !== this.described;
  }

  /**
   * @param {readonly Parameter[]} parameters
   * @param {string} key Of the switch.
   */
  create(parameters, key) {
    this.parameters = parameters;
    this.described = JSON.stringify(parameters);
    this.key = key;
    const groups = GROUPS.map(({ group, says }) => ({ says, of: inGroup(parameters, group) })).filter(({ of }) => of.length);
    this.root.replaceChildren(...groups.map(({ says, of }) => createGroup(says, of.map((each) => createField(each, key)))));
  }

  /**
   * Shows what is set, except where something has been typed since.
   * @param {Setting|null} state
   */
  draw(state) {
    for (const parameter of this.parameters) {
      const field = this.root.querySelector(`[name="${parameter.name}"]`);
      if (!isField(field)) continue;
      const value = this.drafts.get(this.key)?.get(parameter.name) ?? fieldOf(parameter, state);
      if (document.activeElement !== field && field.value !== value) field.value = value;
    }
    // Where a group says something that is not usual, that is in sight.
    for (const group of this.root.querySelectorAll("details")) {
      const names = [...group.querySelectorAll("input, select")].map((field) => field.getAttribute("name"));
      const isSet = state?.on && names.some((name) => this.#isUnusual(name, state));
      set(group, "data-set", isSet ? "" : null);
    }
  }

  /** Whether all that was typed can be sent; what cannot is brought into sight. */
  isRight() {
    const wrong = this.root.querySelector(":invalid");
    const group = wrong?.closest("details");
    if (group) group.open = true;
    if (isField(wrong)) wrong.reportValidity();
    return !wrong;
  }

  /** What switches it on as typed. */
  setting() {
    const fields = [...this.root.querySelectorAll("input, select")].filter(isField);
    return settingOf(this.parameters, new Map(fields.map(({ name, value }) => [name, value])));
  }

  /** What was typed has been sent. */
  settle() {
    this.drafts.delete(this.key);
  }

  #draft() {
    const draft = this.drafts.get(this.key) ?? new Map();
    this.drafts.set(this.key, draft);
    return draft;
  }

  /**
   * @param {string|null} name
   * @param {Setting} state
   */
  #isUnusual(name, state) {
    const parameter = this.parameters.find((each) => each.name === name);
    return parameter !== undefined && fieldOf(parameter, state) !== fieldOf(parameter, null);
  }
}

/**
 * @param {string} says "" for fields that are always in sight.
 * @param {HTMLElement[]} fields
 */
function createGroup(says, fields) {
  if (!says) {
    const group = make("div", { class: "of-group" });
    group.append(...fields);
    return group;
  }
  const group = make("details", { class: "of-group" });
  const inside = make("div", { class: "inside" });
  inside.append(...fields);
  group.append(make("summary", {}, says), inside);
  return group;
}

/**
 * @param {Parameter} parameter
 * @param {string} key Of the switch.
 */
function createField(parameter, key) {
  const { name, does = "", unit = "" } = parameter;
  const id = `lab-${key}-${name}`;
  const row = make("div", { class: "field", title: does });
  const field = parameter.choices ? createChoice(parameter) : createInput(parameter);
  for (const [attribute, value] of Object.entries({ id, name, "title": does })) set(field, attribute, value);
  row.append(make("label", { for: id }, labelOf(parameter)), field);
  if (unit && isNumber(parameter)) row.append(make("span", { class: "quiet" }, unit));
  return row;
}

/** @param {Parameter} parameter */
function createChoice({ choices = [], default: usual }) {
  const field = make("select");
  const given = usual === null || usual === undefined ? [{ value: "", says: "–" }, ...choices] : choices;
  keyed(field, given, ({ value }) => value, ({ value, says }) => make("option", { value }, says || value), () => {});
  return field;
}

/** @param {Parameter} parameter */
function createInput(parameter) {
  const { least, most, default: usual } = parameter;
  const bounds = isNumber(parameter)
    ? { type: "number", step: "1", min: least, max: most } : { type: "text", minlength: least, maxlength: most };
  const given = Object.entries(bounds).filter(([, value]) => value !== undefined);
  const field = make("input", Object.fromEntries(given.map(([attribute, value]) => [attribute, String(value)])));
  if (usual !== null && usual !== undefined) set(field, "required", "");
  return field;
}

/**
 * @param {unknown} element
 * @returns {element is HTMLInputElement|HTMLSelectElement}
 */
function isField(element) {
  return element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
}
