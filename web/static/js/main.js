// @ts-check
/**
 * Puts the page together, in the order of the flow: the wire brings what happens into the journal,
 * the playhead says which moment to show, the facts judge that moment, the views draw it, and commands go
 * out. This is the only module that knows all the rooms.
 */
import { Followed } from "./clock/followed.js";
import { Live } from "./clock/live.js";
import { Playhead } from "./clock/playhead.js";
import { factsOf } from "./facts/facts.js";
import { judge } from "./facts/judgement.js";
import { seenToken } from "./facts/token.js";
import { Memory } from "./facts/truths.js";
import { injectedBy } from "./journal/injected.js";
import { Journal } from "./journal/journal.js";
import { announcerOf } from "./page/announce.js";
import { Beside } from "./page/beside.js";
import { listenForDialogs, openDialog } from "./page/dialogs.js";
import { Door } from "./page/door.js";
import { hostKeyFrom } from "./page/host-key.js";
import { listen } from "./page/keys.js";
import { Look } from "./page/look.js";
import { remembering } from "./page/storage.js";
import * as tabs from "./page/tabs.js";
import { Teaching } from "./page/teaching.js";
import * as panels from "./panels.js";
import { Commands } from "./send/commands.js";
import { Host } from "./send/host.js";
import { Reads } from "./send/reads.js";
import { Written } from "./send/written.js";
import { pointAt } from "./stage/point.js";
import { sampleOf } from "./stage/sample.js";
import * as stage from "./stage/view.js";
import { Controls } from "./views/controls.js";
import { Loop } from "./views/loop.js";
import { failuresIn, mountAll } from "./views/view.js";
import { Described } from "./wire/described.js";
import { journeyAsker } from "./wire/journey.js";
import { Lessons } from "./wire/lessons.js";
import { olderOf } from "./wire/older.js";
import { openRun } from "./wire/run.js";
import { settled } from "./wire/settled.js";
import { Wire } from "./wire/socket.js";
import { TruthPoll } from "./wire/truths.js";

const now = () => performance.timeOrigin + performance.now();
const reduced = matchMedia("(prefers-reduced-motion: reduce)");
const steps = () => reduced.matches;
/** @type {typeof fetch} */
const ask = (...request) => fetch(...request);

// What happened, and which moment of it is shown.
const journal = new Journal();
const playhead = new Playhead(journal, new Live(journal));
const wire = new Wire(journal, playhead, now);
const isRun = () => journal.run !== null;

// The judgement of that moment, and what is remembered from one moment to the next.
const memory = new Memory();
const followed = new Followed();
new TruthPoll(journal, {
  ask, now: () => performance.now(), differ: () => memory.differs, isHidden: () => document.hidden,
}).start();

// What the views are made with; each takes what it needs.
const failed = failuresIn(document.querySelector("[data-failures]"));
const loop = new Loop({ playhead, judge: (scene) => factsOf(journal, scene, memory, followed), now, steps, failed });
const redraw = () => loop.redraw();
const announce = announcerOf(document);
const controls = new Controls(journal, playhead, now, announce);
const kept = remembering(() => localStorage);
const look = new Look(document.documentElement, kept, matchMedia("(prefers-color-scheme: light)"));
const teaching = new Teaching(document.documentElement, look);
const writeNew = () => document.getElementById("title")?.focus();
const watch = () => document.getElementById("stage")?.focus();
const inTab = remembering(() => sessionStorage);
const written = new Written(inTab);
journal.addEventListener("log", () => written.noteLog(journal.log ?? null));
const trueTime = (/** @type {number} */ at_ms) => playhead.live.trueNow(at_ms);
const reads = new Reads({
  send: ask, now, isRun, late: () => playhead.behind(now()), settled: () => settled(journal),
  tokens: { none: () => "", token: () => written.token(), seen: () => seenToken(journal.journeys.values()) },
  judge: (got, wait_s) => judge(
    { ...got, asked_ms: trueTime(got.asked_ms), answered_ms: trueTime(got.answered_ms) }, journal.journeys.values(),
    { rule: injectedBy(journal.firings), waits: wait_s !== null },
  ),
});
journal.addEventListener("run", () => reads.forget());
journal.addEventListener("back", (event) => {
  if (event instanceof CustomEvent) written.noteBack(event.detail);
  reads.forget();
  redraw();
});
const door = new Door();
const lessonDoor = new Door();
const house = {
  journal, playhead, followed, controls, look, teaching, ask, now, steps, redraw, announce, writeNew, watch, reads, sampleOf, kept, inTab,
  commands: new Commands(ask, isRun, written),
  host: new Host({ send: ask, kept: inTab, typed: hostKeyFrom(document), isRun }),
  beside: new Beside(document.documentElement),
  described: new Described(journal, ask),
  door,
  point: (/** @type {readonly string[]} */ names) => pointAt(document, names),
  lessonDoor,
  lessons: new Lessons(ask),
  welcomed: wire.welcomed,
  askOlder: olderOf(journal, playhead, ask),
  askJourney: journeyAsker(journal, ask),
  openRun: (/** @type {import("./journal/types.js").Run} */ run) => openRun(run, { journal, playhead, wire }),
  reload: () => location.replace(location.pathname),
};

// The views, in the order in which their words are drawn. Any of them can be removed.
loop.add(mountAll(document, { stage, tabs, ...panels }, house, failed));

for (const what of ["hops", "firings", "read", "health", "holds", "switches", "burst", "truths"]) {
  journal.addEventListener(what, () => loop.wake());
}
// Even a paused page says whether it is connected. A page that was opened paused shows the contents of
// both stores once, because they come after the welcome.
wire.addEventListener("change", redraw);
journal.addEventListener("truths", redraw, { once: true });
journal.addEventListener("run", redraw);
journal.addEventListener("clock", redraw);
playhead.addEventListener("change", redraw);
followed.addEventListener("change", redraw);
look.addEventListener("change", redraw);
teaching.addEventListener("change", redraw);

listenForDialogs(document);
listen(document, {
  toggle: () => controls.toggle(),
  forward: () => controls.step(1),
  back: () => controls.step(-1),
  later: () => controls.skip(1000),
  earlier: () => controls.skip(-1000),
  start: () => controls.toStart(),
  live: () => controls.toLive(),
  slower: () => controls.changeFactor(1),
  faster: () => controls.changeFactor(-1),
  add: writeNew,
  present: () => look.togglePresent(),
  teach: () => teaching.toggle(),
  theme: () => look.toggleTheme(),
  lab: () => door.toggle(),
  lessons: () => lessonDoor.toggle(),
  marks: () => openDialog(document, "help", "marks"),
  help: () => openDialog(document, "help"),
}, look);
