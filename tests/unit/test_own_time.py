"""Reads count as seen, and times stay true, however often the clock of the machine is set."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.clocks import Machine
from tests.support.journeys import (
    LEARN,
    MS,
    Event,
    History,
    a_read,
    as_told,
    folded,
    histories,
    whole_way,
)
from web.journeys.journeys import Journeys
from web.journeys.reads import Read
from web.journeys.spans import Span, moved
from web.own_time import OwnTime

SECOND = Event(2, 1, "created", "Second", completed=False)
HOUR_MS = 3_600_000
# Spans are sent up to 75 ms later; a smaller change could be taken for that delay.
CHANGES_MS = st.integers(-10 * HOUR_MS, 10 * HOUR_MS).filter(lambda it: abs(it) >= 100)


@dataclass(frozen=True)
class Setting:
    """That the clock is set, and when."""

    at_ms: float
    by_ms: int


def told_by(
    machine: Machine, settings: list[Setting], *told: Span | Read, late_ms: int
) -> Journeys:
    """Fold in spans and reads as a web knows them that began at 0 ms, with its clock being set.

    Args:
        machine: where it runs.
        settings: in true order.
        told: what happened, in ms since web began.
        late_ms: how long a span takes to arrive.
    """
    own_time, zero_ns = OwnTime(machine.clock()), machine.steady_ns
    news: list[tuple[float, int, Setting | Span | Read]] = []
    for each in [*settings, *told]:
        if isinstance(each, Setting):
            news.append((each.at_ms, 0, each))
        elif isinstance(each, Read):
            news.append((each.ended_ns / MS, 1, each))
        else:
            news.append((each.end_ns / MS + late_ms, 2, each))
    begun_ns = own_time.now_ns()
    arrived: list[Span | Read] = []
    set_ms = [(it.at_ms, it.by_ms) for it in settings]
    first_ns = machine.offset_ns
    for at_ms, _, each in sorted(news, key=lambda it: it[:2]):
        machine.steady_ns = max(machine.steady_ns, zero_ns + round(at_ms * MS))
        if isinstance(each, Setting):
            machine.set_by(each.by_ms * MS)
        elif isinstance(each, Read):
            arrived.append(each)
        else:
            # It is stamped when it is recorded, by the clock as it was then.
            recorded_ms = each.end_ns / MS
            offset_ns = first_ns + sum(by * MS for at, by in set_ms if at <= recorded_ms)
            found = own_time.of(moved(each, zero_ns + offset_ns))
            arrived.append(moved(found, -begun_ns))
    return folded(*arrived)


@pytest.mark.parametrize("by_ms", [-HOUR_MS, -2000, 2000, HOUR_MS])
def test_what_was_written_before_and_after_the_clock_was_set_is_seen(by_ms: int) -> None:
    both = {"t1": LEARN.state or ("", False), "t2": SECOND.state or ("", False)}
    told: list[Span | Read] = [
        a_read(990),
        *whole_way(LEARN, 1000, "a"),
        a_read(1250, t1=both["t1"]),
        *whole_way(SECOND, 2000, "b"),
        a_read(2250, **both),
    ]
    journeys = told_by(Machine(), [Setting(1100, by_ms)], *told, late_ms=40)
    assert as_told(journeys) == as_told(folded(*told))
    assert all(journey.is_seen for journey in journeys.newest(2))


@given(
    histories(),
    st.lists(st.tuples(st.integers(1, 500), CHANGES_MS), max_size=3),
    st.integers(0, 45),
)
@settings(max_examples=200, deadline=None)
def test_journeys_are_what_they_are_without_the_clock_being_set(
    history: History, changes: list[tuple[int, int]], late_ms: int
) -> None:
    # Not sooner after each other than any span takes to arrive.
    spread = [Setting(200.0 * n + at / 10, by) for n, (at, by) in enumerate(changes, start=1)]
    told: list[Span | Read] = [*history.spans, *history.reads]
    journeys = told_by(Machine(), spread, *told, late_ms=late_ms)
    assert as_told(journeys) == as_told(folded(*told))


def test_web_knows_by_how_much_the_time_of_day_is_ahead() -> None:
    machine = Machine()
    own_time = OwnTime(machine.clock())
    began_ms = own_time.now_ms()
    for by_ms in (-HOUR_MS, 5000):
        machine.set_by(by_ms * MS)
        machine.pass_ns(1000 * MS)
    assert (own_time.now_ms() - began_ms, own_time.day_ahead_ms()) == (2000, 5000 - HOUR_MS)
