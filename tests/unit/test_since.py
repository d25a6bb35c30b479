"""Since when todos differ: never later than was said before."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.hops import new_journeys
from tests.support.journeys import LEARN, folded, whole_way
from web.truths.since import Since

ROW = {"id": 1, "title": "Learn CQRS", "completed": False, "version": 1}


def test_a_todo_differs_since_the_write_that_mongodb_lacks_was_acknowledged() -> None:
    known = folded(*whole_way(LEARN, 1000, "server"))
    assert Since(known).of(1, ROW, None, 2000.0) == 1004.0
    assert Since(known).of(1, ROW, {**ROW, "title": "Tampered with"}, 2000.0) == 2000.0
    assert Since(new_journeys()).of(1, ROW, None, 2000.0) == 2000.0


def test_a_todo_that_was_mended_begins_anew() -> None:
    since = Since(new_journeys())
    assert since.of(1, ROW, None, 2000.0) == 2000.0
    since.keep_only([])
    assert since.of(1, ROW, None, 3000.0) == 3000.0


@given(looks=st.lists(st.booleans(), min_size=1, max_size=10))
@settings(deadline=None)
def test_the_moment_is_never_later_than_at_the_look_before(looks: list[bool]) -> None:
    journeys = new_journeys()
    since, told = Since(journeys), list[float]()
    for turn, hears in enumerate(looks):
        if hears:
            for span in whole_way(LEARN, 1000, "server"):
                journeys.add_span(span)
        told.append(since.of(1, ROW, None, 2000.0 + turn))
    assert told == sorted(told, reverse=True)
