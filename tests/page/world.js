/**
 * A small world for properties over orders: a few todos are created and go their way without any loss, and
 * a page hears of it in whatever order and however late the news comes, while somebody changes the factor,
 * pauses, and goes live again.
 */
import { array, constantFrom, integer, nat, oneof, record } from "fast-check";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { FACTORS } from "../../web/static/js/clock/rule.js";
import { factsOf } from "../../web/static/js/facts/facts.js";
import { Memory } from "../../web/static/js/facts/truths.js";
import { Inbox } from "../../web/static/js/wire/inbox.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { hop } from "./support.js";

/** How long the world goes on, and how often the page draws. */
const END_MS = 14_000;
const DRAWN_EVERY_MS = 100;

const short = integer({ min: 0, max: 60 });
const wait = oneof(short, integer({ min: 0, max: 5000 }));

/** One todo's way. A process records what it did just after it, so some hops are later than what they tell of. */
const way = record({
  // Most are created just when web looks at the stores: that is where orders can deceive.
  near: nat({ max: 4 }), offset: integer({ min: -20, max: 150 }), command: short, recorded: short, outbox: wait, relay: short,
  queue: wait, projector: short, journaled: short, read: integer({ min: 20, max: 400 }),
  late: array(integer({ min: 30, max: 1500 }), { minLength: 8, maxLength: 8 }),
});
/** One look of web's at both stores: MongoDB answers first, and only then is PostgreSQL asked. */
const look = record({
  after: oneof(integer({ min: 100, max: 500 }), integer({ min: 3000, max: 5000 })), left: short, right: short, over: short, back: integer({ min: 0, max: 600 }),
});
const samples = array(integer({ min: 0, max: 500 }), { minLength: 8, maxLength: 8 });
const action = record({
  at_ms: integer({ min: 0, max: END_MS }),
  does: constantFrom("pause", "play", "live", "back", ...FACTORS),
});
/** All that is left to chance. */
export const course = record({
  ways: array(way, { minLength: 1, maxLength: 3 }),
  looks: array(look, { minLength: 5, maxLength: 20 }),
  samples, actions: array(action, { maxLength: 6 }),
});

/** @typedef {typeof course extends import("fast-check").Arbitrary<infer T> ? T : never} Course */
/** @typedef {ReturnType<typeof livedBy>} Lived */

/**
 * When each thing truly happened to a todo, and the hops that tell of it.
 * @param {Course["ways"][number] & {created_ms: number}} given
 * @param {number} index
 */
function livedBy({ created_ms, command, recorded, outbox, relay, queue, projector, journaled, read, late }, index) {
  const picked_ms = created_ms + outbox;
  const sent_ms = picked_ms + relay;
  const delivered_ms = sent_ms + 1 + queue;
  const there_ms = delivered_ms + 1 + projector;
  const projected_ms = there_ms + journaled;
  /** @type {[string, number, number?][]} */
  const told = [
    ["received", created_ms - command], ["committed", created_ms + recorded], ["acknowledged", created_ms + recorded + 1],
    ["picked-up", picked_ms], ["confirmed", sent_ms + 2, sent_ms], ["delivered", delivered_ms],
    ["projected", projected_ms], ["seen", projected_ms + read],
  ];
  const news = told.map(([name, at_ms, start_ms = null], turn) => ({
    heard_ms: at_ms + late[turn],
    hop: hop(name, at_ms, { event_id: `e${index}`, todo_id: index + 1, start_ms, span_id: name === "seen" ? undefined : name }),
  }));
  return { id: index + 1, created_ms, confirmed_ms: sent_ms + 2, sent_ms, delivered_ms, there_ms, acked_ms: projected_ms + 1, news };
}

/**
 * @param {Lived[]} all
 * @param {number} at_ms
 * @param {"created_ms"|"there_ms"} since
 */
const rowsAt = (all, at_ms, since) => all.filter((each) => each[since] <= at_ms)
  .map(({ id }) => ({ id, title: "a", completed: false, version: 1 }));

/**
 * @param {Lived[]} all
 * @param {number} at_ms
 */
