// @ts-check
/**
 * The middle of the loop: what PostgreSQL and what MongoDB say, todo by todo, and the verdict. Asks
 * for both through web; what is judged is in compare.js.
 */
import { chosen, compare, verdict, words } from "./compare.js";
import { keyed, make, one, say, set } from "./dom.js";

/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./playhead.js").Playhead} Playhead */
/** @typedef {import("./clock.js").Scene} Scene */
/** @typedef {import("./compare.js").Compared} Compared */
/** @typedef {import("./compare.js").Row} Row */

/** How often both stores are asked: while they differ or something is under way, and at rest. */
const BUSY_MS = 400;
/** An answer that takes long is asked for less often: a share of the time is left to others. */
const REST_PER_ANSWER = 10;
const IDLE_MS = 4000;
const WINDOW = 200;

/** A run from a file has no stores to ask: what they held follows from its journeys. */
const UNASKED = Object.freeze({
  at_ms: 0,
  postgresql: { at_ms: 0, todos: [], error: null },
  mongodb: { at_ms: 0, todos: [], error: null },
});

export class Truths {
  /**
   * @param {ParentNode} root
   * @param {Journal} journal
   * @param {Playhead} playhead
   */
  constructor(root, journal, playhead) {
    this.journal = journal;
    this.playhead = playhead;
    this.clock = playhead.clock;
    this.root = one(root, "view", "truths");
    this.rows = one(root, "truth-rows");
    this.table = one(root, "truth-table");
    this.says = one(root, "truths-say");
    this.hint = one(root, "truths-hint");
    /** @type {Map<number, number>} Epoch, when each todo was first found to differ. */
    this.noticed = new Map();
    /** @type {Compared[]} */
    this.compared = [];
    /** @type {ReturnType<typeof verdict>} */
    this.verdict = { state: "unknown", words: "" };
  }

  /** @param {Scene} scene */
  draw(scene) {
    const { journal } = this;
    const truths = journal.truths ?? (journal.run ? UNASKED : null);
    const holds = this.#holds(scene);
    this.compared = truths ? this.#compared(truths, scene, holds) : [];
    this.verdict = verdict(this.compared, truths, holds);
    const room = Math.max(3, Math.floor(this.#room() / this.#rowHeight()));
    const shown = chosen(this.compared, room);
    this.table.hidden = this.compared.length === 0;
    this.hint.hidden = this.compared.length > 0 || this.verdict.state !== "consistent";
    set(this.root, "data-truths", this.verdict.state);
    keyed(this.rows, shown, ({ id }) => String(id), createRow, updateRow);
    say(this.says, this.#summary(shown.length));
  }

  /**
   * What waited where at the moment that is shown. Of the past nothing is said to be lost: what has
   * come since is known.
   * @param {Scene} scene
   * @returns {import("./journal.js").Holds}
   */
  #holds(scene) {
    if (this.playhead.isLive()) return this.journal.holds;
    return scene.isPast ? {} : this.journal.holdsAt(scene.at_ms + scene.behind_ms);
  }

  /**
   * @param {import("./compare.js").Truths} truths
   * @param {Scene} scene
   * @param {import("./journal.js").Holds} holds
   */
  #compared(truths, scene, holds) {
    const { journal, noticed } = this;
    const now_ms = scene.isPast ? scene.at_ms : this.clock.live(scene.now_ms);
    const moments = momentsShown(scene);
    const compared = compare({
      truths, noticed, holds,
      journeys: journal.journeys.values(),
      momentOf: (id) => moments.get(id) ?? now_ms,
    });
    const differing = new Set(compared.filter(({ state }) => state !== "equal").map(({ id }) => id));
    for (const id of differing) if (!noticed.has(id)) noticed.set(id, now_ms);
    for (const id of noticed.keys()) if (!differing.has(id)) noticed.delete(id);
    return compared;
  }

  #room() {
    const isLying = this.root.style.height !== "";
    if (!isLying) return this.#rowHeight() * 8;
    const below = [...this.root.children].filter((part) => part !== this.table);
    const used = below.reduce((sum, part) => sum + /** @type {HTMLElement} */ (part).offsetHeight, 0);
    return this.root.clientHeight - used - this.#rowHeight() * 1.6;
  }

