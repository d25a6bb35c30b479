// @ts-check
/**
 * The inspector: all that is known of one journey. Every hop with its times, the event as it went
 * over the wire, the row and the document as they are now. Opened by clicking a mark or a lane, or
 * by a link of its own; it asks the playhead to pause and changes nothing.
 */
import { curl, serviceUrl, spaced } from "../../send/curl.js";
import { copies } from "../../page/copy.js";
import { counted, duration, stretch } from "../../page/format.js";
import { keyed, make, one, oneOf, say, set } from "../../page/dom.js";
import { LEGS, PLACES, SPANS, SPAN_FROM, STEPS, hopOf, itinerary, kindOf, spansOf } from "../../journal/hops.js";
import { isOver } from "../../journal/over.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../journal/journal.js").Journey} Journey */
/** @typedef {import("../../journal/journal.js").Hop} Hop */
/** @typedef {{key: string, name: string, span: string, from_ms: number, to_ms: number|null, process: string, note: string, isAnswer: boolean}} Line `to_ms`: null where its times are not known. */
/** @typedef {{event: unknown, row: unknown, document: unknown}} Held */

const LINK = "#journey=";
const ASK_AGAIN_MS = 300;

export class Inspector {
  /**
   * @param {Document} root
   * @param {Journal} journal
   * @param {{pause: () => void, told: Promise<unknown>, ask: typeof fetch}} means `told`: settled
   *   once there is something that can be paused.
   */
  constructor(root, journal, { pause, told, ask }) {
    this.root = root;
    this.journal = journal;
    this.pause = pause;
    this.told = told;
    this.ask = ask;
    this.panel = oneOf(root, "view", "inspector");
    this.heading = one(root, "inspector-heading");
    this.title = one(root, "inspector-title");
    this.summary = one(root, "inspector-says");
    this.lines = one(root, "waterfall");
    this.trace = one(root, "trace-id");
    /** @type {string|null} */
    this.event_id = null;
    /** @type {Held|null} */
    this.held = null;
    /** @type {Element|null} Where the focus goes back to. */
    this.opener = null;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    for (const what of ["click", "keydown"]) {
      root.addEventListener(what, (event) => this.#chosen(/** @type {any} */ (event)));
    }
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
    one(root, "close-inspector").addEventListener("click", () => this.close());
    copies(one(root, "copy-curl"), () => this.#asCurl());
    copies(one(root, "copy-json"), () => JSON.stringify({ journey: this.#journey(), ...this.held }, null, 2));
    copies(one(root, "copy-link"), () => location.href);
    journal.addEventListener("hops", (event) => this.#heard(/** @type {CustomEvent} */ (event)));
    journal.addEventListener("run", () => this.close());
    window.addEventListener("hashchange", () => this.#followLink());
    this.#followLink();
  }

  /** Whether it is open, so that a key that leads elsewhere can be left to it. */
  isOpen() {
    return this.event_id !== null;
  }

  /**
   * @param {string} event_id
   * @param {Element|null} [opener]
   */
  open(event_id, opener = null) {
    this.#show(event_id, opener);
    this.pause();
  }

  /**
   * @param {string} event_id
   * @param {Element|null} opener
   */
  #show(event_id, opener) {
    this.event_id = event_id;
    this.held = null;
    this.opener = opener ?? this.opener;
    this.panel.hidden = false;
    set(this.root.documentElement, "data-inspecting", "");
    if (location.hash !== LINK + event_id) history.replaceState(null, "", LINK + event_id);
    this.draw();
    this.#askFor();
    this.heading.focus({ preventScroll: false });
    this.panel.scrollTop = 0;
  }

  close() {
    if (this.event_id === null) return;
    const was = this.event_id;
    this.event_id = null;
    this.panel.hidden = true;
    set(this.root.documentElement, "data-inspecting", null);
    history.replaceState(null, "", location.pathname + location.search);
    const opener = this.opener?.isConnected
      ? this.opener
      : this.root.querySelector(`[data-lane][data-event-id="${CSS.escape(was)}"] button`);
    if (opener instanceof HTMLElement || opener instanceof SVGElement) opener.focus();
    this.opener = null;
  }

  /** @param {MouseEvent & KeyboardEvent} event */
  #chosen(event) {
    if (event.type === "keydown" && event.key !== "Enter") return;
    if (!(event.target instanceof Element)) return;
    const chosen = event.target.closest("[data-mark], [data-lane]");
    const event_id = chosen?.getAttribute("data-event-id");
    if (!chosen || !event_id) return;
    event.preventDefault();
    const button = chosen.querySelector("button");
    this.open(event_id, button ?? chosen);
  }

  async #followLink() {
    if (!location.hash.startsWith(LINK)) return;
    const event_id = decodeURIComponent(location.hash.slice(LINK.length));
    if (!event_id || event_id === this.event_id) return;
    this.#show(event_id, null);
    // Paused any sooner, a page that has just been opened would stay as empty as it is.
    await this.told;
    if (this.event_id === event_id) this.pause();
  }

  /** @param {CustomEvent<Set<string>>} event */
  #heard({ detail }) {
    const shown = this.#journey();
    if (this.event_id === null) return;
    if (detail.has(this.event_id)) this.draw();
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
      const answer = await this.ask(`/journeys/${encodeURIComponent(event_id)}`);
      if (this.event_id !== event_id) return;
      if (answer.ok) {
        const { journey, ...held } = await answer.json();
        if (this.event_id !== event_id) return;
        this.held = held;
        // A link may lead to a journey that is older than what this page was given.
        this.journal.mergeJourneys([journey]);
      } else if (!this.#journey()) {
        say(this.summary, "Nothing is known of this journey: the last 5,000 are kept.");
      }
    } catch {
      // What the page itself knows is shown.
    }
    this.draw();
  }

  draw() {
    const journey = this.#journey();
    if (this.event_id === null) return;
    this.#drawHeld();
    if (!journey) {
      say(this.heading, "Journey");
      return;
    }
    say(this.heading, `Todo ${journey.todo_id ?? "unknown"} ${kindOf(journey)}`);
    say(this.title, journey.title ?? "title not known");
    say(this.summary, summaryOf(journey));
    say(this.trace, journey.trace_id ?? "–");
    const known = linesOf(journey);
    const begin_ms = known[0]?.from_ms ?? 0;
    const known_ms = Math.max(0.001, Math.max(...known.map(({ to_ms }) => to_ms ?? begin_ms)) - begin_ms);
    const open = this.#isOver(journey) ? [] : waiting(journey);
    const whole_ms = open.length ? known_ms / 0.85 : known_ms;
    const lines = [...known, ...open];
    keyed(this.lines, lines, ({ key }) => key, createLine, (element, line) => {
      updateLine(element, line, begin_ms, whole_ms);
    });
  }

  /** @param {Journey} journey */
  #isOver(journey) {
    return isOver(this.journal, journey);
  }

  #drawHeld() {
    const { held, journal } = this;
    const none = journal.run ? "not kept in the file" : "not known";
    const version = this.#journey()?.version;
    for (const [name, value] of Object.entries({
      event: held?.event, row: held?.row, document: held?.document,
    })) {
      const box = oneOf(this.panel, "held", name);
      say(one(box, "json"), value ? JSON.stringify(value, null, 2) : held && name !== "event" ? "holds nothing" : none);
    }
    set(this.panel, "data-version", version ?? null);
  }

