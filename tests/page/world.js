/**
 * A small world for properties over orders: a few todos are created, and some deleted, without any loss, and
 * a page hears of it in whatever order and however late the news comes, while somebody changes the factor,
 * pauses, and goes live again.
 */
import { array, constantFrom, integer, nat, oneof, option, record } from "fast-check";
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

const leg = {
  command: short, recorded: short, outbox: wait, relay: short, queue: wait, projector: short, journaled: short,
  read: integer({ min: 20, max: 400 }),
  late: array(integer({ min: 30, max: 1500 }), { minLength: 8, maxLength: 8 }),
};
/** One todo's way. A process records what it did just after it, so some hops are later than what they tell of. */
const way = record({
  // Most are created just when web looks at the stores: that is where orders can deceive.
  near: nat({ max: 4 }), offset: integer({ min: -20, max: 150 }), ...leg,
  deletes: option(record({ after: integer({ min: 1, max: 4000 }), ...leg }), { freq: 2 }),
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

/** A way on which nothing takes any time, and all is heard of at once. */
const AT_ONCE = Object.freeze({
  command: 0, recorded: 0, outbox: 0, relay: 0, queue: 0, projector: 0, journaled: 0, read: 20, late: Array.from({ length: 8 }, () => 30),
});

/**
 * One world that chance once found, from what matters in it.
 * @param {object} given
 * @param {Record<string, any>[]} given.ways What is not said takes no time.
 * @param {number[]} given.looks How long after the one before each is.
 * @param {number[]} [given.right] When MongoDB looks, after it was asked, look by look.
 * @param {number[]} [given.samples]
 * @returns {Course}
 */
export function courseOf({ ways, looks, right = [], samples: lags = Array.from({ length: 8 }, () => 0) }) {
  return {
    ways: ways.map(({ deletes = null, ...creates }) => ({
      near: 0, offset: 0, ...AT_ONCE, ...creates, deletes: deletes && { after: 0, ...AT_ONCE, ...deletes },
    })),
    looks: looks.map((after, turn) => ({ after, left: 0, right: right[turn] ?? 0, over: 0, back: 0 })),
    samples: lags, actions: [],
  };
}

/**
 * When each thing truly happened to the events of a todo, and the hops that tell of them.
 * @param {Course["ways"][number]} given
 * @param {number} id
 * @param {number} created_ms
 */
function eventsOf({ deletes, ...creates }, id, created_ms) {
  const creation = livedBy(creates, { id, version: 1, type: "todo.created.v1" }, created_ms, null);
  if (!deletes) return [creation];
  const deleted_ms = creation.created_ms + creates.recorded + deletes.after;
  return [creation, livedBy(deletes, { id, version: 2, type: "todo.deleted.v1" }, deleted_ms, creation)];
}

/**
 * @param {Omit<Course["ways"][number], "near"|"offset"|"deletes">} given
 * @param {{id: number, version: number, type: string}} event
 * @param {number} created_ms
 * @param {{picked_ms: number, sent_ms: number, acked_ms: number}|null} before The event before it, which stays ahead.
 */
function livedBy({ command, recorded, outbox, relay, queue, projector, journaled, read, late }, event, created_ms, before) {
  const picked_ms = Math.max(created_ms + outbox, before?.picked_ms ?? 0);
  const sent_ms = Math.max(picked_ms + relay, before?.sent_ms ?? 0);
  const delivered_ms = Math.max(sent_ms + 1 + queue, before?.acked_ms ?? 0);
  const there_ms = delivered_ms + 1 + projector;
  const projected_ms = there_ms + journaled;
  const { id, version, type } = event;
  /** @type {[string, number, number?][]} */
  const told = [
    ["received", created_ms - Math.min(command, recorded)], ["committed", created_ms + recorded], ["acknowledged", created_ms + recorded + 1],
    ["picked-up", picked_ms], ["confirmed", sent_ms + 2, sent_ms], ["delivered", delivered_ms],
    ["projected", projected_ms], ["seen", projected_ms + read],
  ];
  const news = told.map(([name, at_ms, start_ms = null], turn) => ({
    heard_ms: at_ms + late[turn],
    hop: hop(name, at_ms, {
      event_id: `e${id}.${version}`, todo_id: id, version, type, start_ms, span_id: name === "seen" ? undefined : name,
    }),
  }));
  return { ...event, created_ms, picked_ms, confirmed_ms: sent_ms + 2, sent_ms, delivered_ms, there_ms, acked_ms: projected_ms + 1, news };
}

/**
 * @param {Lived[]} all
 * @param {number} at_ms
 * @param {"created_ms"|"there_ms"} since
 */
function rowsAt(all, at_ms, since) {
  /** @type {Map<number, {id: number, title: string, completed: boolean, version: number, deleted?: boolean}>} */
  const rows = new Map();
  for (const { id, version, ...each } of all) {
    if (each[since] > at_ms) continue;
    const row = { id, title: "a", completed: false, version };
    if (version === 1) rows.set(id, row);
    else if (since === "created_ms") rows.delete(id);
    else rows.set(id, { ...row, deleted: true });
  }
  return [...rows.values()];
}

/**
 * @param {Lived[]} all
 * @param {number} at_ms
 */
function holdsAt(all, at_ms) {
  const count = (/** @type {"created_ms"|"sent_ms"|"delivered_ms"} */ from, /** @type {"confirmed_ms"|"delivered_ms"|"acked_ms"} */ to) =>
    all.filter((each) => each[from] <= at_ms && at_ms < each[to]).length;
  const todos = (/** @type {"created_ms"|"there_ms"} */ since) => rowsAt(all, at_ms, since).filter(({ deleted }) => !deleted).length;
  return {
    "command-service": { at_ms, outbox: count("created_ms", "confirmed_ms"), todos: todos("created_ms") },
    "projector": { at_ms, queue: count("sent_ms", "delivered_ms"), unacked: count("delivered_ms", "acked_ms"), dead_letters: 0 },
    "query-service": { at_ms, todos: todos("there_ms") },
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
  const all = given.ways.flatMap((each, index) => eventsOf(each, index + 1, asked_ms[each.near] + each.offset));
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
