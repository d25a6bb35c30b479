// @ts-check
/** The switches of one place, by kind, of which one is chosen. */
import { spoken } from "../../facts/places.js";
import { keyed, make, say, set } from "../../page/dom.js";
import { KINDS, kindOf } from "./words.js";

/** @typedef {import("../../facts/armed.js").Setting} Setting */
/** @typedef {import("../../journal/types.js").Description} Description */
/** @typedef {import("../../journal/types.js").SwitchKind} SwitchKind */

const ORDER = /** @type {SwitchKind[]} */ (Object.keys(KINDS));

export class Which {
  /**
   * @param {HTMLElement} root
   * @param {(name: string) => void} choose
   */
  constructor(root, choose) {
    this.root = root;
    root.addEventListener("click", ({ target }) => {
      const name = target instanceof Element ? target.closest("button")?.dataset.key : null;
      if (name) choose(name);
    });
  }

  /**
   * The first switch of a place, in the order in which they are drawn.
   * @param {Record<string, Description>} described
   */
  firstOf(described) {
    return byKind(described).flatMap(({ names }) => names)[0];
  }

  /**
   * @param {Record<string, Description>} described
   * @param {Record<string, Setting>|null} states Null if the place does not answer.
   * @param {string} chosen
   */
  draw(described, states, chosen) {
    keyed(this.root, byKind(described), ({ kind }) => kind, ({ kind }) => createGroup(kind), (group, { names }) => {
      keyed(group.children[1], names, (name) => name, (name) => make("button", { "type": "button", "class": "small-button" }, spoken(name)),
        (button, name) => {
          const isOn = states?.[name]?.on === true;
          set(button, "aria-pressed", String(name === chosen));
          set(button, "data-on", isOn ? "" : null);
          set(button, "aria-label", `${spoken(name)}${isOn ? ", on" : ""}`);
          set(button, "title", described[name].does);
        });
    });
    set(this.root, "data-away", states === null ? "" : null);
  }
}

/** @param {SwitchKind} kind */
function createGroup(kind) {
  const id = `lab-${kind}`;
  const group = make("div", { "class": "of-kind", "role": "group", "aria-labelledby": id, "data-kind-of-switch": kind });
  const heading = make("span", { class: "kind", id });
  say(heading, KINDS[kind].heading);
  group.append(heading, make("div", { class: "names" }));
  return group;
}

/** @param {Record<string, Description>} described */
function byKind(described) {
  const names = Object.keys(described);
  return ORDER.map((kind) => ({ kind, names: names.filter((name) => kindOf(described[name]) === kind) }))
    .filter((each) => each.names.length);
}
