// @ts-check
/**
 * The inspector: all that is known of one journey. It shows every hop with its times, the event as it
 * went over the wire, and the row and the document as they are now. A click on a mark or a lane opens it,
 * as does its own link, or any module that has it. The page stands still meanwhile, and says so.
 */
import { closed } from "../../page/bidi.js";
import { inOrder, serviceUrl } from "../../send/curl.js";
import { copies } from "../../page/copy.js";
import { focusAgain, one, oneOf, say, set } from "../../page/dom.js";
import { injectedBy } from "../../journal/injected.js";
import { kindOf } from "../../journal/journey.js";
import { MOST_JOURNEYS } from "../../journal/journeys.js";
import { isOver } from "../../journal/over.js";
import { cameInAt } from "../../journal/path.js";
import { commandOf } from "./command.js";
import { linesOf, summaryOf, waiting } from "./lines.js";
import { Standstill } from "./standstill.js";
import { drawWaterfall } from "./waterfall.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../clock/playhead.js").Playhead} Playhead */
/** @typedef {import("../../page/beside.js").Beside} Beside */
/** @typedef {{event: unknown, row: unknown, document: unknown}} Held */

const LINK = "#journey=";
const ASK_AGAIN_MS = 300;
const KEPT = MOST_JOURNEYS.toLocaleString("en-GB");

/**
 * @typedef {object} House
 * @property {Journal} journal
 * @property {Playhead} playhead
 * @property {import("./standstill.js").Controls} controls
 * @property {{choose: (event_id: string|null) => void}} [followed] Whose figures the stage shows.
 * @property {Beside} beside
 * @property {Promise<unknown>} welcomed Settled once there is something to pause.
 * @property {(event_id: string) => Promise<Held|null>} askJourney Null if web does not know it.
 */

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  return new Inspector(root, house);
}

class Inspector {
  group = "words";

  /**
   * @param {HTMLElement} root
   * @param {House} house
   */
  constructor(root, { journal, playhead, controls, followed, beside, welcomed, askJourney }) {
    this.root = root;
    this.page = root.ownerDocument;
    this.journal = journal;
    this.standstill = new Standstill(playhead, controls);
    this.followed = followed;
    this.beside = beside;
    this.welcomed = welcomed;
    this.askJourney = askJourney;
    this.heading = one(root, "inspector-heading");
    this.title = one(root, "inspector-title");
    this.summary = one(root, "inspector-says");
    this.paused = one(root, "inspector-paused");
    this.lines = one(root, "waterfall");
    this.trace = one(root, "trace-id");
    /** @type {string|null} */
    this.event_id = null;
    /** @type {Held|null} */
    this.held = null;
    /** @type {Element|null} The element that gets the focus back. */
    this.opener = null;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    this.#listen();
    this.#followLink();
  }

