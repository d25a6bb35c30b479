// @ts-check
/**
 * The middle of the loop: what PostgreSQL and what MongoDB say, todo by todo, and the verdict. Asks
 * for both through web; what is judged is in compare.js.
 */
import { chosen, words } from "../../facts/compare.js";
import { keyed, make, one, oneOf, say, set } from "../../page/dom.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../clock/clock.js").Scene} Scene */
/** @typedef {import("../../facts/compare.js").Compared} Compared */
/** @typedef {import("../../facts/compare.js").Row} Row */
/**
 * @typedef {{left: number, top: number, width: number, height: number, scale: number}} Middle The room
 *   in the middle of the loop, in CSS pixels of the stage; `scale`: how large words are there.
 */

/**
 * How often both stores are asked: while they differ or something is under way; while the older
 * todos have not all been compared once; and at rest.
 */
const BUSY_MS = 400;
const FIRST_ROUND_MS = 1000;
/** An answer that takes long is asked for less often: a share of the time is left to others. */
const REST_PER_ANSWER = 10;
const IDLE_MS = 4000;
const WINDOW = 200;
/** How many rows there are for who scrolls. */
const MOST_BELOW = 40;
/** How high a row is, in CSS pixels of a page that is not scaled; and how many there are below the loop. */
const ROW_PX = 21;
const ROWS_BELOW = 8;
/** The room that the table's head and the space around it take, in rows. */
const HEAD_ROWS = 1.6;

export class Truths {
  /** @param {ParentNode} root */
  constructor(root) {
    this.root = oneOf(root, "view", "truths");
    this.rows = one(root, "truth-rows");
    this.scroll = one(root, "truth-scroll");
    this.says = one(root, "truths-say");
    this.hint = one(root, "truths-hint");
    /** @type {Middle|null} */
    this.middle = null;
  }

  /**
   * Takes the room that there is in the middle of the loop; where there is none, it stands below.
   * @param {Middle|null} middle
   */
  fit(middle) {
    this.middle = middle;
    const { style } = this.root;
    style.left = middle ? `${middle.left}px` : "";
    style.top = middle ? `${middle.top}px` : "";
    style.width = middle ? `${middle.width}px` : "";
    style.height = middle ? `${middle.height}px` : "";
    style.setProperty("--text-unit", String(middle?.scale ?? 1));
  }

  /**
   * @param {Scene} _
   * @param {import("../../facts/facts.js").Facts} facts
   */
  draw(_, { truths }) {
    const { compared, verdict } = truths;
    this.scroll.hidden = compared.length === 0;
    this.hint.hidden = compared.length > 0 || verdict.state !== "consistent";
    set(this.root, "data-truths", verdict.state);
    const room = Math.max(3, Math.floor(this.#room() / this.#rowHeight()));
    const shown = chosen(compared, room, MOST_BELOW);
    this.scroll.style.maxHeight = `${(1 + room) * this.#rowHeight()}px`;
    keyed(this.rows, shown, ({ id }) => String(id), createRow, updateRow);
    say(this.says, summary(truths, shown.length));
  }

  /** How high the rows may be together, in CSS pixels. */
  #room() {
    if (!this.middle) return this.#rowHeight() * ROWS_BELOW;
    const below = [...this.root.children].filter((part) => part !== this.scroll);
    const used = below.reduce((sum, part) => sum + /** @type {HTMLElement} */ (part).offsetHeight, 0);
    return this.root.clientHeight - used - this.#rowHeight() * HEAD_ROWS;
  }

  #rowHeight() {
    return ROW_PX * (this.middle?.scale ?? 1);
  }
}

/**
 * @param {import("../../facts/truths.js").TwoTruths} truths
 * @param {number} shown
 */
function summary({ verdict, count }, shown) {
  if (verdict.state === "unknown" || count === 0) return verdict.words;
  const some = shown < count ? ` · ${shown} of ${count.toLocaleString("en-GB")} todos shown` : "";
  return `${verdict.words}${some}`;
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
    const { after, older } = journal.truths ?? {};
    const rest_ms = after && older?.since_ms === null ? FIRST_ROUND_MS : IDLE_MS;
    const due_ms = Math.max(isBusy || differ() ? BUSY_MS : rest_ms, took_ms * REST_PER_ANSWER);
    if (isAsking || document.hidden || journal.run || now_ms - asked_ms < due_ms) return;
    [isAsking, isBusy, asked_ms] = [true, false, now_ms];
    try {
      const answer = await ask(`/truths?limit=${WINDOW}`);
      const told = answer.ok ? await answer.json() : null;
      // A run may have been opened meanwhile, and what the stack holds is no concern of it.
      if (told && !journal.run) journal.setTruths(told);
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
