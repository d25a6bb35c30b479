// @ts-check
/**
 * Read now, in the teacher's bar: the same reads as at the desk. The answer is large, in place of the
 * queue's chart, until it is closed or a burst begins.
 */
import { one, say, set } from "../../page/dom.js";
import { saidOf } from "../../facts/judgement.js";
import { isOffered } from "./reads.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../send/reads.js").Guarantee} Guarantee */
/** @typedef {import("../../send/reads.js").ReadModel} ReadModel */
/** @typedef {import("../../send/reads.js").Reads<import("../../facts/judgement.js").Judgement>} AllReads */

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, reads: AllReads}} house
 */
export function mount(root, { journal, reads }) {
  if (!(root instanceof HTMLFormElement)) throw new Error("What is read is asked for with a form.");
  const said = one(root, "aloud-said");
  const says = one(root, "aloud-says");
  const verdict = one(root, "aloud-verdict");
  const basis = one(root, "aloud-basis");
  const close = one(root, "aloud-close");
  const draw = () => {
    const { last } = reads;
    said.hidden = last === null;
    if (!last) return;
    const { state, says: words, verdict: judged, basis: by } = saidOf(last, 1);
    say(says, words);
    set(verdict, "data-read-verdict", state);
    say(verdict, judged);
    say(basis, by);
  };
  const hide = () => {
    // A button that is hidden loses the focus.
    if (document.activeElement === close) root.querySelector("button")?.focus();
    said.hidden = true;
  };
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    reads.read(/** @type {Guarantee} */ (new FormData(root).get("guarantee")));
  });
  const model = one(root, "aloud-model", HTMLSelectElement);
  const offer = () => {
    model.hidden = !isOffered(journal, reads);
    model.value = reads.model;
  };
  model.addEventListener("change", () => reads.choose(/** @type {ReadModel} */ (model.value)));
  reads.addEventListener("model", offer);
  journal.addEventListener("switches", offer);
  close.addEventListener("click", hide);
  reads.addEventListener("change", draw);
  let wasRunning = false;
  journal.addEventListener("burst", () => {
    const isRunning = journal.burst?.running === true;
    if (isRunning && !wasRunning) hide();
    wasRunning = isRunning;
  });
  return { root };
}
