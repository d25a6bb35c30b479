"""Facts that come from the traces: hops, order, firings, times."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.journeys import MS
from tests.support.runs import HandStores, a_journey, add, evidence_of, measured, sent, value
from web.journeys.faults import Firing
from web.lessons.evidence import Evidence, Todo, Unknown, Value
from web.lessons.facts.timed import _quantile, nearest_rank

WHOLE = {
    "received": 10.0,
    "committed": 11.0,
    "acknowledged": 12.0,
    "picked-up": 13.0,
    "confirmed": 15.0,
    "delivered": 16.0,
    "projected": 18.0,
    "acked": 19.0,
}


def whole(todo_id: int = 7, version: int = 1, later_ms: float = 0, **other: Any) -> Any:
    at_ms = {name.replace("-", "_"): at + later_ms for name, at in WHOLE.items()}
    return a_journey(todo_id, version, **{**at_ms, **other})


def run_of(*journeys: Any, **known: Any) -> Evidence:
    commands = [
        sent(todo_id=it.todo_id, version=it.version, alias=f"todo-{it.todo_id}") for it in journeys
    ]
    return evidence_of(*commands, all_journeys=journeys, **known)


def test_hops_are_counted() -> None:
    again = whole(7, delivered=[16, 30], already_applied=33)
    run = run_of(again, whole(8))
    assert value(run, hop="delivered", what="count") == 3
    assert value(run, hop="delivered", what="events") == 2
    assert value(run, hop="delivered", what="redelivered") == 1
    assert value(run, hop="delivered", what="redelivered", of="todo-8") == 0
    assert value(run, hop="already-applied", what="count") == 1


def test_the_most_attempts_of_an_event() -> None:
    tried = whole(7, retried=[17, 17.5])
    for key, hop in list(tried.hops.items()):
        if hop.name == "retried":
            add(tried, hop, attempt=int(str(key[1])[-1]) + 1)
    assert value(run_of(tried), hop="retried", what="attempts") == 2


def test_an_event_without_a_trace_makes_a_fact_unknown() -> None:
    run = evidence_of(sent(todo_id=7), sent(todo_id=8), all_journeys=[whole(7)])
    found = measured(run, hop="delivered", what="count")
    assert (found.value, found.why) == (None, "There is no trace of version 1 of todo 8.")


def test_a_gap_in_a_trace_makes_a_fact_unknown() -> None:
    """A crash may have taken the span of the delivery with it."""
    gap = a_journey(7, received=10, committed=11, confirmed=15, projected=18)
    found = measured(run_of(gap), hop="delivered", what="count")
    assert (found.value, found.why) == (
        None,
        "The trace of todo 7 lacks what was before projected.",
    )


def test_what_has_yet_to_come_is_none_yet() -> None:
    young = a_journey(7, received=10, committed=11)
    assert value(run_of(young), hop="delivered", what="count") == 0


def test_each_consumer_has_its_own_hops() -> None:
    both = whole(7, counter_delivered=[17, 40], counter_projected=[18, 41])
    run = run_of(both)
    assert value(run, hop="delivered", what="count") == 1
    assert value(run, hop="delivered", what="count", at="counter") == 2
    assert value(run, hop="counter-delivered", what="redelivered") == 1
    ahead = a_journey(7, received=10, committed=11, confirmed=15, counter_projected=18)
    assert value(run_of(ahead), hop="delivered", what="count") == 0
    assert measured(run_of(ahead), hop="counter-delivered", what="count").value is None


def test_both_publishers_count() -> None:
    twice = whole(7, confirmed=[15, 25])
    assert value(run_of(twice), hop="confirmed", what="count") == 2
    assert value(run_of(twice), hop="confirmed", what="count", at="relay") == 2
    assert value(run_of(twice), hop="confirmed", what="count", at="command-service") == 0


def test_what_the_command_service_publishes_itself_no_relay_picks_up() -> None:
    journey = a_journey(7, received=10, committed=11, confirmed=12)
    assert measured(run_of(journey), hop="picked-up", what="count").value is None
    for hop in list(journey.hops.values()):
        if hop.name == "confirmed":
            journey.hops[hop.key] = replace(hop, process="command-service")
    assert value(run_of(journey), hop="picked-up", what="count") == 0


def test_the_order_is_that_of_the_writes() -> None:
    late = whole(7, 2, projected=90)
    run = run_of(whole(7, 1), late, whole(7, 3, later_ms=20))
    assert value(run, order="projected", of="todo-7") == "1, 3, 2"


def test_firings_of_other_peoples_todos_do_not_count() -> None:
    fired = [
        Firing("a", "crash", "counter", "counter", MS),
        Firing("b", "crash", "relay", "relay", MS, todo_id=7),
        Firing("c", "crash", "relay", "relay", MS, todo_id=99),
    ]
    run = run_of(whole(7), all_firings=fired)
    assert value(run, firings="crash") == 2
    assert value(run, firings="crash", at="counter") == 1
    assert value(run, firings="slow") == 0


def test_times_between_two_hops() -> None:
    run = run_of(whole(7), whole(8, projected=112), whole(9, projected=22))
    asks = {"between": ["acknowledged", "projected"]}
    assert value(run, **asks, what="median") == 10
    assert value(run, **asks, what="most") == 100
    assert value(run, **asks, what="count-over", over_ms=50) == 1


def test_a_time_may_be_negative() -> None:
    assert value(run_of(whole(7, acknowledged=5018)), between=["acknowledged", "projected"],
                 what="median") == -5000  # fmt: skip


def test_what_is_under_way_is_at_least_so_long() -> None:
    waits = a_journey(9, received=10, committed=11, acknowledged=12)
    run = run_of(whole(7), whole(8), waits, now_ms=112)
    asks = {"between": ["acknowledged", "projected"]}
    assert value(run, **asks, what="median") == 6
    most = measured(run, **asks, what="most")
    assert (most.value, most.at_least, most.why) == (None, 100, "1 of 3 are under way.")
    assert value(run, **asks, what="count-over", over_ms=50) == 1
    assert measured(run, **asks, what="count-over", over_ms=200).value is None


def test_a_median_that_what_is_under_way_may_change_is_unknown() -> None:
    waits = a_journey(9, received=10, committed=11, acknowledged=12)
    run = run_of(whole(7), waits, whole(8, projected=500), now_ms=113)
    found = measured(run, between=["acknowledged", "projected"], what="median")
    assert (found.value, found.at_least) == (None, 101)


def test_what_was_injected_is_left_out() -> None:
    def injected_ns(_journey: Any, from_ns: int, to_ns: int) -> int:
        return (to_ns - from_ns) // 2

    run = run_of(whole(7), injected_ns=injected_ns)
    asks = {"between": ["acknowledged", "projected"], "what": "median"}
    assert value(run, **asks) == 6
    assert value(run, **asks, injected="with") == 6
    assert value(run, **asks, injected="without") == 3


def test_an_event_that_a_later_one_has_overtaken_is_readable_with_it() -> None:
    folded = a_journey(7, received=10, committed=11, acknowledged=12, confirmed=13, delivered=14,
                       already_applied=20)  # fmt: skip
    asks = {"between": ["acknowledged", "projected"], "what": "most"}
    assert value(run_of(folded), **asks) == 8


def test_the_read_model_has_caught_up_once_it_has_all() -> None:
    run = run_of(whole(7, projected=1015), whole(8))
    assert value(run, caught_up="seconds") == 1.0
    behind = evidence_of(
        *run.run.sent, all_journeys=[whole(7), a_journey(8, received=10)], now_ms=2015
    )
    found = measured(behind, caught_up="seconds")
    assert (found.value, found.at_least) == (None, 2.0)
    assert found.why == "The read model lacks 1 of 2 todos as they were written."


def test_a_later_version_will_do() -> None:
    run = run_of(a_journey(7, 1, received=10), whole(7, 2))
    assert value(run, caught_up="seconds") == 0.003


def test_what_was_forgotten_of_a_long_run_is_asked_of_the_read_model() -> None:
    there = HandStores([], {"todos": [Todo(8, "", False, 1)]})
    run = evidence_of(
        sent(todo_id=7), sent(todo_id=8), all_journeys=[whole(7, projected=1015)], stores=there
    )
    assert value(run, caught_up="seconds") == 1.0


@pytest.mark.parametrize(("what", "rate"), [("sent", 100.0), ("projected", 20.0)])
def test_a_rate_is_from_the_first_to_the_last(what: str, rate: float) -> None:
    journeys = [whole(7), whole(8, projected=68), whole(9, projected=118)]
    commands = [sent(at_ms=10.0 + 10 * n, todo_id=it.todo_id) for n, it in enumerate(journeys)]
    run = evidence_of(*commands, all_journeys=journeys)
    assert value(run, rate=what) == rate
    assert measured(run_of(whole(7)), rate=what).value is None


def test_a_hop_that_nobody_records_is_unknown() -> None:
    found = measured(run_of(whole(7)), hop="eaten", what="count")
    assert (found.value, found.why) == (None, "There is no hop 'eaten'.")


@given(
    st.lists(st.integers(-50, 50), max_size=8),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8),
    st.sampled_from([0.5, 0.95, 1.0]),
)
def test_a_quantile_that_is_known_does_not_change_any_more(
    took_ms: list[int], under_way_ms: list[tuple[int, int]], share: float
) -> None:
    """Whatever is under way takes as long as it has by now, and some more."""
    if not took_ms and not under_way_ms:
        return
    waits_ms = sorted(wait_ms for wait_ms, _more_ms in under_way_ms)
    in_the_end = sorted([*took_ms, *(wait_ms + more_ms for wait_ms, more_ms in under_way_ms)])
    found, least = known_quantile(took_ms, waits_ms, share)
    true = nearest_rank(in_the_end, share)
    assert found in {true, None}
    assert least is None or least <= true


def known_quantile(
    took_ms: list[int], waits_ms: list[int], share: float
) -> tuple[Value | None, float | None]:
    try:
        return _quantile(sorted(took_ms), waits_ms, share), None
    except Unknown as unknown:
        return None, unknown.at_least
