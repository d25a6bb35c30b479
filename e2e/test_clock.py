"""The browser's clock, in a real browser: what happened, mapped to what is shown and when."""

from typing import Any

import pytest
from playwright.sync_api import Page

from stack.local import LocalStack

STRETCH, FLOOR_MS, CAP_MS = 300, 450, 2000


@pytest.fixture
def clock(page: Page, stack: LocalStack) -> Page:
    """A page with `play`: a clock, a journey told in parts, and what is shown at given times."""
    page.goto(stack.urls.web)
    page.evaluate(
        """async () => {
          const { Clock } = await import("/static/js/clock/clock.js");
          const { Journal } = await import("/static/js/journal/journal.js");
          const { isOver } = await import("/static/js/journal/over.js");
          const complete = (journal) => (journey) => isOver(journal, journey);
          const hop = (event_id) => ([name, at_ms]) => ({
            event_id, hop: name, at_ms, start_ms: null, span_id: `${name} ${at_ms}`,
            process: "relay", type: "todo.created.v1", todo_id: 1, version: 1, title: "a",
            completed: false,
          });
          window.newClock = (options) => new Clock(options);
          window.hopsOf = (event_id, hops) => hops.map(hop(event_id));
          window.newJournal = () => new Journal();
          window.complete = complete;
          // told: [when the page hears of it, [[hop, at_ms], ...]], in order; looks: when to look.
          window.play = ({ told, looks, options }) => {
            const journal = new Journal(), clock = new Clock(options);
            clock.sync(0, 0);
            const seen = {};
            const times = [...told.map(([at]) => at), ...looks].sort((a, b) => a - b);
            for (const now of times) {
              for (const [at, hops] of told) {
                if (at !== now) continue;
                journal.merge(hops.map(hop("e1")));
                clock.follow(journal.journeys.get("e1"), now);
              }
              clock.advance(now, complete(journal));
              const shown = clock.shown("e1", now);
              if (looks.includes(now)) seen[now] = shown && {
                hop: shown.hop, from: shown.from, to: shown.to, moving: shown.moving,
                progress: shown.progress, at: shown.at_ms, edge: shown.atEdge, over: shown.over,
                pace: shown.pace,
              };
            }
            return looks.map((now) => seen[now]);
          };
        }"""
    )
    return page


def play(clock: Page, told: list[Any], looks: list[float], **options: Any) -> list[Any]:
    """What the clock shows at each look."""
    shown: list[Any] = clock.evaluate(
        "(all) => play(all)", {"told": told, "looks": looks, "options": options}
    )
    return shown


def test_a_hop_is_shown_for_its_true_duration_times_the_stretch(clock: Page) -> None:
    told = [[0, [["received", 0], ["committed", 3]]]]
    begin = FLOOR_MS
    middle, end = play(clock, told, [begin + 1.5 * STRETCH, begin + 3 * STRETCH])
    assert (middle["from"], middle["to"], middle["moving"]) == ("command-service", "outbox", True)
    assert middle["progress"] == pytest.approx(0.5)
    assert middle["at"] == pytest.approx(1.5)
    assert (end["hop"], end["pace"]) == ("committed", "to-scale")


def test_a_very_short_hop_is_shown_long_enough_and_says_so(clock: Page) -> None:
    told = [[0, [["received", 0], ["committed", 0.01]]]]
    before, after = play(clock, told, [2 * FLOOR_MS - 1, 2 * FLOOR_MS])
    assert (before["moving"], before["pace"]) == (True, "slower")
    assert after["hop"] == "committed"


def test_a_long_wait_is_cut_short_and_says_so(clock: Page) -> None:
    told = [[0, [["received", 0], ["committed", 0.1], ["picked-up", 30_000]]]]
    waits = 2 * FLOOR_MS
    waiting, moved = play(clock, told, [waits + 1000, waits + CAP_MS])
    assert (waiting["from"], waiting["progress"], waiting["pace"]) == ("outbox", 0, "faster")
    assert moved["hop"] == "picked-up"


def test_a_mark_waits_where_its_event_waits_and_counts_true_time(clock: Page) -> None:
    told = [[0, [["received", 0], ["committed", 1]]]]
    (shown,) = play(clock, told, [20_000])
    assert (shown["to"], shown["moving"], shown["edge"]) == ("outbox", False, True)
    assert shown["at"] == 20_000