function holdsAt(all, at_ms) {
  const count = (/** @type {"created_ms"|"sent_ms"|"delivered_ms"|"there_ms"} */ from, /** @type {"confirmed_ms"|"delivered_ms"|"acked_ms"|null} */ to) =>
    all.filter((each) => each[from] <= at_ms && (to === null || at_ms < each[to])).length;
  return {
    "command-service": { at_ms, outbox: count("created_ms", "confirmed_ms"), todos: count("created_ms", null) },
    "projector": { at_ms, queue: count("sent_ms", "delivered_ms"), unacked: count("delivered_ms", "acked_ms"), dead_letters: 0 },
    "query-service": { at_ms, todos: count("there_ms", null) },
  };
}

/**
 * What happens to the page, and when.
 * @param {Course} given
 * @param {Lived[]} all
 * @yields {{at_ms: number, does: (page: Page) => void}}
 */
function* happenings({ looks, samples: lags, actions }, all) {
  for (const { news } of all) {
    for (const { heard_ms, hop: told } of news) {
      yield { at_ms: heard_ms, does: (/** @type {Page} */ page) => page.inbox.takes.hops({ now_ms: heard_ms, hops: [told] }) };
    }
  }
  let asked_ms = 0;
  for (const { after, left, right, over, back } of looks) {
    asked_ms += after;
    const [right_ms, answered_ms] = [asked_ms + right, asked_ms + right + over];
    const [left_ms, end_ms] = [answered_ms + left, answered_ms + left + over];
    const truths = {
      at_ms: asked_ms, after: 0,
      mongodb: { asked_ms, at_ms: answered_ms, todos: rowsAt(all, right_ms, "there_ms"), error: null },
      postgresql: { asked_ms: answered_ms, at_ms: end_ms, todos: rowsAt(all, left_ms, "created_ms"), error: null },
    };
    yield { at_ms: end_ms + back, does: (/** @type {Page} */ page) => page.journal.setTruths(truths) };
  }
  for (let at_ms = 0; at_ms < END_MS; at_ms += 250) {
    const told_ms = at_ms + lags[(at_ms / 250) % lags.length];
    yield { at_ms: told_ms, does: (/** @type {Page} */ page) => page.journal.setHolds(holdsAt(all, at_ms), told_ms) };
  }
  for (const { at_ms, does } of actions) {
    yield { at_ms, does: (/** @type {Page} */ page) => act(page.playhead, does, at_ms) };
  }
}

/**
 * @param {Playhead} playhead
 * @param {Course["actions"][number]["does"]} does
 * @param {number} now_ms
 */
function act(playhead, does, now_ms) {
  if (does === "pause") playhead.pause(now_ms);
  else if (does === "play") playhead.play(now_ms);
  else if (does === "live") playhead.goLive(now_ms);
  else if (does === "back") playhead.step(-1, now_ms);
  else playhead.setFactor(Number(does), now_ms);
}

class Page {
  constructor() {
    this.journal = new Journal();
    this.playhead = new Playhead(this.journal, new Live(this.journal));
    this.inbox = new Inbox(this.journal, this.playhead, () => this.now_ms);
    this.memory = new Memory();
    this.now_ms = 0;
    this.playhead.live.sync(0, 0);
    this.journal.setConnected(true);
  }

  draw() {
    const scene = this.playhead.scene(this.now_ms);
    return { scene, facts: factsOf(this.journal, scene, this.memory), now_ms: this.now_ms };
  }
}

/**
 * Every picture that the page draws in a world.
 * @param {Course} given
 * @yields {{scene: import("../../web/static/js/clock/shown.js").Scene, facts: import("../../web/static/js/facts/facts.js").Facts, now_ms: number, all: Lived[]}}
 */
export function* pictures(given) {
  const asked_ms = given.looks.map((_, turn) => given.looks.slice(0, turn + 1).reduce((sum, { after }) => sum + after, 0));
  const all = given.ways.map((each, index) => livedBy({ ...each, created_ms: asked_ms[each.near] + each.offset }, index));
  const due = [...happenings(given, all)].sort((a, b) => a.at_ms - b.at_ms);
  const page = new Page();
  for (let drawn_ms = 0; drawn_ms <= END_MS; drawn_ms += DRAWN_EVERY_MS) {
    while (due[0]?.at_ms <= drawn_ms) {
      const next = due.shift();
      page.now_ms = next?.at_ms ?? page.now_ms;
      next?.does(page);
    }
    page.now_ms = drawn_ms;
    yield { ...page.draw(), all };
  }
}
