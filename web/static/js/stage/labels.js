// @ts-check
/**
 * The true time of each stretch, written where it was spent. It counts while a mark waits there, and then
 * stays.
 */
import { stretch } from "../page/format.js";
import { draw, set } from "../page/dom.js";
import { SPANS } from "../journal/hops.js";
import { hopOf } from "../journal/journey.js";
import { isUnderWay } from "./place.js";

/** @typedef {import("../journal/journal.js").Journey} Journey */
/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../clock/shown.js").Shown} Shown */
/** @typedef {import("./skeleton.js").LabelParts} LabelParts */
/** @typedef {Map<string, {since: number, shown: Shown}>} Waiting By span, the mark that has waited longest. */

/** The longest label that fits between two nodes, in characters. */
const LABEL_LENGTH = 11;
/** Signs for a stretch that was shown for longer or shorter than its true time. */
const SIGNS = { "slower": "◂", "faster": "▸", "to-scale": "" };

export class Labels {
  /** @param {ReadonlyMap<string, LabelParts>} labels By span. */
  constructor(labels) {
    this.labels = labels;
    /** @type {Map<LabelParts, string>} What each label says, so that it is written only when it changes. */
    this.said = new Map();
  }

  /**
   * Draws the labels while live.
   * @param {Scene} scene
   */
  draw({ shown: all }) {
    /** @type {Waiting} */
    const waiting = new Map();
    for (const shown of all.values()) {
      const { last, atEdge, journey, took } = shown;
      const acknowledged = hopOf(journey, "acknowledged");
      const received = hopOf(journey, "received");
      if (acknowledged && received && shown.at_ms >= acknowledged.at_ms) {
        this.#write("acknowledged", journey, acknowledged.at_ms - received.at_ms, "to-scale", "after");
      }
      if (!last) continue;
      if (atEdge) noteOldest(waiting, shown, last.at_ms);
      else if (took) this.#write(took.span, journey, took.true_ms, took.pace);
    }
    this.#count(waiting);
  }

  /**
   * Draws the labels at a past moment: how long each stretch last took, and how long marks had been
   * waiting.
   * @param {Scene} scene
   * @param {import("../facts/facts.js").Facts} facts
   */
  drawPast({ shown: all }, { took }) {
    for (const [span, { element }] of this.labels) {
      const known = took.get(span);
      if (known) this.#write(span, known.journey, known.true_ms, "to-scale");
      else set(element, "hidden", "");
    }
    /** @type {Waiting} */
    const waiting = new Map();
    for (const shown of all.values()) {
      if (shown.last && !shown.over && !isUnderWay(shown)) noteOldest(waiting, shown, shown.last.at_ms);
    }
    this.#count(waiting);
  }

  /** @param {Waiting} waiting */
  #count(waiting) {
    for (const [span, { element }] of this.labels) {
      const oldest = waiting.get(span);
      if (oldest) this.#write(span, oldest.shown.journey, oldest.shown.at_ms - oldest.since, "to-scale", "so far");
      set(element, "data-counting", oldest ? "" : null);
    }
  }

  /**
   * @param {string} span A span without a label is skipped.
   * @param {Journey} journey
   * @param {number} true_ms
   * @param {import("../clock/rule.js").Pace} pace
   * @param {string} [how]
   */
  #write(span, journey, true_ms, pace, how = "") {
    const label = this.labels.get(span);
    if (!label) return;
    const { element, took } = label;
    set(element, "hidden", null);
    const text = `${SIGNS[pace]}${stretch(true_ms)}`;
    if (this.said.get(label) === `${text} ${journey.event_id}`) return;
    this.said.set(label, `${text} ${journey.event_id}`);
    const who = draw("tspan");
    const id = `#${journey.todo_id ?? "?"} `;
    who.textContent = id.length + text.length <= LABEL_LENGTH ? id : "";
    took.replaceChildren(who, document.createTextNode(text));
    set(element, "aria-label", `Todo ${journey.todo_id}, ${SPANS[span] ?? span}: ${text} ${how}`);
  }
}

/**
 * @param {Waiting} waiting
 * @param {Shown} shown
 * @param {number} since Epoch, in ms.
 */
function noteOldest(waiting, shown, since) {
  const oldest = waiting.get(shown.span);
  if (!oldest || since < oldest.since) waiting.set(shown.span, { since, shown });
}
