/** What time it is: the page follows web's time, whatever becomes of the clocks of both machines. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../web/static/js/clock/live.js";
import { Playhead } from "../../web/static/js/clock/playhead.js";
import { COUNTS_FOR_MS, Skew } from "../../web/static/js/clock/skew.js";
import { Journal } from "../../web/static/js/journal/journal.js";
import { isOver } from "../../web/static/js/journal/over.js";
import { clockSays } from "../../web/static/js/page/format.js";
import { Inbox } from "../../web/static/js/wire/inbox.js";
import { WAY, hopsOf } from "./support.js";

const HOUR_MS = 3_600_000;
const LATE_MS = 30;

/** A page and its web, each with a clock. Messages take 30 ms. */
class Room {
  constructor() {
    this.web_ms = 10 * HOUR_MS;
    this.page_ms = 5000;
    this.journal = new Journal();
    this.playhead = new Playhead(this.journal, new Live(this.journal));
    this.inbox = new Inbox(this.journal, this.playhead, () => this.page_ms);
    this.welcome();
  }

  /** @param {number} ms */
  pass(ms) {
    this.web_ms += ms;
    this.page_ms += ms;
  }

  /**
   * @param {string} name
   * @param {object} message
   */
  tell(name, message) {
    const now_ms = this.web_ms;
    this.pass(LATE_MS);
    this.inbox.takes[name]({ now_ms, ...message });
  }

  /** @param {object} [more] */
  welcome(more) {
    this.tell("welcome", {
      lab: true, poll_interval_ms: 250, ports: {}, journeys: [], probes: [], past: { health: [], holds: [], switches: [] },
      read: null, health: { relay: { up: true } }, holds: {}, switches: {}, burst: null, ...more,
    });
  }

  /**
   * Lets an event go its whole way in 9 ms; web tells of it at once, as it does of a read that shows it.
   * @param {number} todo_id
   */
  write(todo_id) {
    const event_id = `event ${todo_id} of ${this.web_ms}`;
    this.pass(WAY.length);
    const hops = /** @type {[string, number][]} */ (WAY.map((name, index) => [name, this.web_ms - WAY.length + index]));
    this.tell("hops", { hops: hopsOf(event_id, hops, { todo_id }) });
    return event_id;
  }

  /** How far the page's idea of web's time is off. */
  get off_ms() {
    return this.playhead.live.trueNow(this.page_ms) - this.web_ms;
  }
}

/** What may happen to the clocks, and what web says then. @type {Record<string, (room: Room) => void>} */
const HAPPENINGS = {
  "the clock goes back": (room) => room.tell("clock", { changed_by_ms: -HOUR_MS, day_ahead_ms: -HOUR_MS }),
  "the clock goes forward": (room) => room.tell("clock", { changed_by_ms: HOUR_MS, day_ahead_ms: HOUR_MS }),
  // Web's monotonic clock stands still meanwhile, and the page's does not.
  "web's machine sleeps": (room) => {
    room.page_ms += HOUR_MS;
    room.tell("clock", { changed_by_ms: HOUR_MS, day_ahead_ms: HOUR_MS });
  },
  "web's machine sleeps, and the connection breaks": (room) => {
    room.page_ms += HOUR_MS;
    room.inbox.lose();
    room.welcome({ day_ahead_ms: HOUR_MS });
  },
  "the page's machine sleeps, and its clock with it": (room) => {
    room.web_ms += HOUR_MS;
    room.welcome();
  },
};

for (const [what, happens] of Object.entries(HAPPENINGS)) {
  test(`if ${what}, the page keeps what it has, and shows what comes`, () => {
    const room = new Room();
    const before = room.write(1);
    const beganBefore_ms = room.journal.journeys.get(before)?.hops[0].at_ms;
    happens(room);
    const after = room.write(2);
    assert.ok(Math.abs(room.off_ms) <= LATE_MS, `off by ${room.off_ms} ms`);
    assert.deepEqual([...room.journal.journeys.keys()], [before, after]);
    assert.equal(room.journal.journeys.get(before)?.hops[0].at_ms, beganBefore_ms);
    const { now_ms, shown, behind_ms } = room.playhead.scene(room.page_ms);
    assert.ok(shown.has(after) && behind_ms <= 1000 && now_ms === room.page_ms);
    for (const journey of room.journal.journeys.values()) assert.ok(isOver(room.journal, journey));
    assert.equal(room.journal.told.health.at(room.web_ms)?.relay?.up, true);
  });
}

test("a web that starts again after the clock was set back is believed, and the future is forgotten", () => {
  const room = new Room();
  const before = room.write(1);
  room.pass(HOUR_MS / 2);
  room.write(2);
  room.web_ms -= HOUR_MS / 4;
  room.inbox.lose();
  room.welcome();
  assert.ok(Math.abs(room.off_ms) <= LATE_MS, `off by ${room.off_ms} ms`);
  assert.deepEqual([...room.journal.journeys.keys()], [before]);
  assert.equal(room.journal.told.health.at(room.web_ms)?.relay?.up, true);
  const after = room.write(3);
  assert.ok(room.playhead.scene(room.page_ms).shown.has(after));
  assert.equal(room.journal.inOrder().at(-1)?.event_id, after);
});

test("a connection that is lost for a while forgets nothing", () => {
  const room = new Room();
  const before = room.write(1);
  room.pass(100);
  room.inbox.lose();
  room.pass(60_000);
  room.welcome();
  assert.deepEqual([...room.journal.journeys.keys()], [before]);
});

test("two clocks that drift apart are followed, and a message that was held up is not", () => {
  const skew = new Skew();
  for (let now_ms = 0; now_ms < HOUR_MS; now_ms += 1000) {
    const drift_ms = now_ms * 1e-4;
    skew.note(now_ms - drift_ms - LATE_MS, now_ms);
    assert.ok(skew.ms <= drift_ms + LATE_MS && skew.ms >= drift_ms + LATE_MS - 2 * COUNTS_FOR_MS * 1e-4 - 1, `${skew.ms} at ${now_ms}`);
  }
  const [held, now_ms] = [new Skew(), 2 * HOUR_MS];
  held.note(now_ms - LATE_MS, now_ms);
  held.note(now_ms + HOUR_MS - 1500, now_ms + HOUR_MS);
  assert.equal(held.ms, LATE_MS);
});

test("the time of day is that of the clock as it is set now", () => {
  const room = new Room();
  const [at_ms, heard] = [room.web_ms, /** @type {number[]} */ ([])];
  room.journal.addEventListener("clock", (event) => heard.push(/** @type {CustomEvent<number>} */ (event).detail));
  for (const [changed_by_ms, day_ahead_ms] of [[-HOUR_MS, -HOUR_MS], [5000, 5000 - HOUR_MS]]) {
    room.tell("clock", { changed_by_ms, day_ahead_ms });
    assert.equal(room.journal.timeOfDay(at_ms), at_ms + day_ahead_ms);
  }
  room.welcome({ day_ahead_ms: 7 });
  assert.equal(room.journal.timeOfDay(at_ms), at_ms + 7);
  assert.deepEqual(heard, [-HOUR_MS, 5000]);
});

test("a change of the clock is said, unless it is small", () => {
  assert.deepEqual([-HOUR_MS, 5000, -999].map(clockSays), ["clock set back by 1 h 0 min", "clock set forward by 5.00 s", ""]);
});