  /** The command that led to it, for a terminal. */
  #asCurl() {
    const journey = this.#journey();
    if (!journey) return "";
    const kind = kindOf(journey);
    const todo = `/commands/todos/${journey.todo_id}`;
    const json = { "Content-Type": "application/json" };
    const url = (/** @type {string} */ path) => serviceUrl(path, this.journal.ports, location.origin);
    if (kind === "deleted") return curl({ method: "DELETE", url: url(todo) });
    if (kind === "created") {
      return curl({ method: "POST", url: url("/commands/todos"), headers: json, body: spaced({ title: journey.title }) });
    }
    const change = kind === "renamed" ? { title: journey.title } : { completed: journey.completed };
    return curl({ method: "PATCH", url: url(todo), headers: json, body: spaced(change) });
  }
}

/**
 * The stretches of a journey, in the order of the path, and the answers that move no mark.
 * @param {Journey} journey
 * @returns {Line[]}
 */
export function linesOf(journey) {
  const way = itinerary(journey);
  const received = hopOf(journey, "received");
  /** @type {Line[]} */
  const lines = spansOf(journey).map(({ name, from_ms, to_ms, hop }, index) => ({
    key: `${index} ${hop.hop} ${hop.span_id}`, name: SPANS[name] ?? name, span: name, from_ms, to_ms,
    process: hop.process, note: noteOf(hop), isAnswer: false,
  }));
  for (const hop of journey.hops) {
    if (hop.hop === "acknowledged" && received) {
      lines.push(answer(hop, "answer: acknowledged", received.at_ms));
    }
    if (hop.hop === "confirmed" && !way.includes(hop)) {
      const sent = journey.hops.findLast(({ at_ms, hop: name }) => name === "picked-up" && at_ms <= hop.at_ms);
      lines.push(answer(hop, "answer: confirmed", hop.start_ms ?? sent?.at_ms ?? hop.at_ms));
    }
    if (hop.hop === "acked") {
      const before = way.findLast(({ at_ms, hop: name }) => at_ms <= hop.at_ms && STEPS[name].rank >= 5);
      lines.push(answer(hop, "answer: acked", hop.start_ms ?? before?.at_ms ?? hop.at_ms));
    }
  }
  lines.push(...unknown(way, lines));
  return lines.sort((a, b) => a.from_ms - b.from_ms || (a.to_ms ?? Infinity) - (b.to_ms ?? Infinity) || 0);
}

/**
 * The stretches that an event has behind it and that cannot be told, since a hop is not known.
 * @param {Hop[]} way
 * @param {Line[]} lines
 * @returns {Line[]}
 */