  #listen() {
    const { root, page, journal } = this;
    page.addEventListener("click", (event) => this.#chosen(event));
    page.addEventListener("keydown", (event) => { if (event.key === "Enter") this.#chosen(event); });
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
    one(root, "close-inspector").addEventListener("click", () => this.close());
    copies(one(root, "copy-curl"), () => this.#asCurl());
    copies(one(root, "copy-json"), () => written({ journey: this.#journey(), ...this.held }));
    copies(one(root, "copy-link"), () => location.href);
    journal.addEventListener("hops", (event) => this.#heard(/** @type {CustomEvent} */ (event)));
    journal.addEventListener("firings", () => this.#draw());
    journal.addEventListener("run", () => this.close());
    window.addEventListener("hashchange", () => this.#followLink());
  }

  /** Says whether the page stands still because of this. */
  draw() {
    if (!this.root.hidden) this.paused.hidden = !this.standstill.isHolding;
  }

  /**
   * Shows a journey, and pauses.
   * @param {string} event_id
   * @param {Element|null} [opener] The element that gets the focus back.
   */
  open(event_id, opener = null) {
    this.#show(event_id, opener);
    this.standstill.begin();
  }

  close() {
    const was = this.event_id;
    if (was === null) return;
    this.beside.close(this.root);
    this.#left();
    const lane = `[data-lane][data-event-id="${CSS.escape(was)}"] button`;
    const opener = this.opener?.isConnected ? this.opener : this.page.querySelector(lane);
    focusAgain(opener);
    this.opener = null;
  }

  /**
   * @param {string} event_id
   * @param {Element|null} opener
   */
  #show(event_id, opener) {
    this.event_id = event_id;
    this.held = null;
    this.opener = opener ?? this.opener;
    if (opener) this.#giveWayTo(opener);
    this.beside.open(this.root, () => this.#left());
    this.followed?.choose(event_id);
    if (location.hash !== LINK + event_id) history.replaceState(null, "", LINK + event_id);
    this.#draw();
    this.#askFor();
    this.heading.focus({ preventScroll: true });
    this.root.scrollTop = 0;
  }

  /**
   * Where it lies over the page, it leaves what was clicked on in sight.
   * @param {Element} opener
   */
  #giveWayTo(opener) {
    const { left, right, top, bottom } = opener.getBoundingClientRect();
    this.root.dataset.side = left + right > innerWidth ? "left" : "right";
    this.root.dataset.edge = top + bottom > innerHeight ? "top" : "bottom";
  }

  #left() {
    this.event_id = null;
    history.replaceState(null, "", location.pathname + location.search);
    this.followed?.choose(null);
    this.standstill.end();
  }

  /** @param {Event} event */
  #chosen(event) {
    if (!(event.target instanceof Element)) return;
    const chosen = event.target.closest("[data-mark], [data-lane]");
    const event_id = chosen?.getAttribute("data-event-id");
    if (!chosen || !event_id) return;
    event.preventDefault();
    this.open(event_id, chosen.querySelector("button") ?? chosen);
  }

  async #followLink() {
    if (!location.hash.startsWith(LINK)) return;
    const event_id = decodeURIComponent(location.hash.slice(LINK.length));
    if (!event_id || event_id === this.event_id) return;
    this.#show(event_id, null);
    // If it paused any sooner, a newly opened page would stay empty.
    await this.welcomed;
    if (this.event_id === event_id) this.standstill.begin();
  }

  /** @param {CustomEvent<Set<string>>} event */
  #heard({ detail }) {
    const shown = this.#journey();
    if (this.event_id === null) return;
    if (detail.has(this.event_id)) this.#draw();
    const isOfTodo = [...detail].some((id) => this.journal.journeys.get(id)?.todo_id === shown?.todo_id);
    if (!isOfTodo || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.#askFor();
    }, ASK_AGAIN_MS);
  }

  #journey() {
    return this.event_id === null ? undefined : this.journal.journeys.get(this.event_id);
  }

  async #askFor() {
    const { event_id } = this;
    if (event_id === null || this.journal.run) {
      this.#drawHeld();
      return;
    }
    try {
      const held = await this.askJourney(event_id);
      if (this.event_id !== event_id) return;
      if (held) this.held = held;
      else if (!this.#journey()) say(this.summary, `Nothing is known of this journey: the last ${KEPT} are kept.`);
    } catch {
      // The inspector shows what the page itself knows.
    }
    this.#draw();
  }

  #draw() {
    const journey = this.#journey();
    if (this.event_id === null) return;
    this.#drawHeld();
    if (!journey) {
      say(this.heading, "Journey");
      return;
    }
    say(this.heading, `Todo ${journey.todo_id ?? "unknown"} ${kindOf(journey)}`);
    say(this.title, closed(journey.title ?? "title not known"));
    set(this.title, "title", journey.title ?? null);
    const rule = injectedBy(this.journal.firings);
    say(this.summary, summaryOf(journey, rule));
    say(this.trace, journey.trace_id ?? "–");
    const open = isOver(this.journal, journey) ? [] : waiting(journey);
    drawWaterfall(this.lines, linesOf(journey, rule), open, cameInAt(journey) ?? 0);
  }

  #drawHeld() {
    const { held, journal } = this;
    const none = journal.run ? "not kept in the file" : "not known";
    for (const name of /** @type {const} */ (["event", "row", "document"])) {
      const value = held?.[name];
      const otherwise = held && name !== "event" ? "holds nothing" : none;
      say(one(oneOf(this.root, "held", name), "json"), value ? written(value) : otherwise);
    }
  }

  #asCurl() {
    const journey = this.#journey();
    const urlOf = (/** @type {string} */ path) => serviceUrl(path, this.journal.ports, location.origin);
    return journey ? commandOf(journey, urlOf) : "";
  }
}

/** @param {unknown} value */
function written(value) {
  return inOrder(JSON.stringify(value, null, 2));
}