def test_a_mark_that_was_seen_waiting_only_moves_when_it_goes_on(clock: Page) -> None:
    told = [[0, [["received", 0], ["committed", 1]]], [9000, [["picked-up", 8900]]]]
    at_once, there = play(clock, told, [9001, 9501])
    assert (at_once["moving"], at_once["to"]) == (True, "relay")
    assert there["hop"] == "picked-up"


def test_a_hop_that_turns_up_late_does_not_take_the_mark_back(clock: Page) -> None:
    told: list[Any] = [[0, [["received", 0], ["picked-up", 5]]], [6000, [["committed", 2]]]]
    before, after = play(clock, told, [5999, 6500])
    assert before["hop"] == after["hop"] == "picked-up"


def test_a_page_from_the_background_catches_up_in_one_step(clock: Page) -> None:
    way = [["received", 0], ["committed", 2], ["picked-up", 4], ["confirmed", 6], ["delivered", 7]]
    told = [[0, [*way, ["projected", 9], ["seen", 90]]]]
    gone, back = play(clock, told, [1, 600_000])
    assert gone["moving"]
    assert back is None, "the journey has been shown to its end"


def test_marks_beyond_the_limit_are_counted_and_move_up(clock: Page) -> None:
    got = clock.evaluate(
        """() => {
          const journal = newJournal(), clock = newClock({ limit: 2 });
          clock.sync(0, 0);
          for (const id of ["a", "b", "c"]) {
            journal.merge(hopsOf(id, [["received", 0], ["committed", 1]]));
            clock.follow(journal.journeys.get(id), 0);
          }
          const first = [clock.plays.size, clock.undrawn.size];
          journal.merge(hopsOf("a", [["seen", 3]]));
          clock.follow(journal.journeys.get("a"), 1);
          for (let now = 0; now < 9000; now += 50) clock.advance(now, () => false);
          return [first, [...clock.plays.keys()], clock.undrawn.size];
        }"""
    )
    assert got == [[2, 1], ["b", "c"], 0]


def test_one_who_joins_sees_a_mark_where_it_stands_now(clock: Page) -> None:
    got = clock.evaluate(
        """() => {
          const journal = newJournal(), clock = newClock();
          clock.sync(5000, 100);
          journal.merge(hopsOf("a", [["received", 0], ["committed", 1]]));
          clock.join(journal.journeys.get("a"), 100);
          clock.advance(1000, () => false);
          const { to, moving, at_ms } = clock.shown("a", 1000);
          return [to, moving, at_ms];
        }"""
    )
    assert got == ["outbox", False, 5900]


def test_a_mark_stands_in_the_queue_from_when_it_was_sent_and_broken_until_it_was_confirmed(
    clock: Page,
) -> None:
    got = clock.evaluate(
        """async () => {
          const { momentOf } = await import("/static/js/clock/moment.js");
          const journal = newJournal(), clock = newClock();
          clock.sync(0, 0);
          const hops = hopsOf("a", [["received", 0], ["committed", 2], ["picked-up", 4],
                                    ["confirmed", 500], ["delivered", 1000]]);
          hops[3].start_ms = 10;
          journal.merge(hops);
          const at = (ms) => momentOf(journal, ms, { factor: 1000, limit: 9, now_ms: 0,
                                                     behind_ms: 0 }).shown.get("a");
          const moments = [7, 10, 499, 500].map((ms) => [at(ms).from, at(ms).confirmed]);
          clock.follow(journal.journeys.get("a"), 0);
          const stood = [];
          for (let now = 0; now < 20_000; now += 20) {
            clock.advance(now, () => false);
            const { from, to, moving, confirmed, progress } = clock.shown("a", now);
            const seen = `${from} ${confirmed}`;
            if ((!moving || progress === 0) && stood.at(-1) !== seen) stood.push(seen);
          }
          return [moments, stood];
        }"""
    )
    moments, stood = got
    assert moments == [["relay", False], ["queue", False], ["queue", False], ["queue", True]]
    assert stood[-4:] == ["relay false", "queue false", "queue true", "projector true"]
