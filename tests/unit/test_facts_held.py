"""The facts about what waited where, and what became of commands."""

from typing import Any

import pytest

from tests.support.runs import HandStores, a_journey, evidence_of, measured, sent, value
from web.background.looks import Look, Looks
from web.lessons.evidence import Evidence
from web.lessons.facts.held import longest_gap_ms


def projector(at_ms: float, **holds: int) -> Look:
    return Look("projector", at_ms, at_ms + 10, {"queue": 0, "unacked": 0, **holds})


def command_service(at_ms: float, outbox: int) -> Look:
    return Look("command-service", at_ms, at_ms + 10, {"outbox": outbox, "log": "x"})


def looked(*looks: Look, now_ms: float = 5_000, **known: Any) -> Evidence:
    return evidence_of(looks=looks, now_ms=now_ms, **known)


EACH_SECOND = range(0, 5_000, 1_000)


def test_the_most_is_what_was_seen() -> None:
    run = looked(*(projector(at, queue=at // 100) for at in EACH_SECOND))
    assert value(run, holds="queue", when="most") == 40
    assert value(run, holds="unacked", when="most") == 0


def test_what_was_there_before_the_run_is_not_of_it() -> None:
    run = looked(projector(-500, queue=9), *map(projector, EACH_SECOND))
    assert value(run, holds="queue", when="most") == 0


def test_while_nobody_answered_the_most_is_not_known() -> None:
    silent = [Look("projector", at, at + 10, None) for at in (1_000, 2_000, 3_000)]
    run = looked(projector(0, queue=7), *silent, projector(4_000, queue=2))
    found = measured(run, holds="queue", when="most")
    assert (found.value, found.at_least) == (None, 7)
    assert found.why == "For 4.0 s projector could not be asked."


def test_what_only_the_traces_show_counts_too() -> None:
    """Between two looks, a thousand may come and go."""
    journeys = [
        a_journey(n, committed=1_100, confirmed=1_200, delivered=1_300 + n) for n in range(30)
    ]
    looks = [*map(projector, EACH_SECOND), *(command_service(at, 0) for at in EACH_SECOND)]
    run = looked(*looks, all_journeys=journeys)
    assert value(run, holds="queue", when="most") == 30
    assert value(run, holds="outbox", when="most") == 30


def test_a_trace_without_an_end_proves_nothing() -> None:
    journeys = [a_journey(n, committed=1_100) for n in range(30)]
    looks = [command_service(at, 3) for at in EACH_SECOND]
    assert value(looked(*looks, all_journeys=journeys), holds="outbox", when="most") == 3


def test_what_waits_is_the_sum_of_what_both_sides_say() -> None:
    looks = [
        it
        for at in EACH_SECOND
        for it in (command_service(at, 5), projector(at + 100, queue=2, unacked=1))
    ]
    assert value(looked(*looks), holds="waiting", when="most") == 8
    run = looked(*(it for it in looks if it.process == "projector"))
    found = measured(run, holds="waiting", when="most")
    assert (found.value, found.at_least) == (None, 3)


def test_now_is_asked_now() -> None:
    held = {"command-service": {"outbox": 4}, "projector": {"queue": 1, "unacked": 2}}
    run = evidence_of(stores=HandStores(held=held))
    assert value(run, holds="outbox") == 4
    assert value(run, holds="waiting", when="now") == 7
    assert measured(run, holds="dead_letters").why == "It does not say."
    assert measured(evidence_of(), holds="outbox").why == "It does not answer."


def test_a_gap_may_be_at_either_end() -> None:
    looks = [projector(1_000), projector(1_500)]
    assert longest_gap_ms(looks, 0, 2_000) == 1_000
    assert longest_gap_ms(looks, 900, 9_510) == 8_000
    assert longest_gap_ms([], 0, 700) == 700


def test_the_oldest_looks_are_the_first_to_go() -> None:
    looks = Looks(most=2)
    for at_ms in (0, 100, 200):
        looks.add(projector(at_ms))
    assert [it.asked_ms for it in looks.since(0)] == [100, 200]
    assert [it.asked_ms for it in looks.since(150)] == [200]


COMMANDS = (
    sent(todo_id=7, alias="milk"),
    sent(status=None, alias="milk"),
    sent(status=503),
    sent(status=422),
)


@pytest.mark.parametrize(
    ("what", "number"),
    [("sent", 4), ("answered", 1), ("refused", 2), ("unanswered", 1), ("share-answered", 0.25)],
)
def test_what_became_of_commands(what: str, number: float) -> None:
    assert value(evidence_of(*COMMANDS), commands=what) == number


def test_commands_of_one_todo_and_the_last_status() -> None:
    run = evidence_of(*COMMANDS)
    assert value(run, commands="sent", of="milk") == 2
    assert value(run, commands="status", of="milk") == "no answer"
    assert value(run, commands="status") == 422
    assert measured(run, commands="status", of="tea").why == "No such command was sent."


def test_a_command_under_way_counts_as_sent_alone() -> None:
    run = evidence_of(sent(todo_id=7), sent(over=False, alias="held"))
    assert value(run, commands="sent") == 2
    assert value(run, commands="unanswered") == 0
    assert measured(run, commands="share-answered").why == "1 of 2 commands are not over."
    assert measured(run, commands="status", of="held").value is None
