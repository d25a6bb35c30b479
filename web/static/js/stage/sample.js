// @ts-check
/** Single marks and nodes, drawn as on the stage, for whatever explains them. */
import { draw } from "../page/dom.js";
import { MARK_HEIGHT } from "./layout/measures.js";
import { haloOutline, markOutline, nodeOutline, rimOutline } from "./shapes.js";

/** @typedef {import("./shapes.js").Shape} Shape */
/** @typedef {import("./table.js").NodeEntry} NodeEntry */

/** Each kind of mark: its shape, and the attributes that it has on the stage. */
const MARKS = Object.freeze({
  "created": { shape: "circle", state: {} },
  "changed": { shape: "square", state: {} },
  "deleted": { shape: "ring", state: { "data-shape-kind": "ring" } },
  "redelivered": { shape: "circle", state: { "data-redelivered": "" } },
  "unconfirmed": { shape: "circle", state: { "data-unconfirmed": "" } },
  "dead-lettered": { shape: "diamond", state: {} },
  "held": { shape: "circle", state: { "data-injected": "" } },
  "followed": { shape: "circle", state: { "data-followed": "" } },
});

/** A node of each colour, and what may befall it. */
const NODES = Object.freeze({
  "postgresql": { form: "cylinder", state: { "data-colour": "postgresql" } },
  "rabbitmq": { form: "box", state: { "data-colour": "rabbitmq" } },
  "mongodb": { form: "cylinder", state: { "data-colour": "mongodb" } },
  "passing": { form: "box", state: { "data-colour": "passing" } },
  "reader": { form: "box", state: { "data-colour": "reader" } },
  "part": { form: "box", state: { "data-colour": "rabbitmq", "data-kind": "part" } },
  "down": { form: "box", state: { "data-colour": "passing", "data-state": "down" } },
  "lab": { form: "box", state: { "data-colour": "passing", "data-lab": "" } },
  "acting": { form: "box", state: { "data-colour": "passing", "data-lab": "", "data-acting": "" } },
});

const BOX = { x: -16, y: -13, w: 32, h: 26 };
const LAYOUT = /** @type {const} */ ({ lip: 4, orientation: "lying" });
const NUMBER = "7";
const NUMBER_DOWN = "5.7";

/** @typedef {keyof typeof MARKS|keyof typeof NODES} Kind */

/**
 * @param {string} kind A Kind.
 * @returns {SVGElement|null} Null for a kind that the stage does not draw.
 */
export function sampleOf(kind) {
  if (kind in MARKS) return markSample(/** @type {keyof typeof MARKS} */ (kind));
  return kind in NODES ? nodeSample(/** @type {keyof typeof NODES} */ (kind)) : null;
}

/** @param {keyof typeof MARKS} kind */
function markSample(kind) {
  const { shape, state } = /** @type {{shape: Shape, state: Record<string, string>}} */ (MARKS[kind]);
  const number = draw("text", { "data-number": "", "y": NUMBER_DOWN });
  number.textContent = NUMBER;
  const half = MARK_HEIGHT / 2;
  const halo = "data-redelivered" in state ? haloOutline(shape, half) : "";
  const rim = "data-followed" in state ? rimOutline(shape, half) : "";
  return sample({ "data-hue": "2", ...state }, [
    draw("path", { "data-halo": "", "d": halo }), draw("path", { "data-rim": "", "d": rim }),
    draw("path", { "data-body": "", "d": markOutline(shape, half) }),
    draw("path", { "data-hatch": "", "d": markOutline(shape, half) }), number,
  ]);
}

/** @param {keyof typeof NODES} kind */
function nodeSample(kind) {
  const { form, state } = /** @type {{form: NodeEntry["form"], state: Record<string, string>}} */ (NODES[kind]);
  return sample(state, [draw("path", { "data-shape": "", "d": nodeOutline(form, BOX, LAYOUT) })]);
}

/**
 * @param {Record<string, string>} state
 * @param {SVGElement[]} parts
 */
function sample(state, parts) {
  const svg = draw("svg", { "data-sample-of": "", "viewBox": "-20 -20 40 40", "aria-hidden": "true", ...state });
  svg.append(...parts);
  return svg;
}
