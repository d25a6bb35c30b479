// @ts-check
/**
 * The permanent part of the loop: nodes, pipes and labels. They are drawn once, from table.js, and put in
 * place whenever the stage changes size.
 */
import { placeOf } from "../facts/places.js";
import { draw, set } from "../page/dom.js";
import { LABELS, LINKS, NODES, PIPES, SIDES, SIDE_NODES, SIDE_PIPES } from "./table.js";
import { chevrons, nodeOutline } from "./shapes.js";
import { rounded, straightTo } from "./layout/track.js";
import { Roving } from "../page/roving.js";

/** @typedef {import("./layout/types.js").Layout} Layout */
/** @typedef {import("./layout/types.js").Point} Point */
/** @typedef {import("./layout/types.js").Spot} Spot */
/** @typedef {import("./table.js").NodeEntry} NodeEntry */
/** @typedef {import("./table.js").NodeName} NodeName */
/** @typedef {import("./table.js").SideNodeName} SideNodeName */
/** @typedef {import("./layout/types.js").AnyPipe} AnyPipe */
/** @typedef {import("./layout/types.js").NodeLayout} NodeLayout */
/** @typedef {import("./table.js").PipeName} PipeName */
/** @typedef {import("./table.js").LabelName} LabelName */
/** @typedef {import("./table.js").LinkName} LinkName */
/** @typedef {import("./table.js").Side} Side */

/**
 * @typedef {object} NodeParts
 * @property {NodeEntry} entry
 * @property {SVGElement} element
 * @property {SVGElement} why A title: what is wrong.
 * @property {SVGElement} room
 * @property {SVGElement} shape
 * @property {SVGElement} name
 * @property {SVGElement} says
 * @property {SVGElement} labSays
 */
/**
 * @typedef {object} LabelParts
 * @property {SVGElement} element
 * @property {SVGElement} line The upper line, with `who` and `what`.
 * @property {SVGElement} who The followed todo.
 * @property {SVGElement} what The stretch.
 * @property {SVGElement} took
 */
/** @typedef {{pipe: SVGElement, flow: SVGElement}} PipeParts `flow`: its arrows. */
/** @typedef {{hatch: SVGElement, says: SVGElement}} LinkParts What the lab does to a link. */


