// @ts-check
/** The routes from one place to another along the pipes. Pure. */
import { PIPES, SIDE_PIPES } from "../table.js";

/** @typedef {import("./types.js").AnyPipe} AnyPipe */
/** @typedef {import("./types.js").AnyPlace} AnyPlace */
/** @typedef {readonly {pipe: AnyPipe, back: boolean}[]} Way Pipe by pipe; `back`: against its direction. */

/** @type {Way} */
const NO_WAY = [];
/** Each pipe in both directions, and the route of an event of which only the delivery is known. */
const WAYS = new Map(/** @type {[string, Way][]} */ ([
  ...[...PIPES, ...SIDE_PIPES].flatMap(({ name }) => [
    [name, [{ pipe: name, back: false }]],
    [name.split(" ").reverse().join(" "), [{ pipe: name, back: true }]],
  ]),
  // A letter that somebody sends again goes back the way it came.
  ["dead-letters queue", [{ pipe: "projector dead-letters", back: true }, { pipe: "queue projector", back: true }]],
  ["relay projector", [{ pipe: "relay queue", back: false }, { pipe: "queue projector", back: false }]],
]));

/**
 * @param {AnyPlace} from
 * @param {AnyPlace} to
 * @returns {Way} Empty if there is no route.
 */
export function route(from, to) {
  return WAYS.get(`${from} ${to}`) ?? NO_WAY;
}
