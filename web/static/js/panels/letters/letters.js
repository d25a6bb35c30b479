// @ts-check
/**
 * The dead letters: everybody sees them, grouped by error and event type, and one of them in full; the host
 * retries, edits, discards and restores those that are chosen. What is done is asked first, and done to exactly
 * the letters that were shown.
 */
import { keyed, make, one, say, set } from "../../page/dom.js";
import { counted } from "../../page/format.js";
import { latestOf } from "../../page/latest.js";
import { Rebuild } from "./rebuild.js";
import { answer, grouped, linesOf, question, titleOf } from "./rules.js";

/** How long a retry waits to say what became of it, in seconds. */
const WAIT_S = 5;
const AGAIN_MS = 5000;

/** @typedef {import("./rules.js").Act} Act */
/** @typedef {import("./rules.js").Group} Group */
/** @typedef {import("./rules.js").Letter} Letter */
/** @typedef {import("./rules.js").Told} Told */
/**
 * @typedef {object} Host Sends what only the host may send.
 * @property {(method: string, path: string, body?: object) => Promise<string|null>} ask
 * @property {(method: string, path: string, body?: object) => Promise<{problem: string}|{told: any}>} told
 */
/** @typedef {{ask: typeof fetch, host: Host}} House */

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  return new Letters(root, house);
}

class Letters {
  /**
   * @param {HTMLElement} root
   * @param {House} house
   */
  constructor(root, house) {
    this.root = root;
    this.fetch = house.ask;
    this.host = house.host;
    this.rebuild = new Rebuild(root, house);
    this.says = one(root, "letters-says");
    this.groups = one(root, "letters-groups");
    this.discarded = one(root, "letters-discarded", HTMLInputElement);
    this.because = one(root, "letters-because", HTMLInputElement);
    this.asking = one(root, "letters-question");
    this.event = one(root, "letter-event", HTMLTextAreaElement);
    /** @type {Letter[]} */
    this.letters = [];
    /** The other list may be chosen while one is asked for. */
    this.latest = latestOf();
    /** @type {Set<string>} */
    this.chosen = new Set();
    /** The one that is shown in full. @type {Letter|null} */
    this.shown = null;
    /** What is asked, about exactly these. @type {{act: Act, letters: Letter[]}|null} */
    this.asked = null;
    this.#listen();
  }

  #listen() {
    const { root } = this;
    root.addEventListener("open", () => {
      this.#answer("");
      this.#look();
      this.rebuild.look();
      this.again = setInterval(() => this.#look(), AGAIN_MS);
    });
    root.addEventListener("close", () => {
      clearInterval(this.again);
      this.#ask(null);
    });
    this.discarded.addEventListener("change", () => {
      this.letters = [];
      this.#show(null);
      this.#answer("");
      this.#look();
    });
    for (const button of root.querySelectorAll("[data-letters-act]")) {
      const act = /** @type {Act} */ (button.getAttribute("data-letters-act"));
      button.addEventListener("click", () => this.#ask(act));
    }
    one(root, "letters-yes").addEventListener("click", () => this.#act());
    one(root, "letters-no").addEventListener("click", () => this.#ask(null));
    one(root, "letter-journey").addEventListener("click", () => {
      if (root instanceof HTMLDialogElement) root.close();
    });
  }

  async #look() {
    const found = await this.latest(this.#found(this.discarded.checked ? "/dead-letters/discarded" : "/dead-letters"));
    if (found) this.#draw(found.letters ?? this.letters, found.says);
  }

  /**
   * @param {string} path
   * @returns {Promise<{letters?: Letter[], says: string}>} `says`: what there is to say of them, or why there are none.
   */
  async #found(path) {
    try {
      const answered = await this.fetch(path);
      if (!answered.ok) return { says: `They cannot be looked at just now (${answered.status}).` };
      const { letters, more } = await answered.json();
      return { letters, says: more ? `The queue has ${more} more behind these.` : "" };
    } catch {
      return { says: "This page cannot reach web." };
    }
  }

  /**
   * @param {Letter[]} letters
   * @param {string} problem
   */
  #draw(letters, problem) {
    this.letters = letters;
    const there = new Set(letters.map(({ id }) => id));
    for (const id of this.chosen) if (!there.has(id)) this.chosen.delete(id);
    const nothing = this.discarded.checked ? "Nothing was discarded within a day." : "There is no dead letter.";
    say(this.says, [this.answered, problem || (letters.length ? "" : nothing)].filter(Boolean).join(" "));
    keyed(this.groups, grouped(letters), ({ name }) => name, createGroup, (element, group) => this.#update(element, group));
    this.#drawActs();
  }

  /**
   * @param {Element} element
   * @param {Group} group
   */
  #update(element, { name, letters }) {
    const [heading, list] = element.children;
    say(heading, `${counted(letters.length, "letter")}, ${name}`);
    keyed(list, letters, ({ id }) => id, (letter) => this.#create(letter), (row, letter) => {
      set(row, "data-shown", this.shown?.id === letter.id ? "" : null);
    });
  }

