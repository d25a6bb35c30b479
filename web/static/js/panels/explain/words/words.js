// @ts-check
/** All the explanations, by key. Pure data; a test checks that nothing on the page lacks one. */
import { FIGURES } from "./figures.js";
import { LINKS } from "./links.js";
import { SIDES } from "./sides.js";
import { STATIONS } from "./stations.js";

/** @type {Readonly<Record<string, import("./stations.js").Explanation>>} */
export const WORDS = Object.freeze({ ...STATIONS, ...SIDES, ...LINKS, ...FIGURES });
