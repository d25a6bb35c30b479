// @ts-check
/**
 * The facts of a scene: every judgement on the moment shown, made once, when first asked for. Views draw
 * from the scene and its facts, and judge nothing themselves.
 */
import { Followed } from "../clock/followed.js";
import { injectedBy } from "../journal/injected.js";
import { behindOf } from "./behind.js";
import { countsAt, countsCompared, countsTold } from "./counts.js";
import { followedOf } from "./followed.js";
import { firedAt, labBy } from "./lab.js";
import { lanesOf } from "./lanes.js";
import { coordinatorAt } from "./coordinator.js";
import { sidesAt } from "./sides.js";
import { tookBy } from "./took.js";
import { faults, reports, toldAt } from "./status.js";
import { Memory, truthsOf } from "./truths.js";
import { barVerdict } from "./verdict.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../clock/shown.js").Scene} Scene */

/**
 * @param {Journal} journal
 * @param {Scene} scene
 * @param {Memory} [memory] What is remembered from one scene to the next.
 * @param {Followed} [followed] What is remembered of the journey that the stage follows.
 */
export function factsOf(journal, scene, memory = new Memory(), followed = new Followed()) {
  return new Facts(journal, scene, memory, followed);
}

/** A scene that is less late than this is taken to be of now. */
const LATE_MS = 1000;

export class Facts {
  /** @type {Map<string, unknown>} */
  #known = new Map();

  /**
   * @param {Journal} journal
   * @param {Scene} scene
   * @param {Memory} memory
   * @param {Followed} followed
   */
  constructor(journal, scene, memory, followed) {
    this.journal = journal;
    this.scene = scene;
    this.memory = memory;
    this.kept = followed;
  }

  /** The journey whose figures the stage shows. */
  get followed() {
    return this.#once("followed", () => followedOf(this.journal, this.scene, this.kept));
  }

  /** The writes that are acknowledged but not yet readable, oldest first. */
  get behind() {
    return this.#once("behind", () => this.memory.unreadable.floor(
      behindOf(this.journal, this.scene), ({ journey }) => journey.event_id, this.scene,
    ));
  }

  /** The contents of both stores, compared todo by todo, and the verdict on them. */
  get truths() {
    return this.#once("truths", () => truthsOf(this.journal, this.scene, this.memory, this.fired.acting));
  }

  /** The overall verdict, as the bar says it. */
  get verdict() {
    return this.#once("verdict", () => barVerdict(this.truths.verdict, this.behind, {
      isConnected: this.journal.isConnected || this.journal.run !== null,
      isAsked: this.journal.truths !== null,
      read: this.journal.read,
    }));
  }

  /** What each node of the stage says, by node. */
  get status() {
    return this.#once("status", () => {
      const { health, holds, switches } = toldAt(this.journal, this.scene);
      return reports(health, holds, switches, this.counts, this.now, this.lab, this.sides, this.coordinator);
    });
  }

  /** The other read models that the lab keeps. */
  get sides() {
    return this.#once("sides", () => {
      const { holds, told_ms } = toldAt(this.journal, this.scene);
      return sidesAt(this.journal, this.scene, holds, told_ms);
    });
  }

  /** The coordinator, while it has something to do. */
  get coordinator() {
    return this.#once("coordinator", () => coordinatorAt(this.journal, toldAt(this.journal, this.scene)));
  }

  /** Which part of an event's time was injected, and what acts on it. */
  get injected() {
    return injectedBy(this.journal.firings);
  }

  /** What the lab does at each place. */
  get lab() {
    return this.#once("lab", () => labBy(toldAt(this.journal, this.scene).switches, this.fired.acting));
  }

  /** What the lab's switches do at the moment shown, and how often they have done so by then. */
  get fired() {
    return this.#once("fired", () => firedAt(this.journal, this.scene, toldAt(this.journal, this.scene).told_ms));
  }

  /** What each part contains at the moment that the marks show. */
  get counts() {
    return this.#once("counts", () => {
      const { holds, held_ms } = toldAt(this.journal, this.scene);
      const counts = countsAt(this.journal, this.scene, holds, held_ms);
      return this.truths.isWhole ? { ...counts, ...countsCompared(this.truths.compared) } : counts;
    });
  }

  /** How many todos there are in either store at the moment shown. */
  get todos() {
    const { isWhole, compared } = this.truths;
    if (isWhole) return compared.length;
    return Math.max(compared.length, (this.counts.postgresql ?? 0) + compared.filter(({ left }) => !left).length);
  }

  /** What each part contains now; null if that is the moment shown, or does not change on a still page. */
  get now() {
    const { mode, behind_ms } = this.scene;
    if (this.journal.run || mode === "paused" || behind_ms < LATE_MS) return null;
    return this.#once("now", () => countsTold(this.journal.told.holds.latest ?? {}));
  }

  /** The faults, a sentence each. */
  get faults() {
    return this.#once("faults", () => faults(this.status));
  }

  /** How long each stretch of the followed journey took, up to the moment shown, by its name. */
  get took() {
    return this.#once("took", () => tookBy(this.journal, this.scene, this.followed));
  }

  /** The lanes of the latest journeys, newest first. */
  get lanes() {
    return this.#once("lanes", () => lanesOf(this.journal, this.scene));
  }

  /**
   * @template T
   * @param {string} name
   * @param {() => T} judge
   * @returns {T}
   */
  #once(name, judge) {
    if (!this.#known.has(name)) this.#known.set(name, judge());
    return /** @type {T} */ (this.#known.get(name));
  }
}
