"""The spans of the lab fold into firings, whatever the order in which they come."""

import random
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.hops import new_firings
from tests.support.journeys import LEARN, MS, a_span
from web.journeys.faults import Firings
from web.journeys.spans import Span
from web.room.messages import Message, firings_message

LINE = {
    "code.file.path": "query_service/projector.py",
    "code.function.name": "_take",
    "code.line.number": 142,
}
NAMED: dict[str, Any] = dict(LEARN.identity)


def fault(
    firing: str, phase: str, start_ms: float, end_ms: float | None = None, **said: Any
) -> Span:
    """One of the spans of a firing; `said` overrides what it says, with `__` for a dot."""
    attributes = {
        "eventually.firing": firing,
        "eventually.fault": "slow",
        "eventually.fault.place": "projector",
        "eventually.fault.phase": phase,
        **LINE,
        **{name.replace("__", "."): value for name, value in said.items()},
    }
    end = start_ms if end_ms is None else end_ms
    return a_span("projector", "fault", start_ms, end, attributes=attributes)


def crash(firing: str, start_ms: float) -> Span:
    return fault(firing, "begins", start_ms, eventually__fault="crash")


def alive(start_ms: float) -> Span:
    return a_span("projector", "receive todo.projector", start_ms, start_ms)


def told(*spans: Span, firings: Firings | None = None) -> dict[str, Message]:
    kept = firings or new_firings()
    for span in spans:
        kept.add_span(span)
    return {it["id"]: it for it in firings_message(kept.newest())}


def test_a_firing_says_when_where_and_at_which_line() -> None:
    begins = fault("f", "begins", 5, **NAMED)
    over = fault("f", "over", 5, 1005, **NAMED)
    assert told(begins, over) == {
        "f": {
            "id": "f",
            "fault": "slow",
            "place": "projector",
            "process": "projector",
            "began_ms": 5.0,
            "over_ms": 1005.0,
            "ended": "told",
            "file": "query_service/projector.py",
            "function": "_take",
            "line": 142,
            "event_id": LEARN.id,
            "todo_id": 1,
            "version": 1,
        }
    }


def test_a_firing_that_never_is_over_stays_unknown() -> None:
    [firing] = told(fault("f", "begins", 5), alive(9000)).values()
    assert "over_ms" not in firing
    assert "ended" not in firing


def test_a_crash_is_over_with_the_next_sign_of_life_of_its_process() -> None:
    # The first was still under way as the process died; another process says nothing of this one.
    others = a_span("relay", "SELECT outbox", 1500, 1500)
    [firing] = told(alive(4), crash("f", 5), alive(50), others, alive(2005), alive(2500)).values()
    assert (firing["over_ms"], firing["ended"]) == (2005.0, "alive")


def test_a_process_with_nothing_to_do_is_up_again_once_it_answers() -> None:
    firings = new_firings()
    told(crash("f", 5), firings=firings)
    # It may still have been dying.
    assert firings.note_up("projector", 500 * MS) == []
    assert firings.note_up("relay", 3000 * MS) == []
    assert [it.id for it in firings.note_up("projector", 3000 * MS)] == ["f"]
    assert firings.note_up("projector", 4000 * MS) == []
    [firing] = told(crash("f", 5), alive(2800), firings=firings).values()
    assert (firing["over_ms"], firing["ended"]) == (2800.0, "alive")


def test_what_a_process_says_itself_outweighs_its_signs_of_life() -> None:
    over = fault("f", "over", 5, 3000, eventually__fault="crash")
    for spans in ([crash("f", 5), alive(2005), over], [over, alive(2005), crash("f", 5)]):
        [firing] = told(*spans).values()
        assert (firing["over_ms"], firing["ended"]) == (3000.0, "told")


def test_a_span_that_makes_no_sense_is_no_firing() -> None:
    for said in (
        {"eventually.firing": 7},
        {"eventually.fault": True},
        {"eventually.fault.place": 1},
        {"eventually.fault.phase": "between"},
    ):
        attributes = {**fault("f", "begins", 1).attributes, **said}
        assert told(a_span("projector", "fault", 1, 1, attributes=attributes)) == {}


def test_only_what_is_new_is_told() -> None:
    firings, begins = new_firings(), fault("f", "begins", 5)
    assert [it.id for it in firings.add_span(begins)] == ["f"]
    assert firings.add_span(begins) == []
    assert [it.id for it in firings.add_span(fault("f", "over", 5, 9))] == ["f"]


def test_the_oldest_firings_go_first_and_leave_nothing_behind() -> None:
    firings = new_firings(capacity=2)
    kept = told(*(crash(name, at) for at, name in enumerate("abc")), firings=firings)
    assert list(kept) == ["b", "c"]
    assert [it.id for it in firings.add_span(alive(9000))] == ["b", "c"]
    for name in "def":
        firings.add_span(fault(name, "begins", 1, **NAMED))
    assert [it.id for it in firings.of_events([LEARN.id, "another"])] == ["e", "f"]


def test_whoever_joins_is_told_of_old_firings_that_still_act() -> None:
    firings = new_firings()
    told(
        fault("ancient", "begins", 1),
        fault("open", "begins", 100),
        fault("over", "begins", 100),
        fault("over", "over", 100, 200),
        fault("newest", "begins", 300),
        firings=firings,
    )
    assert [it.id for it in firings.shown(1, 50 * MS)] == ["open", "newest"]
    assert [it.id for it in firings.between(100 * MS, 300 * MS)] == ["open", "over"]


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    """Firings of a process that crashes now and then; some of the spans are lost."""
    at_ms, found = 0.0, list[Span]()
    for index in range(draw(st.integers(1, 6))):
        at_ms += draw(st.integers(1, 900))
        name, is_crash = f"f{index}", draw(st.booleans())
        said = {"eventually__fault": "crash"} if is_crash else NAMED
        found.append(fault(name, "begins", at_ms, **said))
        if draw(st.booleans()):
            end_ms = at_ms + draw(st.integers(0, 900))
            found.append(
                fault(name, "over", draw(st.sampled_from([at_ms, end_ms])), end_ms, **said)
            )
        found += [alive(at_ms + draw(st.integers(0, 2000))) for _ in range(draw(st.integers(0, 3)))]
    lost = draw(st.sets(st.integers(0, len(found) - 1), max_size=3))
    return [span for index, span in enumerate(found) if index not in lost]


def in_any_order(all_spans: Iterable[Span], chance: random.Random) -> list[Span]:
    shuffled = list(all_spans)
    shuffled += chance.choices(shuffled, k=3) if shuffled else []
    chance.shuffle(shuffled)
    return shuffled


@given(spans(), st.randoms(use_true_random=False))
def test_any_order_and_repetition_give_the_same_firings(
    all_spans: list[Span], chance: random.Random
) -> None:
    assert told(*in_any_order(all_spans, chance)) == told(*all_spans)


@given(spans(), st.randoms(use_true_random=False))
def test_the_news_of_a_firing_add_up_to_what_is_kept(
    all_spans: list[Span], chance: random.Random
) -> None:
    firings, page = new_firings(), dict[str, Message]()
    for span in in_any_order(all_spans, chance):
        page.update((it["id"], it) for it in firings_message(firings.add_span(span)))
    assert page == told(firings=firings)
