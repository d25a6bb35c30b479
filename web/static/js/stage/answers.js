// @ts-check
/** The answers to commands: each travels back to the browser while its event goes on. */
import { draw, make, set } from "../page/dom.js";
import { hopOf } from "../journal/journey.js";
import { take } from "./crowd.js";
import { along } from "./layout/track.js";

/** @typedef {import("../clock/shown.js").Scene} Scene */
/** @typedef {import("../clock/shown.js").Shown} Shown */
/** @typedef {import("./crowd.js").Taken} Taken */
/** @typedef {import("./layer.js").Layer} Layer */
/** @typedef {import("./place.js").Ground} Ground */
/** @typedef {{told: boolean, begin_ms: number|null, element: HTMLElement|null}} Answer */

/** How long an answer takes to travel, on the page's clock. */
const ANSWER_MS = 900;
/** Half an answer's width. */
const HALF = 9;
const CIRCLE_RADIUS = "8";
const TICK = "M-3.6 0.4L-1 3L3.8 -2.6";

export class Answers {
  /** @param {Layer} layer */
  constructor(layer) {
    this.layer = layer;
    /** @type {Map<string, Answer>} By event. */
    this.answers = new Map();
  }

  /** Whether an answer is on its way, so that the next frame differs from this one. */
  isMoving() {
    for (const { element } of this.answers.values()) if (element) return true;
    return false;
  }

  clear() {
    for (const { element } of this.answers.values()) element?.remove();
    this.answers.clear();
  }

  /**
   * @param {Scene} scene
   * @param {Ground} ground
   * @param {Taken[]} taken The room that marks take: a mark hides an answer.
   */
  draw({ shown: all, now_ms }, ground, taken) {
    for (const [event_id, shown] of all) this.#note(event_id, shown, now_ms);
    for (const [event_id, answer] of this.answers) {
      const share = answer.begin_ms === null ? 1 : (now_ms - answer.begin_ms) / ANSWER_MS;
      if (answer.begin_ms !== null && share < 1) {
        answer.element ??= this.#create(event_id);
        this.#move(answer.element, ground.steps ? 1 : share, ground, taken);
        continue;
      }
      answer.element?.remove();
      answer.element = null;
      if (!all.has(event_id)) this.answers.delete(event_id);
    }
  }

  /**
   * Sends an answer off once the scene of its event has reached the acknowledgement. An answer that was
   * given before its event was shown is not shown.
   * @param {string} event_id
   * @param {Shown} shown
   * @param {number} now_ms The page's clock.
   */
  #note(event_id, shown, now_ms) {
    const acknowledged = hopOf(shown.journey, "acknowledged");
    const answer = this.answers.get(event_id) ?? { told: shown.atEdge || shown.over, begin_ms: null, element: null };
    this.answers.set(event_id, answer);
    if (acknowledged && !answer.told && shown.hop && shown.at_ms >= acknowledged.at_ms) {
      Object.assign(answer, { told: true, begin_ms: now_ms });
    }
  }

  /**
   * @param {HTMLElement} element
   * @param {number} share Of its way back.
   * @param {Ground} ground
   * @param {Taken[]} taken
   */
  #move(element, share, { layout, tracks }, taken) {
    const point = along(tracks.get("browser command-service") ?? [], 1 - share);
    const half = HALF * layout.type.mark;
    element.style.transform = this.layer.at(point);
    set(element, "data-hidden", take(taken, point, half, half) ? null : "");
  }

  /** @param {string} event_id */
  #create(event_id) {
    const element = make("div", { "data-answer": event_id, "aria-hidden": "true" });
    const shape = draw("svg", { viewBox: "-10 -10 20 20" });
    shape.append(draw("circle", { r: CIRCLE_RADIUS }), draw("path", { d: TICK }));
    element.append(shape);
    this.layer.element.append(element);
    return element;
  }
}
