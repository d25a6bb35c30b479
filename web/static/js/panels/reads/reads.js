// @ts-check
/**
 * Read as you like: one real GET with the chosen guarantee, what came back, whether it was stale, and how
 * long it took. Below each guarantee stands what it promises and what it costs.
 */
import { curl, serviceUrl } from "../../send/curl.js";
import { copies } from "../../page/copy.js";
import { one, oneOf, say, set } from "../../page/dom.js";
import { saidOf } from "../../facts/judgement.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../send/commands.js").Commands} Commands */
/** @typedef {import("../../send/reads.js").Guarantee} Guarantee */
/** @typedef {import("../../send/reads.js").ReadModel} ReadModel */
/** @typedef {import("../../send/reads.js").Reads<import("../../facts/judgement.js").Judgement>} AllReads */

/** What a guarantee with a token promises and costs, and what is said when there is nothing to wait for. */
const PROMISES = Object.freeze({
  token: {
    some: "At least your last 20 writes in this tab. Waits, or fails (503).",
    none: "You have written nothing in this tab yet: nothing to wait for.",
  },
  seen: {
    some: "At least the last 20 writes on the stage. Waits, or fails (503).",
    none: "The stage has shown no write yet: nothing to wait for.",
  },
});
const WITH_TOKEN = /** @type {const} */ (["token", "seen"]);

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, commands: Commands, reads: AllReads}} house
 */
export function mount(root, house) {
  if (!(root instanceof HTMLFormElement)) throw new Error("What is read is asked for with a form.");
  return new ReadNow(root, house);
}

/**
 * Whether one can choose where to read from: while there is a replica, and if it was chosen before.
 * @param {Journal} journal
 * @param {AllReads} reads
 */
export function isOffered(journal, reads) {
  return journal.told.switches.latest?.replica?.replicate?.on === true || reads.model !== "";
}

class ReadNow {
  group = "words";

  /**
   * @param {HTMLFormElement} form
   * @param {{journal: Journal, commands: Commands, reads: AllReads}} house
   */
  constructor(form, { journal, commands, reads }) {
    this.root = form;
    this.journal = journal;
    this.reads = reads;
    this.says = one(form, "read-now-says");
    this.verdict = one(form, "read-now-verdict");
    this.basis = one(form, "read-now-basis");
    this.curl = one(form, "read-curl");
    this.from = one(form, "read-from");
    /** The guarantees that have something to wait for; they do not lose it again. @type {Set<Guarantee>} */
    this.awaits = new Set();
    copies(one(form, "copy-read-curl"), () => this.curl.textContent ?? "");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      reads.read(this.#chosen());
    });
    form.addEventListener("change", () => {
      const chosen = new FormData(form);
      reads.wait_s = Number(chosen.get("wait_s"));
      reads.choose(/** @type {ReadModel} */ (chosen.get("model") ?? ""));
    });
    reads.addEventListener("model", () => this.draw());
    // A paused page does not draw, but what was written here counts at once.
    commands.addEventListener("written", () => this.draw());
    for (const news of ["ports", "switches"]) journal.addEventListener(news, () => this.draw());
    reads.addEventListener("change", () => this.#drawLast());
    this.draw();
  }

  /** Draws what a read would send, and what it would wait for. */
  draw() {
    for (const guarantee of WITH_TOKEN) {
      if (!this.awaits.has(guarantee) && this.reads.tokens[guarantee]()) this.awaits.add(guarantee);
      const { some, none } = PROMISES[guarantee];
      say(oneOf(this.root, "promise", guarantee), this.awaits.has(guarantee) ? some : none);
    }
    this.#offerReplica();
    const { path, headers } = this.reads.request(this.#chosen());
    say(this.curl, curl({ method: "GET", url: serviceUrl(path, this.journal.ports, location.origin), headers }));
  }

  /** Lets one choose where to read from, here or in the teacher's bar. */
  #offerReplica() {
    this.from.hidden = !isOffered(this.journal, this.reads);
    const select = this.from.querySelector("select");
    if (select) select.value = this.reads.model;
  }

  #drawLast() {
    const { last } = this.reads;
    const { state, says, verdict, basis } = last ? saidOf(last) : { state: null, says: "", verdict: "", basis: "" };
    set(this.root, "data-state", state === "waiting" ? state : null);
    say(this.says, says);
    set(this.verdict, "data-read-verdict", state);
    say(this.verdict, verdict);
    say(this.basis, basis);
  }

  #chosen() {
    return /** @type {Guarantee} */ (new FormData(this.root).get("guarantee"));
  }
}
