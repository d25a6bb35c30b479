"""The evidence sheet: a run as a page opens it, and beside it what a lesson came to."""

from typing import Any

from tests.support.lessons import lesson_of
from tests.support.runs import sent
from web.lessons.evidence import Measured
from web.lessons.machine import machine
from web.lessons.run import Run
from web.lessons.sheet import MOST, MOST_COMMANDS, sheet
from web.lessons.state import Attempt, StepState

RUN: dict[str, Any] = {
    "format": "eventually-run",
    "version": 1,
    "at_ms": 900.0,
    "day_ahead_ms": 0.0,
    "journeys": [{"event_id": "e1", "hops": []}],
    "firings": [{"id": "f1", "fault": "crash"}],
    "reads": [],
    "probes": [],
    "holds": [],
    "health": [],
    "switches": [],
}


def an_attempt() -> Attempt:
    lesson = lesson_of()
    attempt = Attempt("abc", lesson, 2, 100.0, [StepState(it) for it in lesson.steps])
    attempt.runs = {"was": Run(110.0, sent=[sent(todo_id=7, alias="milk")]), "now": Run(500.0)}
    attempt.facts = {
        "was": {"counted": Measured(2), "listed": Measured(1), "seen": Measured(None, "No read.")},
        "now": {"counted": Measured(1), "listed": Measured(1)},
    }
    return attempt


def sheet_of(attempt: Attempt | None = None, **run: Any) -> dict[str, Any]:
    versions = {"postgresql": "15.8", "mongodb": None}
    return sheet(attempt or an_attempt(), {**RUN, **run}, {"cores": 2}, versions, "today")


def test_it_is_a_run_with_more_beside_it() -> None:
    made = sheet_of()
    assert {name: made[name] for name in RUN} == RUN
    assert made["lesson"]["title"] == "Twice"
    assert (made["attempt"], made["began_ms"], made["when"]) == (2, 100.0, "today")
    assert made["machine"] == {"cores": 2}
    assert made["versions"] == {"postgresql": "15.8", "mongodb": None}
    assert made["left_out"] == {}


def test_each_step_says_what_it_asked() -> None:
    steps = sheet_of()["steps"]
    assert [it["kind"] for it in steps] == [it.kind for it in lesson_of().steps]
    assert steps[1]["ask"]["question"] == "What does the counter say?"
    assert "answers" in steps[1]
    assert "ask" not in steps[0]


def test_both_runs_stand_side_by_side() -> None:
    rows = {row["fact"]: row for row in sheet_of()["table"]}
    counted = rows["counted"]
    assert (counted["was"], counted["now"], counted["delta"]) == ("2 todos", "1 todo", -1)
    assert counted["is_better"] is None
    assert (rows["listed"]["delta"], rows["listed"]["better"]) == (0, "more")
    assert rows["seen"]["was"] == "not known: No read."
    assert rows["seen"]["now"] == "not known: It was not measured."


def test_the_commands_of_both_runs_are_in_it() -> None:
    runs = sheet_of()["runs"]
    assert [it["todo_id"] for it in runs["was"]["commands"]] == [7]
    assert runs["now"]["commands"] == []


def test_what_is_too_much_is_left_out_and_counted() -> None:
    attempt = an_attempt()
    attempt.runs["was"].sent = [sent(todo_id=n) for n in range(MOST_COMMANDS + 3)]
    journeys = [{"event_id": f"e{n}", "hops": []} for n in range(MOST["journeys"] + 5)]
    made = sheet_of(attempt, journeys=journeys)
    assert len(made["journeys"]) == MOST["journeys"]
    assert made["journeys"][-1] == journeys[-1]
    assert len(made["runs"]["was"]["commands"]) == MOST_COMMANDS
    assert made["left_out"] == {"journeys": 5, "commands-was": 3}


def test_a_lesson_that_has_not_begun_to_do_anything_has_a_sheet() -> None:
    attempt = an_attempt()
    attempt.runs, attempt.facts = {"was": Run(110.0)}, {}
    made = sheet_of(attempt)
    assert made["runs"]["now"] is None
    assert {row["was"] for row in made["table"]} == {"not known: It was not measured."}


def test_a_machine_has_cores_and_a_name() -> None:
    here = machine()
    assert here["cpu"]
    assert here["cores"]
    assert here["os"]
    assert here["python"]
