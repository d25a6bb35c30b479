// @ts-check
/** Puts the page together: journal, playhead and wire, the views, and the loop that draws them. */
import { BurstView } from "./panels/burst/burst.js";
import { Caption } from "./panels/truths/caption.js";
import { Charts } from "./panels/charts/charts.js";
import { Clock } from "./clock/clock.js";
import { Commands } from "./send/commands.js";
import { oneOf } from "./page/dom.js";
import { Host } from "./send/host.js";
import { Inspector } from "./panels/inspector/inspector.js";
import { Journal } from "./journal/journal.js";
import { listen } from "./page/keys.js";
import { List } from "./panels/list/list.js";
import { Loop } from "./page/loop.js";
import { olderOf } from "./wire/older.js";
import { Playhead } from "./clock/playhead.js";
import { Reads } from "./panels/reads/reads.js";
import { Share } from "./panels/share/share.js";
import { Stage } from "./stage/stage.js";
import { Timeline } from "./panels/timeline/timeline.js";
import { Transport } from "./panels/transport/transport.js";
import { Truths, keepAsking } from "./panels/truths/truths.js";
import { Verdict } from "./panels/verdict/verdict.js";
import { View } from "./page/view.js";
import { Wire } from "./wire/socket.js";

const now = () => performance.timeOrigin + performance.now();
const reduced = matchMedia("(prefers-reduced-motion: reduce)");

const journal = new Journal();
const playhead = new Playhead(journal, new Clock());
const wire = new Wire(journal, playhead, now);
/** @type {typeof fetch} */
const ask = (...request) => fetch(...request);
const isRun = () => journal.run !== null;
const commands = new Commands(ask, isRun);
const view = new View(document, localStorage, matchMedia("(prefers-color-scheme: light)"));

const stage = new Stage(oneOf(document, "view", "stage"), {
  steps: () => reduced.matches, isLarge: () => view.isPresenting(),
});
const transport = new Transport(document, journal, playhead, now);
const host = new Host(document, { send: ask, kept: sessionStorage, isRun });
const truths = new Truths(document);
const verdict = new Verdict(document, journal, playhead);
const charts = new Charts(document, journal, host);

// Each draws itself from the scene; one can be taken out without breaking another.
const views = [
  {
    draw: (/** @type {import("./clock/clock.js").Scene} */ scene, /** @type {import("./facts/facts.js").Facts} */ facts) =>
      stage.drawWords(scene, facts),
  },
  transport,
  // The bar repeats what the table of both truths says, so they are drawn in the same frame.
  {
    draw: (/** @type {import("./clock/clock.js").Scene} */ scene, /** @type {import("./facts/facts.js").Facts} */ facts) => {
      truths.draw(scene, facts);
      verdict.draw(scene, facts);
    },
  },
  new Caption(document, journal),
  new List(document, journal, commands),
  new Timeline(oneOf(document, "view", "timeline"), journal),
  charts,
  new BurstView(document, journal, host),
];
new Inspector(document, journal, { pause: () => playhead.pause(now()), told: wire.welcomed, ask });
new Reads(document, journal, playhead.clock, commands, { send: ask, now });
new Share(document, journal, playhead, {
  ask, close: () => wire.close(), leave: () => location.replace(location.pathname),
});

const loop = new Loop({ playhead, stage, views, late: verdict, now, steps: () => reduced.matches });
keepAsking(journal, () => loop.memory.differs, ask);
for (const what of ["hops", "read", "health", "holds", "switches", "burst", "truths"]) journal.addEventListener(what, () => loop.wake());
// Whether this page is connected is told also while it is paused; and what both stores hold, which
// comes after the welcome, is told once to a page that was opened paused.
wire.addEventListener("change", () => loop.redraw());
journal.addEventListener("truths", () => loop.redraw(), { once: true });
playhead.addEventListener("change", () => loop.redraw());
view.addEventListener("change", () => loop.redraw());
// The two truths have the room in the middle of the loop.
truths.fit(stage.middle);
stage.onResize = () => {
  truths.fit(stage.middle);
  loop.redraw();
};
charts.onChange = () => loop.redraw();
journal.addEventListener("run", () => loop.redraw());
charts.onOpen = olderOf(journal, playhead, ask);

listen(document, {
  toggle: () => transport.toggle(),
  forward: () => transport.step(1),
  back: () => transport.step(-1),
  later: () => transport.skip(1000),
  earlier: () => transport.skip(-1000),
  start: () => transport.toStart(),
  live: () => transport.toLive(),
  slower: () => transport.changeFactor(1),
  faster: () => transport.changeFactor(-1),
  add: () => document.getElementById("title")?.focus(),
  present: () => view.togglePresent(),
  theme: () => view.toggleTheme(),
  help: () => view.toggleHelp(),
}, view);
loop.wake();
