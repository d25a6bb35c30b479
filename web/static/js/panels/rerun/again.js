// @ts-check
/**
 * Run it again: asks which run, and with which switches, and has web play it. If a run from a file is shown, it
 * is that one; the page then goes back to the stack, which is where it is played.
 */
import { make, one, say } from "../../page/dom.js";
import { latestOf } from "../../page/latest.js";
import { OPENS, planSays, reasonsIn, settingSays, settingsIn } from "./words.js";

/** @typedef {import("./words.js").Plan} Plan */
/** @typedef {import("./words.js").Setting} Setting */

/**
 * @param {HTMLElement} root
 * @param {import("./both.js").House & {reload: () => void}} house
 */
export function mount(root, house) {
  if (!(root instanceof HTMLDialogElement)) throw new Error("Run it again is a dialog.");
  return new Again(root, house);
}

class Again {
  /**
   * @param {HTMLDialogElement} root
   * @param {import("./both.js").House & {reload: () => void}} house
   */
  constructor(root, { journal, host, inTab, reload }) {
    this.root = root;
    this.journal = journal;
    this.host = host;
    this.inTab = inTab;
    this.reload = reload;
    this.says = one(root, "again-says");
    this.problem = one(root, "again-problem");
    this.seconds = one(root, "again-seconds", HTMLSelectElement);
    this.others = one(root, "again-others", HTMLTextAreaElement);
    this.pause = one(root, "again-pause", HTMLInputElement);
    this.play = one(root, "again-play", HTMLButtonElement);
    /** What was on when it was recorded. @type {Setting[]} */
    this.were = [];
    /** Another stretch may be chosen while a plan is worked out. */
    this.latest = latestOf();
    root.addEventListener("open", () => this.#look());
    this.seconds.addEventListener("change", () => this.#look());
    this.pause.addEventListener("change", () => this.#look());
    one(root, "again-form", HTMLFormElement).addEventListener("submit", (event) => {
      if (!(event.submitter instanceof HTMLButtonElement) || event.submitter.value !== "play") return;
      event.preventDefault();
      this.#play();
    });
  }

  /** Which run, as web is asked for it. */
  #which() {
    const { run } = this.journal;
    if (run) return { run };
    return this.seconds.value ? { last_s: Number(this.seconds.value) } : {};
  }

  #how() {
    return this.pause.value === "" ? {} : { longest_pause_ms: Number(this.pause.value) * 1000 };
  }

  /** Asks what would be played, and shows that. */
  async #look() {
    const { run } = this.journal;
    say(one(this.root, "again-of"), run ? `The run from the file, with ${run.journeys.length.toLocaleString("en-GB")} events.` : "");
    one(this.root, "again-last").hidden = run !== null;
    say(this.problem, "");
    say(this.says, "Working out the commands.");
    this.play.disabled = true;
    const asked = { ...this.#which(), ...this.#how(), dry_run: true };
    const got = await this.latest(this.host.told("POST", "/rerun", asked, { isForStack: true }));
    if (!got) return;
    if ("problem" in got) {
      say(this.says, "");
      say(this.problem, got.problem);
      return;
    }
    const plan = /** @type {Plan} */ (got.told);
    say(this.says, planSays(plan));
    this.play.disabled = !plan.commands;
    one(this.root, "again-left").replaceChildren(...reasonsIn(plan.left_out).map((text) => make("li", {}, `Not played: ${text}`)));
    this.#showThen(plan.on_then);
  }

  /** @param {Setting[]} then */
  #showThen(then) {
    this.were = then;
    one(this.root, "again-then").hidden = !then.length;
    one(this.root, "again-switches").replaceChildren(...then.map((setting, at) => {
      const item = make("li");
      const label = make("label");
      label.append(make("input", { type: "checkbox", value: String(at) }), ` ${settingSays(setting)}`);
      item.append(label);
      return item;
    }));
  }

  async #play() {
    const { settings, problem } = settingsIn(this.others.value);
    say(this.problem, problem);
    if (problem) return;
    const ticked = [.../** @type {NodeListOf<HTMLInputElement>} */ (this.root.querySelectorAll("[data-again-switches] input:checked"))];
    const switches = [...ticked.map(({ value }) => this.were[Number(value)]), ...settings];
    this.play.disabled = true;
    const got = await this.host.told("POST", "/rerun", { ...this.#which(), ...this.#how(), switches }, { isForStack: true });
    this.play.disabled = false;
    if ("problem" in got) {
      say(this.problem, got.problem);
      return;
    }
    this.root.close();
    this.inTab.setItem(OPENS, "yes");
    if (this.journal.run) this.reload();
    else this.root.ownerDocument.getElementById("tab-runs")?.click();
  }
}
