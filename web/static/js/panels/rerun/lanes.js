// @ts-check
/** The lanes of both runs: of each event two tracks, one above the other, on one axis. Draws only. */
import { causesOf } from "../../facts/fault-words.js";
import { SPANS } from "../../journal/hops.js";
import { lengthOf } from "../../journal/pieces.js";
import { keyed, make, say, set } from "../../page/dom.js";
import { apart, duration, isApart } from "../../page/format.js";

/** @typedef {import("../../facts/both.js").BothLane} BothLane */
/** @typedef {import("../../facts/both.js").Track} Track */

/** How a run is called, in the order of the tracks. */
const SIDES = /** @type {const} */ (["was", "now"]);

/**
 * @param {HTMLElement} list
 * @param {BothLane[]} lanes
 * @param {number} scale_ms How long the axis is.
 */
export function drawLanes(list, lanes, scale_ms) {
  keyed(list, lanes, ({ key }) => key, createLane, (element, lane) => {
    const [who, was, now] = element.children;
    say(who.children[0], lane.todos);
    say(who.children[1], lane.kind);
    updateTrack(was, lane.was, scale_ms, "It is not known.");
    updateTrack(now, lane.now, scale_ms, lane.why);
  });
}

function createLane() {
  const element = make("li", { class: "both-lane" });
  const who = make("p", { class: "both-who" });
  who.append(make("b"), make("span"));
  element.append(who, ...SIDES.map((side) => {
    const track = make("div", { class: "both-track", "data-side": side });
    track.append(make("span", { class: "unseen" }, `${side}: `), make("span", { class: "both-rail", "data-track": "" }), make("b", { class: "both-took" }));
    return track;
  }));
  return element;
}

/**
 * @param {Element} element
 * @param {Track|null} track
 * @param {number} scale_ms
 * @param {string} why Why there is none.
 */
function updateTrack(element, track, scale_ms, why) {
  const [, rail, took] = element.children;
  say(took, track ? duration(track.total_ms) : why);
  set(took, "data-none", track ? null : "");
  set(took, "title", track && isApart(track.total_ms, track.injected_ms) ? apart(track.total_ms, track.injected_ms) : null);
  set(element, "data-hop", track?.hop ?? null);
  keyed(rail, track?.segments ?? [], ({ name, from_ms }) => `${name} ${from_ms}`, createSegment, (segment, { name, from_ms, to_ms, injected }) => {
    place(segment, from_ms / scale_ms, (to_ms - from_ms) / scale_ms);
    const held_ms = lengthOf(injected);
    const causes = causesOf(injected);
    set(segment, "title", `${SPANS[name]}: ${apart(to_ms - from_ms, held_ms)}${causes && `: ${causes}`}`);
    keyed(segment, injected, (piece) => String(piece.from_ms), () => make("span", { "data-injected": "" }), (hatch, piece) => {
      place(hatch, (piece.from_ms - from_ms) / (to_ms - from_ms), (piece.to_ms - piece.from_ms) / (to_ms - from_ms));
    });
  });
}

/** @param {{name: string}} segment */
function createSegment({ name }) {
  return make("span", { class: "segment", "data-segment": name, "data-span": name });
}

/**
 * @param {Element} element
 * @param {number} from As a share of what it lies in.
 * @param {number} share
 */
function place(element, from, share) {
  const { style } = /** @type {HTMLElement} */ (element);
  style.left = `${from * 100}%`;
  style.width = `${Math.max(0, share) * 100}%`;
}