export class Skeleton {
  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.svg = svg;
    /** @type {Map<PipeName, PipeParts>} The visible pipes. */
    this.pipes = new Map();
    /** @type {Map<Side, SVGElement>} */
    this.sides = new Map();
    /** @type {Map<NodeName|SideNodeName, NodeParts>} */
    this.nodes = new Map();
    /** What there is of the other read models: their pipes, below everything, and their nodes. */
    this.sidePipes = draw("g", { "data-side-pipes": "", "aria-hidden": "true" });
    this.sideNodes = draw("g", { "data-side-nodes": "" });
    /** @type {Map<LabelName, LabelParts>} */
    this.labels = new Map();
    /** @type {Map<LinkName, LinkParts>} */
    this.links = new Map();
    /** Whether there is no room to say that it is the lab that acts; the hatching says so. */
    this.isLabShort = false;
    /** Whether there is room for words on pipes, and whether for few only. */
    this.areLinksOnPipes = true;
    this.isLinkShort = false;
    const links = this.#drawLinks();
    svg.append(
      this.#drawPipes(), this.sidePipes, links.hatches, this.#drawSides(), ...NODES.map((entry) => this.#drawNode(entry)), this.sideNodes,
      this.#drawLabels(), links.words,
    );
    // Its nodes, links and labels are one stop for Tab, which is the first node.
    this.roving = new Roving(svg, "[role=button]");
    this.roving.stopAt(this.nodes.get(NODES[0].name)?.element);
  }

  /**
   * Puts everything in its place.
   * @param {Layout} layout
   * @returns {Map<AnyPipe, Point[]>} The line of each pipe, including hidden ones.
   */
  place(layout) {
    this.#keepSides(layout.side);
    this.isLabShort = layout.orientation === "upright";
    this.areLinksOnPipes = layout.links.isOnPipes;
    this.isLinkShort = layout.type.name === "large" || layout.type.least > layout.type.roomFor;
    set(this.svg, "viewBox", `0 0 ${layout.width} ${layout.height}`);
    for (const [side, text] of this.sides) moveText(text, layout.sides[side]);
    for (const [name, { entry, room, shape, name: text, says, labSays }] of this.nodes) {
      const node = nodeIn(layout, name);
      if (!node) continue;
      const { x, y, w, h } = node.box;
      // A page whose styles did not arrive gives the loop less than no room, until it is loaded again.
      const size = { width: Math.max(0, w), height: Math.max(0, h) };
      for (const [side, value] of Object.entries({ x, y, ...size })) set(room, side, value);
      set(shape, "d", nodeOutline(entry.form, node.box, layout));
      moveText(text, node.name);
      moveText(says, node.says);
      moveText(labSays, node.lab);
    }
    for (const [name, { line, took }] of this.labels) {
      moveText(line, layout.labels[name], -layout.type.label.up);
      moveText(took, layout.labels[name], layout.type.label.down);
    }
    const tracks = this.#placePipes(layout);
    this.#placeLinks(layout, tracks);
    return tracks;
  }

  /** @param {Layout} layout */
  #placePipes(layout) {
    /** @type {Map<AnyPipe, Point[]>} */
    const tracks = new Map();
    const lines = SIDE_PIPES.flatMap(({ name, isHidden }) => {
      const pipe = layout.side.pipes[name];
      if (!pipe) return [];
      const { d, track } = rounded(pipe.points);
      tracks.set(name, track);
      return isHidden ? [] : [draw("path", { "data-pipe": name, d })];
    });
    this.sidePipes.replaceChildren(...lines);
    for (const { name } of PIPES) {
      const { d, track } = rounded(layout.pipes[name].points);
      tracks.set(name, track);
      const parts = this.pipes.get(name);
      if (!parts) continue;
      set(parts.pipe, "d", d);
      set(parts.flow, "d", chevrons(track));
    }
    return tracks;
  }

  /**
   * @param {Layout} layout
   * @param {Map<AnyPipe, Point[]>} tracks
   */
  #placeLinks(layout, tracks) {
    for (const { name, pipe, upTo } of LINKS) {
      const parts = this.links.get(name);
      const [start] = tracks.get(pipe) ?? [];
      if (!parts || !start) continue;
      const whole = rounded(layout.pipes[pipe].points).d;
      set(parts.hatch, "d", upTo ? straightTo(start, layout.nodes[upTo].box) : whole);
      moveText(parts.says, layout.links.spots[name]);
    }
  }

  /**
   * Keeps the nodes of the read models that have a place, and no others.
   * @param {import("./layout/types.js").SideLayout} side
   */
  #keepSides({ nodes }) {
    for (const entry of SIDE_NODES) {
      const parts = this.nodes.get(entry.name);
      if (!parts && nodes[entry.name]) this.sideNodes.append(this.#drawNode(entry));
      if (!parts || nodes[entry.name]) continue;
      parts.element.remove();
      this.nodes.delete(entry.name);
    }
    this.roving.update();
  }

  #drawLinks() {
    const hatches = draw("g", { "aria-hidden": "true" });
    const words = draw("g");
    for (const { name } of LINKS) {
      const parts = { hatch: draw("path", { "data-link": name }), says: draw("text", { "data-link-says": name }) };
      hatches.append(parts.hatch);
      words.append(parts.says);
      this.links.set(name, parts);
    }
    return { hatches, words };
  }

  #drawPipes() {
    const group = draw("g", { "data-pipes": "" });
    for (const { name, isHidden, link } of PIPES) {
      if (isHidden || !link) continue;
      const about = { "role": "button", "tabindex": "-1", "aria-label": placeOf(link).name, "data-explain": link };
      this.pipes.set(name, { pipe: draw("path", { "data-pipe": name, ...about }), flow: draw("path", { "data-flow": name, "aria-hidden": "true" }) });
    }
    const parts = [...this.pipes.values()];
    group.append(...parts.map(({ pipe }) => pipe), ...parts.map(({ flow }) => flow));
    return group;
  }

  #drawSides() {
    const group = draw("g", { "aria-hidden": "true" });
    for (const [side, words] of /** @type {[Side, string][]} */ (Object.entries(SIDES))) {
      this.sides.set(side, write("text", { "data-side": side }, words));
    }
    group.append(...this.sides.values());
    return group;
  }

  /** @param {NodeEntry & {name: NodeName|SideNodeName}} entry */
  #drawNode(entry) {
    const { name, label, short, kind, form, colour } = entry;
    const parts = {
      entry,
      element: draw("g", {
        "data-node": name, "data-kind": kind, "data-form": form, "data-colour": colour, "data-state": "unknown",
        "role": "button", "tabindex": "-1", "aria-label": label, "data-explain": name,
      }),
      why: draw("title", { "data-why": "" }),
      // The outline of a part may be only a line; this is its whole room, for the pointer.
      room: draw("rect", { "data-room": "" }),
      shape: draw("path", { "data-shape": "" }),
      name: write("text", { "data-name": "" }, short ?? label),
      says: draw("text", { "data-says": "" }),
      labSays: draw("text", { "data-lab-says": "" }),
    };
    parts.element.append(parts.why, parts.room, parts.shape, parts.name, parts.says, parts.labSays);
    this.nodes.set(name, parts);
    return parts.element;
  }

  #drawLabels() {
    const group = draw("g", { "data-labels": "" });
    for (const name of LABELS) {
      const parts = {
        element: draw("g", { "data-label": name, "role": "button", "tabindex": "-1", "data-explain": "figure" }),
        line: draw("text", { "data-line": "" }),
        who: draw("tspan", { "data-who": "" }),
        what: draw("tspan", { "data-what": "" }),
        took: draw("text", { "data-took": "" }),
      };
      parts.line.append(parts.who, parts.what);
      parts.element.append(parts.line, parts.took);
      this.labels.set(name, parts);
      group.append(parts.element);
    }
    return group;
  }
}

/**
 * @param {Layout} layout
 * @param {NodeName|SideNodeName} name
 * @returns {NodeLayout|undefined}
 */
function nodeIn({ nodes, side }, name) {
  return name in nodes ? nodes[/** @type {NodeName} */ (name)] : side.nodes[/** @type {SideNodeName} */ (name)];
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {string} text
 */
function write(tag, attributes, text) {
  const element = draw(tag, attributes);
  element.textContent = text;
  return element;
}

/**
 * @param {Element} text
 * @param {Spot} spot
 * @param {number} [down]
 */
function moveText(text, { x, y, anchor }, down = 0) {
  set(text, "x", x);
  set(text, "y", y + down);
  set(text, "text-anchor", anchor);
}
