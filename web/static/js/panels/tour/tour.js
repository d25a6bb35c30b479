// @ts-check
/**
 * The tour: five steps that point at the real thing. A browser sees it once by itself, on a first visit to the
 * live page, and again whenever a button with `data-shows-tour` is pressed. Nothing is blocked meanwhile.
 */
import { focusAgain, keyed, make, one, say } from "../../page/dom.js";
import { beside } from "../../page/place.js";
import { STEPS } from "./steps.js";

/** @typedef {import("../../page/place.js").Box} Box */

const KEPT_AS = "tour";
const DONE = "done";
/** From what a ring is around to the ring. */
const RING_PX = 5;

/**
 * @typedef {object} House
 * @property {EventTarget & {run: unknown}} journal
 * @property {EventTarget & {isPresenting: () => boolean}} look
 * @property {import("../../page/storage.js").Remembers} kept Remembers that it has been shown.
 */

/**
 * @param {HTMLElement} root
 * @param {House} house
 */
export function mount(root, house) {
  return new Tour(root, house);
}

class Tour {
  group = "words";

  /**
   * @param {HTMLElement} root
   * @param {House} house
   */
  constructor(root, { journal, look, kept }) {
    this.root = root;
    this.page = root.ownerDocument;
    this.journal = journal;
    this.look = look;
    this.kept = kept;
    this.card = one(root, "tour-card");
    this.rings = one(root, "tour-rings");
    this.next = one(root, "tour-next");
    this.back = one(root, "tour-back");
    /** The step that is shown; null if there is none. @type {number|null} */
    this.step = null;
    /** What had the focus before. @type {Element|null} */
    this.opener = null;
    this.isNew = kept.getItem(KEPT_AS) !== DONE && !location.hash;
    this.#listen();
  }

  #listen() {
    const { root, page, journal, look } = this;
    this.next.addEventListener("click", () => this.#go(1));
    this.back.addEventListener("click", () => this.#go(-1));
    one(root, "tour-skip").addEventListener("click", () => this.end());
    page.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest("[data-shows-tour]") : null;
      if (button) this.#startFrom(button);
    });
    page.addEventListener("keydown", (event) => this.#pressed(event));
    journal.addEventListener("run", () => this.end());
    look.addEventListener("change", () => { if (look.isPresenting()) this.end(); });
    const placed = () => this.#place();
    window.addEventListener("resize", placed);
    page.addEventListener("scroll", placed, { capture: true, passive: true });
  }

  draw() {
    if (this.isNew) {
      this.isNew = false;
      const isFree = !this.journal.run && !this.look.isPresenting() && !this.page.documentElement.hasAttribute("data-lesson");
      if (isFree) this.start();
    }
    this.#place();
  }

  start() {
    this.kept.setItem(KEPT_AS, DONE);
    this.opener = this.page.activeElement;
    this.#show(0);
    this.next.focus({ preventScroll: true });
  }

  end() {
    if (this.step === null) return;
    const hadFocus = this.root.contains(this.page.activeElement);
    this.step = null;
    this.root.hidden = true;
    if (hadFocus) focusAgain(this.opener);
  }

  /** @param {Element} button In the help, which then makes room. */
  #startFrom(button) {
    const dialog = button.closest("dialog");
    if (dialog instanceof HTMLDialogElement) dialog.close();
    this.start();
  }

  /** @param {1|-1} by */
  #go(by) {
    const step = (this.step ?? 0) + by;
    if (step in STEPS) this.#show(step);
    else this.end();
  }

  /** @param {number} step */
  #show(step) {
    this.step = step;
    const { name, says } = STEPS[step];
    say(one(this.root, "tour-count"), `A first look, ${step + 1} of ${STEPS.length}`);
    say(one(this.root, "tour-name"), name);
    say(one(this.root, "tour-says"), says);
    say(this.next, step === STEPS.length - 1 ? "Done" : "Next");
    // A button that is hidden loses the focus.
    if (step === 0 && this.page.activeElement === this.back) this.next.focus();
    this.back.hidden = step === 0;
    this.root.hidden = false;
    this.#bringIntoView();
    this.#place();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key !== "Escape" || this.step === null || event.defaultPrevented) return;
    if (this.page.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.end();
  }

  /** What the step points at, as far as it is to be seen. */
  #targets() {
    const found = STEPS[this.step ?? 0].at.map((selector) => this.page.querySelector(selector));
    return found.filter((element) => element !== null && element.getBoundingClientRect().width > 0)
      .map((element) => /** @type {Element} */ (element));
  }

  #bringIntoView() {
    const { clientHeight } = this.page.documentElement;
    const targets = this.#targets();
    const isOut = targets.some((target) => {
      const { top, bottom } = target.getBoundingClientRect();
      return top < 0 || bottom > clientHeight;
    });
    if (isOut) targets[0]?.scrollIntoView({ block: "center" });
  }

  #place() {
    if (this.step === null) return;
    const { clientWidth, clientHeight } = this.page.documentElement;
    const about = this.#targets().map((target) => ringOf(target.getBoundingClientRect()));
    keyed(this.rings, about.map((box, index) => ({ box, index })), ({ index }) => String(index),
      () => make("div", { class: "tour-ring" }), (ring, { box }) => put(ring, box));
    const size = { width: this.card.offsetWidth, height: this.card.offsetHeight };
    put(this.card, beside(about, size, { width: clientWidth, height: clientHeight }));
  }
}

/**
 * @param {DOMRect} box
 * @returns {Box}
 */
function ringOf({ left, top, width, height }) {
  return { left: left - RING_PX, top: top - RING_PX, width: width + 2 * RING_PX, height: height + 2 * RING_PX };
}

/**
 * @param {Element} element
 * @param {Partial<Box>} box
 */
function put(element, box) {
  const { style } = /** @type {HTMLElement} */ (element);
  for (const [side, px] of Object.entries(box)) style.setProperty(side, `${px}px`);
}
