"""Facts about reads: how stale they were, and which guarantees of a session they broke."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.runs import HandStores, a_journey, evidence_of, measured, read, sent, value
from web.lessons.evidence import Evidence, Logged
from web.lessons.facts.probed import curve_of
from web.lessons.run import Seen

# Milk is created as version 1 and becomes Oat milk; then Tea is created.
LOG = (
    Logged("created", 7, 1, "Milk", False),
    Logged("renamed", 7, 2, "Oat milk", False),
    Logged("created", 8, 1, "Tea", False),
)
WRITES = (
    sent(at_ms=10, todo_id=7, version=1),
    sent("PATCH", at_ms=20, todo_id=7, version=2),
    sent(at_ms=30, todo_id=8, version=1),
)


def run_of(*reads: Seen, log: Any = LOG, commands: Any = WRITES) -> Evidence:
    return evidence_of(*commands, reads=reads, stores=HandStores(events=log))


def test_reads_are_counted_and_timed() -> None:
    refused = Seen("ann", "todos", "todos", 10, 900, 503)
    run = run_of(read(10), read(20), read(30, "bob"), refused)
    assert value(run, reads="count") == 3
    assert value(run, reads="count", of="bob") == 1
    assert value(run, reads="median-ms") == 2
    assert value(run, reads="most-ms") == 2
    assert measured(run_of(refused), reads="median-ms").value is None


@pytest.mark.parametrize(
    ("at_ms", "todos", "stale"),
    [
        (12, {}, 0),  # not acknowledged yet
        (16, {}, 1),
        (16, {"t7": "Milk"}, 0),
        (19, {"t7": "Oat milk"}, 0),  # newer than it has to be
        (26, {"t7": "Milk"}, 1),
        (26, {"t7": "Oat milk"}, 0),
        (36, {"t7": "Oat milk"}, 1),
        (36, {"t7": "Oat milk", "t8": "Tea"}, 0),
    ],
)
def test_a_stale_read_lacks_what_had_been_acknowledged(
    at_ms: float, todos: dict[str, str], stale: int
) -> None:
    run = run_of(read(at_ms, **todos))
    assert value(run, reads="stale") == stale
    assert value(run, reads="read-your-writes") == stale


def test_a_list_may_shrink() -> None:
    reads = [
        read(40, t7="Oat milk", t8="Tea"),
        read(50, model="replica"),
        read(60, model="replica"),
        read(70, t7="Oat milk", t8="Tea"),
    ]
    run = run_of(*reads)
    assert value(run, reads="went-back") == 1
    assert value(run, reads="monotonic-reads") == 2
    assert value(run, reads="stale") == 2


def test_another_reader_is_another_session() -> None:
    reads = [read(40, t7="Oat milk", t8="Tea"), read(50, "bob")]
    run = run_of(*reads)
    assert value(run, reads="went-back") == 0
    assert value(run, reads="monotonic-reads") == 0
    assert value(run, reads="monotonic-reads", of="bob") == 0


def test_a_later_write_may_be_there_without_an_earlier_one() -> None:
    run = run_of(read(40, t8="Tea"), read(50, t7="Milk", t8="Tea"), read(60, t7="Milk"))
    assert value(run, reads="monotonic-writes") == 2


def test_a_write_may_be_there_without_what_its_writer_had_read() -> None:
    had_read = read(22, t7="Oat milk")
    run = run_of(had_read, read(50, "bob", t7="Milk", t8="Tea"), read(60, "bob", t7="Milk"))
    assert value(run, reads="writes-follow-reads", of="ann") == 1
    # Bob had read nothing before anything was written.
    assert value(run, reads="writes-follow-reads", of="bob") == 0
    in_order = run_of(had_read, read(50, "bob", t7="Oat milk", t8="Tea"))
    assert value(in_order, reads="writes-follow-reads") == 0


def test_a_deleted_todo_that_is_still_shown_is_stale() -> None:
    log = [*LOG[:1], Logged("deleted", 7, 2, "Milk", False)]
    commands = [WRITES[0], sent("DELETE", at_ms=20, todo_id=7, version=2)]
    assert value(run_of(read(26, t7="Milk"), log=log, commands=commands), reads="stale") == 1


def test_a_read_that_fits_two_versions_is_not_certain() -> None:
    """Without the todo, it may not have come yet, or be gone already."""
    log = [*LOG[:1], Logged("deleted", 7, 2, "Milk", False)]
    commands = [WRITES[0], sent("DELETE", at_ms=20, todo_id=7, version=2)]
    found = measured(run_of(read(26), log=log, commands=commands), reads="stale")
    assert (found.value, found.at_least) == (None, 0)
    # Before the deletion was sent, it can only not have come.
    early = run_of(read(16), log=log, commands=commands)
    assert value(early, reads="stale") == 1


def test_the_same_again_has_not_gone_back() -> None:
    log = [*LOG[:2], Logged("renamed", 7, 3, "Milk", False)]
    commands = [*WRITES[:2], sent("PATCH", at_ms=30, todo_id=7, version=3)]
    reads = [read(40, t7="Milk"), read(50, t7="Milk")]
    assert value(run_of(*reads, log=log, commands=commands), reads="went-back") == 0


def test_a_full_page_says_nothing_of_what_is_beyond() -> None:
    first = {n: {"id": n, "title": "", "completed": False} for n in range(-993, 7)}
    page = Seen("ann", "todos", "todos", 40, 42, 200, first)
    assert measured(run_of(page), reads="stale").value is None


def test_a_read_of_one_todo_says_nothing_of_the_others() -> None:
    one = Seen("ann", "todos", "todos", 22, 24, 200,
               {7: {"id": 7, "title": "Oat milk", "completed": False}}, of=7)  # fmt: skip
    later = replace(one, asked_ms=40, ended_ms=42, status=404, todos={})
    run = run_of(one, later)
    assert value(run, reads="count") == 2
    assert value(run, reads="went-back") == 1
    assert value(run, reads="stale") == 1


def test_without_the_log_nobody_knows_what_a_read_shows() -> None:
    found = measured(evidence_of(*WRITES, reads=[read(40)]), reads="stale")
    assert found.why == "It does not answer."


def probe(t_ms: float, *, visible: bool, weight: float = 1, todo_id: int = 7) -> dict[str, Any]:
    return {"event_id": f"event-{todo_id}-1", "t_ms": t_ms, "visible": visible, "weight": weight,
            "asked_ms": 20, "at_ms": 22}  # fmt: skip


def probed(*probes: dict[str, Any]) -> Evidence:
    journeys = [a_journey(7, received=10), a_journey(99, received=10)]
    return evidence_of(sent(todo_id=7), all_journeys=journeys, probes=probes)


def test_stale_probes_count_by_their_weight() -> None:
    run = probed(
        probe(1, visible=False),
        probe(100, visible=False),
        probe(200, visible=True, weight=3),
        probe(300, visible=False, todo_id=99),
    )
    assert value(run, probes="stale") == 0.4
    assert value(run, probes="stale", after_ms=100) == 0.25
    assert value(run, probes="stale", after_ms=150) == 0
    assert measured(run, probes="stale", after_ms=500).value is None


def test_a_curve_only_falls() -> None:
    looks = [(1, False), (10, False), (20, True), (40, False), (80, True), (100, True)]
    probes = [probe(t_ms, visible=visible) for t_ms, visible in looks]
    run = probed(*probes)
    assert value(run, probes="curve", at_ms=[0, 10, 30, 90, 1000]) == [1, 1, 0.5, 0, None]


def test_a_curve_needs_some_probes() -> None:
    few = probed(*(probe(n, visible=True) for n in (1, 2, 3)))
    assert (
        measured(few, probes="curve", at_ms=[0, 1]).why == "There are 3 probe reads; 5 are needed."
    )


def test_a_curve_goes_by_the_weights() -> None:
    probes = [probe(10, visible=False, weight=1), probe(12, visible=True, weight=1),
              probe(11, visible=False, weight=8)]  # fmt: skip
    assert curve_of(probes, [10, 11, 12]) == [1, 1, 0]
    mixed = [probe(10, visible=True, weight=1), probe(12, visible=False, weight=3)]
    assert curve_of(mixed, [11]) == [0.75]