  #rowHeight() {
    const unit = Number(this.root.style.getPropertyValue("--unit") || 1);
    return 21 * unit;
  }

  /** @param {number} shown */
  #summary(shown) {
    const { state, words: said } = this.verdict;
    const all = this.compared.length;
    if (state === "unknown" || all === 0) return said;
    const some = shown < all ? ` · ${shown} of ${all.toLocaleString("en-GB")} todos shown` : "";
    return `${said}${some}`;
  }
}

/**
 * The moment that the stage shows of each todo whose mark is on its way.
 * @param {Scene} scene
 * @returns {Map<number, number>} Epoch, by todo.
 */
function momentsShown({ shown }) {
  /** @type {Map<number, number>} */
  const moments = new Map();
  for (const { over, at_ms, journey: { todo_id } } of shown.values()) {
    if (over || todo_id === null) continue;
    moments.set(todo_id, Math.min(at_ms, moments.get(todo_id) ?? Infinity));
  }
  return moments;
}

/**
 * Asks for both truths again and again: often while they differ or something has just happened,
 * seldom at rest, never while nobody looks.
 * @param {Journal} journal
 * @param {() => boolean} differ Whether they differ, as far as is known.
 * @param {typeof fetch} ask
 */
export function keepAsking(journal, differ, ask) {
  let asked_ms = -Infinity;
  let took_ms = 0;
  let isBusy = true;
  let isAsking = false;
  const round = async () => {
    const now_ms = performance.now();
    const due_ms = Math.max(isBusy || differ() ? BUSY_MS : IDLE_MS, took_ms * REST_PER_ANSWER);
    if (isAsking || document.hidden || journal.run || now_ms - asked_ms < due_ms) return;
    [isAsking, isBusy, asked_ms] = [true, false, now_ms];
    try {
      const answer = await ask(`/truths?limit=${WINDOW}`);
      if (answer.ok && !journal.run) journal.setTruths(await answer.json());
    } catch {
      // The bar says that web cannot be reached; the next round asks again.
    } finally {
      took_ms = Math.min(performance.now() - asked_ms, IDLE_MS / REST_PER_ANSWER);
      isAsking = false;
    }
  };
  for (const what of ["hops", "holds", "read"]) journal.addEventListener(what, () => { isBusy = true; });
  setInterval(round, BUSY_MS / 2);
  round();
}

/** @type {Record<string, [string, string]>} */
const SIGNS = { equal: ["=", "equal"], unknown: ["?", "not known"] };

/** @param {Compared} compared */
function createRow({ id }) {
  const row = make("tr", { "data-truth": String(id) });
  row.append(
    make("th", { scope: "row", "data-left": "", dir: "auto" }),
    make("td", { class: "version" }),
    make("td", { class: "sign" }),
    make("td", { "data-right": "", dir: "auto" }),
    make("td", { class: "version" }),
  );
  return row;
}

/**
 * @param {Element} row
 * @param {Compared} compared
 */
function updateRow(row, compared) {
  const { id, left, right, state, lost } = compared;
  const [leftCell, leftVersion, sign, rightCell, rightVersion] = row.children;
  set(row, "data-state", state);
  set(row, "data-lost", lost ? "" : null);
  says(leftCell, id, left, "holds nothing");
  say(leftVersion, left ? `v${left.version}` : "");
  const [written, spoken] = SIGNS[state] ?? ["≠", "not equal"];
  say(sign, written);
  set(sign, "aria-label", spoken);
  if (state === "equal") says(rightCell, id, right, "");
  else sayWords(rightCell, words(compared));
  // Words have the whole width where there is no version to tell.
  set(rightCell, "colspan", right ? null : 2);
  /** @type {HTMLElement} */ (rightVersion).hidden = !right;
  say(rightVersion, right ? `v${right.version}` : "");
}

/**
 * @param {Element} cell
 * @param {number} id
 * @param {Row|null} row
 * @param {string} otherwise
 */
function says(cell, id, row, otherwise) {
  const title = row ? row.title ?? "title not known" : otherwise;
  const mark = row?.completed ? " ✓" : "";
  if (cell.getAttribute("data-text") === `${id} ${title}${mark}`) return;
  set(cell, "data-text", `${id} ${title}${mark}`);
  cell.replaceChildren(make("b", {}, String(id)), " ", make("bdi", {}, title), mark);
  set(cell, "title", title);
}

/**
 * @param {Element} cell
 * @param {string} text
 */
function sayWords(cell, text) {
  if (cell.getAttribute("data-text") === text) return;
  set(cell, "data-text", text);
  set(cell, "title", null);
  cell.replaceChildren(text);
}
