"""The browser's journal, in a real browser: what happened, however it came to be known."""

import itertools
from typing import Any

import pytest
from playwright.sync_api import Page

from stack.local import LocalStack
from tests.support.hops import whole_way

Hop = dict[str, Any]

CHAIN = whole_way()


def hop(name: str, at_ms: float, span_id: str = "", **more: Any) -> Hop:
    """A hop record of one event, as web sends it."""
    known = {"type": "todo.created.v1", "todo_id": 1, "version": 1, "title": "a"}
    return {
        "event_id": "e1",
        "hop": name,
        "at_ms": at_ms,
        "start_ms": None,
        "span_id": span_id or name,
        "process": "relay",
        "completed": False,
        **known,
        **more,
    }


@pytest.fixture
def journal(page: Page, stack: LocalStack) -> Page:
    """A page with `journal` and `hopsOf` at hand."""
    page.goto(stack.urls.web)
    page.evaluate(
        """async () => {
          const { Journal } = await import("/static/js/journal/journal.js");
          window.steps = await import("/static/js/journal/hops.js");
          window.over = await import("/static/js/journal/over.js");
          window.newJournal = (options) => new Journal(options);
          window.journal = new Journal();
        }"""
    )
    return page


def test_any_order_and_any_repetition_gives_the_same_journey(journal: Page) -> None:
    hops = [hop(name, 1000 + at) for at, name in enumerate(CHAIN[:5])]
    for order in itertools.islice(itertools.permutations(hops), 0, None, 7):
        got = journal.evaluate(
            """(hops) => {
              const journal = newJournal();
              for (const hop of hops) journal.merge([hop]);
              journal.merge(hops);
              return journal.journeys.get("e1").hops.map(({ hop }) => hop);
            }""",
            list(order),
        )
        assert got == CHAIN[:5]


def test_what_is_known_already_is_not_told_again(journal: Page) -> None:
    changed = journal.evaluate(
        "(hops) => [journal.merge(hops).size, journal.merge(hops).size]", [hop("received", 1)]
    )
    assert changed == [1, 0]


def test_a_journey_learns_its_todo_from_whichever_hop_knows_it(journal: Page) -> None:
    unnamed = hop("picked-up", 5, title=None, type=None)
    got = journal.evaluate(
        """(hops) => { journal.merge(hops); const { title, type } = journal.journeys.get("e1");
                       return [title, type]; }""",
        [unnamed, hop("received", 1)],
    )
    assert got == ["a", "todo.created.v1"]


def test_the_oldest_journeys_are_let_go(journal: Page) -> None:
    hops = [hop("received", at, event_id=f"e{at}") for at in range(5)]
    got = journal.evaluate(
        """(hops) => { const journal = newJournal({ limit: 3 }); journal.merge(hops);
                       return [...journal.journeys.keys()]; }""",
        hops,
    )
    assert got == ["e2", "e3", "e4"]


def test_a_mark_leaves_the_relay_when_the_event_was_sent_and_not_with_the_confirm(
    journal: Page,
) -> None:
    for confirmed_ms in (2.5, 3.5):
        hops = [
            hop("picked-up", 1),
            hop("confirmed", confirmed_ms, start_ms=2),
            hop("delivered", 3),
            hop("projected", 4),
        ]
        got = journal.evaluate(
            """(hops) => { journal.merge(hops);
                 return steps.spansOf(journal.journeys.get(hops[0].event_id))
                   .map(({ name, from_ms, to_ms }) => [name, from_ms, to_ms]); }""",
            [{**each, "event_id": f"e{confirmed_ms}"} for each in hops],
        )
        assert got == [["relay", 1, 2], ["queue", 2, 3], ["projector", 3, 4]]


def test_a_confirm_that_does_not_tell_when_it_was_sent_moves_no_mark_back(journal: Page) -> None:
    hops = [hop("picked-up", 1), hop("delivered", 2), hop("confirmed", 3), hop("projected", 4)]
    got = journal.evaluate(
        """(hops) => { journal.merge(hops);
                       return steps.spansOf(journal.journeys.get("e1"))
                         .map(({ name, hop }) => [name, hop.hop]); }""",
        hops,
    )
    assert got == [["unknown", "delivered"], ["projector", "projected"]]


def test_where_a_hop_is_missing_the_time_belongs_to_no_stretch(journal: Page) -> None:
    hops = [hop("committed", 1), hop("delivered", 9), hop("projected", 10)]
    got = journal.evaluate(
        """(hops) => { journal.merge(hops);
                       return steps.spansOf(journal.journeys.get("e1")).map((s) => s.name); }""",
        hops,
    )
    assert got == ["unknown", "projector"]


def test_an_event_that_is_sent_again_goes_the_way_again(journal: Page) -> None:
    hops = [
        hop("picked-up", 1, "a"),
        hop("sent-failed", 2, "b"),
        hop("picked-up", 3, "c"),
        hop("confirmed", 4, "d"),
    ]
    got = journal.evaluate(
        """(hops) => { journal.merge(hops.toReversed());
                       return steps.itinerary(journal.journeys.get("e1")).map((h) => h.hop); }""",
        hops,
    )
    assert got == ["picked-up", "sent-failed", "picked-up", "confirmed"]


def test_a_newer_state_that_was_seen_completes_the_older(journal: Page) -> None:
    newer = [hop("seen", 9, event_id="e2", version=2)]
    got = journal.evaluate(
        """([older, newer]) => { journal.merge(older); const journey = journal.journeys.get("e1");
             const before = over.isOver(journal, journey); journal.merge(newer);
             return [before, over.isOver(journal, journey)]; }""",
        [[hop("projected", 5)], newer],
    )
    assert got == [False, True]


def test_a_read_that_was_asked_before_the_projection_proves_nothing(journal: Page) -> None:
    got = journal.evaluate(
        """(hops) => { journal.merge(hops); const journey = journal.journeys.get("e1");
             const todos = [{ id: 1, title: "a", completed: false }];
             return [4, 6].map((asked_ms) => {
               journal.setRead({ asked_ms, todos, more: false, error: null });
               return over.isOver(journal, journey);
             }); }""",
        [hop("projected", 5)],
    )
    assert got == [False, True]
