// @ts-check
/**
 * What a person sees: the list as a read gives it, and the writes that are acknowledged but not yet
 * readable. The list shows nothing before a read has shown it.
 */
import { closed, isolated } from "../../page/bidi.js";
import { apart, duration, isApart } from "../../page/format.js";
import { keyed, make, one, say, set } from "../../page/dom.js";
import { ShownList } from "../../clock/list.js";
import { PLACES } from "../../journal/hops.js";
import { kindOf } from "../../journal/journey.js";
import { Roving } from "../../page/roving.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../clock/shown.js").Scene} Scene */
/** @typedef {import("../../clock/list.js").PastTodo} PastTodo */
/** @typedef {import("../../facts/behind.js").Behind} Behind */
/** @typedef {import("../../send/commands.js").Commands} Commands */

const GHOSTS = 6;
/** If there are more than this, each takes only one line. */
const ROOMY_GHOSTS = 1;
const NEAR_END_PX = 24;

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, commands: Commands}} house
 */
export function mount(root, { journal, commands }) {
  return new List(root, journal, commands);
}

class List {
  /**
   * @param {HTMLElement} root
   * @param {Journal} journal
   * @param {Commands} commands
   */
  constructor(root, journal, commands) {
    this.root = root;
    this.journal = journal;
    this.commands = commands;
    this.shownList = new ShownList();
    this.todos = one(root, "todos");
    /** This makes a list of 1,000 todos one tab stop instead of 2,000. */
    this.roving = new Roving(this.todos, "button", "li");
    this.readSays = one(root, "read-says");
    this.ghosts = one(root, "ghosts");
    this.ghostList = one(root, "ghost-list");
    this.ghostsMore = one(root, "ghosts-more");
    /** Whether the list stays scrolled to its end, where new todos appear. */
    this.atEnd = true;
    this.last = 0;
    this.todos.addEventListener("click", (event) => this.#click(event));
    this.todos.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.todos;
      this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    });
  }

  /** @param {Event} event */
  #click(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const row = button?.closest("[data-todo-id]");
    if (!button || !row) return;
    const id = Number(row.getAttribute("data-todo-id"));
    if (button.hasAttribute("data-delete")) this.commands.delete(id);
    else this.commands.complete(id, button.getAttribute("aria-checked") !== "true");
  }

  /**
   * @param {Scene} scene
   * @param {import("../../facts/facts.js").Facts} facts
   */
  draw(scene, { behind, truths }) {
    const todos = this.shownList.update(this.journal, scene);
    const late = new Set(behind.map(({ journey }) => journey.todo_id));
    const focused = this.todos.contains(document.activeElement) ? document.activeElement : null;
    const at = focused ? [...this.todos.children].findIndex((row) => row.contains(focused)) : -1;
    keyed(this.todos, todos, ({ id }) => String(id), createRow, (row, todo) => updateRow(row, todo, late));
    this.roving.update();
    if (focused && !focused.isConnected) this.#focusNear(at);
    say(this.readSays, readSays(this.journal, todos.length));
    this.#drawGhosts(behind, truths.behind);
    const last = todos.at(-1)?.id ?? 0;
    // Scrolling makes the browser lay out the whole list, so scroll only if there is something new.
    if (this.atEnd && last !== this.last) this.todos.scrollTop = this.todos.scrollHeight;
    this.last = last;
  }

  /**
   * When a todo goes and takes the focus with it, the focus moves to the one now in its place, or to the
   * list if there is none. It never goes to a field, where keys would write.
   * @param {number} at
   */
  #focusNear(at) {
    const row = this.todos.children[at] ?? this.todos.lastElementChild;
    (row?.querySelector("button") ?? this.todos).focus();
  }

  /**
   * @param {Behind[]} behind Those that the page knows of.
   * @param {number} known How many web knows of.
   */
  #drawGhosts(behind, known) {
    this.ghosts.hidden = behind.length === 0;
    const shown = behind.slice(0, GHOSTS);
    const isCompact = behind.length > ROOMY_GHOSTS;
    keyed(this.ghostList, shown, ({ journey }) => journey.event_id, createGhost, (element, each) => {
      updateGhost(element, each, isCompact);
    });
    set(this.ghostList, "data-compact", isCompact ? "" : null);
    this.ghostsMore.hidden = behind.length <= GHOSTS;
    say(this.ghostsMore, `and ${(Math.max(behind.length, known) - GHOSTS).toLocaleString("en-GB")} more`);
  }
}

