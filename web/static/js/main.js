// @ts-check
/** Puts the page together: journal, clock and wire, the views, and the loop that draws them. */
import { behindOf } from "./behind.js";
import { Caption } from "./caption.js";
import { Clock } from "./clock.js";
import { Commands } from "./commands.js";
import { one } from "./dom.js";
import { Journal } from "./journal.js";
import { List } from "./list.js";
import { Stage } from "./stage.js";
import { Timeline } from "./timeline.js";
import { Verdict } from "./verdict.js";
import { Wire } from "./wire.js";

/** How often words and figures change; marks move with every frame. */
const WORDS_EVERY_MS = 100;

const now = () => performance.timeOrigin + performance.now();
const reduced = matchMedia("(prefers-reduced-motion: reduce)");

const journal = new Journal();
const clock = new Clock();
const wire = new Wire(journal, clock, now);
const commands = new Commands((...request) => fetch(...request));

const stage = new Stage(one(document, "view", "stage"), journal, clock, { steps: () => reduced.matches });
const caption = new Caption(document, journal, clock);
const list = new List(document, journal, clock, commands);
const timeline = new Timeline(one(document, "view", "timeline"), journal, clock);
const verdict = new Verdict(document, journal, clock, wire);

let worded_ms = 0;
/** @type {number|undefined} */
let frame;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let timer;

function draw() {
  frame = undefined;
  clearTimeout(timer);
  timer = undefined;
  const now_ms = now();
  clock.advance(now_ms, (journey) => journal.isComplete(journey) || journal.isReadable(journey));
  stage.draw(now_ms);
  if (now_ms - worded_ms >= WORDS_EVERY_MS) {
    worded_ms = now_ms;
    const behind = behindOf(journal, clock, now_ms);
    caption.draw(now_ms);
    list.draw(now_ms, behind);
    timeline.draw(now_ms);
    verdict.draw(now_ms, behind);
  }
  // At rest nothing is drawn: a frame only while a mark moves, a slow tick otherwise.
  if (stage.isMoving() || (clock.isMoving(now_ms) && !reduced.matches)) wake();
  else timer = setTimeout(wake, WORDS_EVERY_MS);
}

function wake() {
  frame ??= requestAnimationFrame(draw);
}

for (const what of ["hops", "read", "health", "holds"]) journal.addEventListener(what, wake);
wire.addEventListener("change", wake);
wake();