function unknown(way, lines) {
  const furthest = Math.max(-1, ...way.map(({ hop }) => LEGS.indexOf(STEPS[hop].span)));
  return LEGS.slice(0, furthest + 1)
    .filter((span) => !lines.some((line) => line.span === span))
    .map((span) => {
      const before = way.findLast(({ hop }) => LEGS.indexOf(STEPS[hop].span) < LEGS.indexOf(span));
      return {
        key: `unknown ${span}`, name: SPANS[span], span, from_ms: (before ?? way[0]).at_ms, to_ms: null,
        process: "", note: "not known: nobody has told when it began or ended", isAnswer: false,
      };
    });
}

/**
 * Where it waits, of a journey that is not over: a line without an end.
 * @param {Journey} journey
 * @returns {Line[]}
 */
function waiting(journey) {
  const last = itinerary(journey).at(-1);
  if (!last) return [];
  const span = SPAN_FROM[STEPS[last.hop].to];
  return [{
    key: `waiting ${span}`, name: SPANS[span], span, from_ms: last.at_ms, to_ms: Infinity, process: "",
    note: "", isAnswer: false,
  }];
}

/**
 * @param {Hop} hop
 * @param {string} name
 * @param {number} from_ms
 * @returns {Line}
 */
function answer(hop, name, from_ms) {
  return {
    key: `${hop.hop} ${hop.span_id}`, name, span: "answer", from_ms, to_ms: hop.at_ms,
    process: hop.process, note: "", isAnswer: true,
  };
}

/** @param {Hop} hop */
function noteOf(hop) {
  return [
    hop.redelivered ? "delivered again" : "",
    hop.hop === "already-applied" ? "applied before: no effect" : "",
    hop.hop === "sent-failed" ? `not taken by the broker: ${hop.error ?? "unknown"}; sent again` : "",
    hop.hop === "retried" ? `attempt ${hop.attempt ?? "?"} failed` : "",
    hop.hop === "dead-lettered" ? "parked in the dead letters" : "",
    hop.reason ?? "",
  ].filter(Boolean).join(", ");
}

/** @param {Journey} journey */
function summaryOf(journey) {
  const count = (/** @type {string} */ name) => journey.hops.filter(({ hop }) => hop === name).length;
  const last = itinerary(journey).at(-1);
  const acknowledged = hopOf(journey, "acknowledged");
  const seen = hopOf(journey, "seen");
  const projected = hopOf(journey, "projected");
  const attempts = Math.max(1, ...journey.hops.map(({ attempt }) => attempt ?? 0));
  return [
    acknowledged && projected ? `in MongoDB ${duration(projected.at_ms - acknowledged.at_ms)} after it was acknowledged` : "",
    acknowledged && seen ? `seen by a read after ${duration(seen.at_ms - acknowledged.at_ms)}` : "",
    !seen && last ? PLACES[STEPS[last.hop].to] : "",
    `${counted(attempts, "attempt")}`,
    count("delivered") > 1 ? `delivered ${count("delivered")} times` : "delivered once",
    count("sent-failed") ? `sent ${count("sent-failed") + 1} times` : "",
  ].filter(Boolean).filter((words) => words !== "delivered once" || count("delivered") === 1).join(" · ");
}

/** @param {Line} line */
function createLine({ isAnswer }) {
  const row = make("tr", { "data-line": "" });
  const bar = make("td", { class: "bar-cell" });
  bar.append(make("span", { class: "stretch-bar", "data-bar": "" }));
  const name = make("th", { scope: "row" });
  name.append(make("span"), make("span", { class: "note" }));
  row.append(name, bar, make("td", { class: "figure" }), make("td", { class: "figure dim" }), make("td", { class: "dim" }));
  if (isAnswer) row.setAttribute("data-answer-line", "");
  return row;
}

/**
 * @param {Element} row
 * @param {Line} line
 * @param {number} begin_ms
 * @param {number} whole_ms
 */
function updateLine(row, { name, span, from_ms, to_ms, process, note }, begin_ms, whole_ms) {
  const [head, barCell, took, at, by] = row.children;
  set(row, "data-span", span);
  say(head.children[0], name);
  say(head.children[1], note);
  const bar = /** @type {HTMLElement} */ (barCell.children[0]);
  bar.style.left = `${((from_ms - begin_ms) / whole_ms) * 100}%`;
  const isOpen = to_ms === Infinity;
  const took_ms = to_ms === null ? null : to_ms - from_ms;
  const share = isOpen ? 1 - (from_ms - begin_ms) / whole_ms : Math.max(0, took_ms ?? 0) / whole_ms;
  bar.style.width = `${share * 100}%`;
  set(row, "data-open-line", isOpen ? "" : null);
  set(row, "title", process);
  bar.hidden = to_ms === null;
  say(took, isOpen ? "waiting" : stretch(took_ms));
  say(at, isOpen || to_ms === null ? "" : `+${duration(to_ms - begin_ms)}`);
  say(by, process);
}