/** @param {import("../../clock/shown.js").Shown} shown */
function where(shown) {
  // It has arrived where it says only once the mark has, as in the stage and the two truths.
  const place = shown.progress === 1 ? shown.to : shown.from;
  if (place === "browser") return shown.hop === null ? "on its way" : "a read brings it";
  return place === "mongodb" ? "in MongoDB" : PLACES[place];
}

/** @param {PastTodo} todo */
function createRow({ id }) {
  const row = make("li", { class: "todo", "data-todo-id": String(id) });
  row.append(
    make("button", { type: "button", class: "tick", role: "checkbox", tabindex: "-1", "data-complete": "" }),
    make("span", { class: "title", "data-title": "", dir: "auto" }),
    make("span", { class: "number" }, `#${id}`),
    make("button", { type: "button", class: "delete", tabindex: "-1", "data-delete": "" }),
  );
  return row;
}

/** What each row says, so that one that stays as it is costs nothing. @type {WeakMap<Element, string>} */
const written = new WeakMap();

/**
 * @param {Element} row
 * @param {PastTodo} todo
 * @param {Set<number|null>} late
 */
function updateRow(row, { id, title: known, completed }, late) {
  const title = known ?? "title not known";
  const state = `${late.has(id)} ${completed} ${title}`;
  if (written.get(row) === state) return;
  written.set(row, state);
  const [tick, name, number, remove] = row.children;
  set(row, "data-completed", String(completed));
  set(tick, "aria-checked", String(completed));
  say(name, closed(title));
  if (name.getAttribute("title") !== title) {
    set(name, "title", title);
    set(tick, "aria-label", `Complete ${isolated(title)}`);
    set(remove, "aria-label", `Delete ${isolated(title)}`);
  }
  set(number, "data-late", late.has(id) ? "" : null);
  say(number, late.has(id) ? `#${id} stale` : `#${id}`);
}

/** @param {Behind} behind */
function createGhost({ journey }) {
  const element = make("li", { class: "ghost", "data-ghost": "", "data-event-id": journey.event_id });
  const line = make("span", { class: "line" });
  line.append(
    make("span", { class: "title", "data-title": "", dir: "auto" }),
    make("span", { class: "quiet", "data-kind": "" }),
    make("b", { "data-for": "" }),
  );
  element.append(line, make("span", { class: "change", "data-change": "" }));
  return element;
}

/**
 * @param {Element} element
 * @param {Behind} behind
 * @param {boolean} isCompact Whether it has only one line.
 */
function updateGhost(element, { journey, for_ms, injected_ms, shown }, isCompact) {
  set(element, "data-todo-id", journey.todo_id);
  const title = one(element, "title");
  say(title, closed(journey.title ?? "title not known"));
  set(title, "title", journey.title ?? null);
  const isInjected = isApart(for_ms, injected_ms);
  say(one(element, "change"), `#${journey.todo_id ?? "?"} ${kindOf(journey)}${shown ? `, ${where(shown)}` : ""}`);
  const figure = one(element, "for");
  say(figure, duration(for_ms));
  // There is only room for the whole time, which is hatched then.
  set(figure, "data-injected", isInjected ? "" : null);
  set(figure, "title", isInjected ? apart(for_ms, injected_ms) : null);
  // Without it, two changes to one todo would read the same.
  const kind = one(element, "kind");
  kind.hidden = !isCompact;
  say(kind, kindOf(journey));
}

/**
 * @param {Journal} journal
 * @param {number} count
 */
function readSays({ read }, count) {
  if (!read) return "No read has been answered yet.";
  if (read.error) return `Reads fail: ${read.error}. What follows is the last answer.`;
  if (read.more) return `The first ${read.todos.length.toLocaleString("en-GB")}; there are more.`;
  return count === 0 ? "There are none." : "";
}