  /** @param {Letter} letter */
  #create(letter) {
    const row = make("li", { "data-dead-letter": letter.id });
    const box = make("input", { type: "checkbox", "aria-label": `Choose ${titleOf(letter)} (${letter.id})` });
    if (box instanceof HTMLInputElement) {
      box.checked = this.chosen.has(letter.id);
      box.addEventListener("change", () => {
        if (box.checked) this.chosen.add(letter.id);
        else this.chosen.delete(letter.id);
        this.#ask(null);
      });
    }
    const open = make("button", { type: "button", class: "link-button" }, titleOf(letter));
    open.addEventListener("click", () => this.#show(letter));
    row.append(box, open, make("span", { class: "quiet" }, letter.last_failed_at?.slice(11, 19) ?? ""));
    return row;
  }

  /** @param {Letter|null} letter */
  #show(letter) {
    this.shown = letter;
    this.#ask(null);
    one(this.root, "letter").hidden = !letter;
    if (!letter) return;
    const heading = one(this.root, "letter-heading");
    say(heading, `Letter ${letter.id}: ${titleOf(letter)}`);
    one(this.root, "letter-lines").replaceChildren(
      ...linesOf(letter).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
    );
    set(one(this.root, "letter-journey"), "href", letter.event_id ? `#journey=${letter.event_id}` : null);
    say(one(this.root, "letter-headers"), JSON.stringify(letter.headers, null, 2));
    this.event.value = letter.body;
    heading.focus();
  }

  #drawActs() {
    const { discarded: { checked }, chosen } = this;
    one(this.root, "letters-acts").hidden = !chosen.size || this.asked !== null;
    for (const button of this.root.querySelectorAll("[data-letters-act]")) {
      const act = button.getAttribute("data-letters-act");
      if (button instanceof HTMLElement) button.hidden = checked !== (act === "restore");
    }
  }

  /** @param {Act|null} act Null takes the question back. */
  #ask(act) {
    const letters = act === "edit" ? [this.shown] : this.letters.filter(({ id }) => this.chosen.has(id));
    const meant = /** @type {Letter[]} */ (letters.filter(Boolean));
    this.asked = act && meant.length ? { act, letters: meant } : null;
    this.asking.hidden = !this.asked;
    this.#drawActs();
    if (!this.asked) return;
    say(one(this.root, "letters-asked"), question(this.asked.act, meant));
    one(this.root, "letters-yes").focus();
  }

  async #act() {
    if (!this.asked) return;
    const { act, letters } = this.asked;
    this.#ask(null);
    const because = this.because.value.trim() ? { because: this.because.value.trim() } : {};
    const waits = act === "retry" || act === "edit" ? { wait_s: WAIT_S } : {};
    const path = act === "edit" ? `/dead-letters/${letters[0].id}/edit` : `/dead-letters/${act}`;
    const what = act === "edit" ? { event: this.event.value } : { ids: letters.map(({ id }) => id) };
    const got = await this.host.told("POST", path, { ...what, ...because, ...waits });
    if ("problem" in got) {
      this.#answer(got.problem);
    } else {
      this.#answer(answer(act, /** @type {Told} */ (got.told)));
      this.because.value = "";
      if (this.shown && letters.some(({ id }) => id === this.shown?.id)) this.#show(null);
    }
    await this.#look();
  }

  /** @param {string} words */
  #answer(words) {
    this.answered = words;
    say(this.says, words);
  }
}

function createGroup() {
  const element = make("div", { class: "group" });
  element.append(make("h3"), make("ul"));
  return element;
}
