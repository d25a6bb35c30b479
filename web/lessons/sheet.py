"""The evidence sheet of a lesson: what was predicted, done and measured, and the run itself. Pure.

It is a run as a page opens it, with more beside it. What does not fit is left out, and counted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from web.lessons.evidence import Measured
from web.lessons.judging import change, said
from web.lessons.lesson import Fact, Lesson
from web.lessons.message import lesson_message
from web.lessons.state import Attempt

Message = dict[str, Any]

VERSION = 1
# How many of each a sheet has at most. Of what has more, the newest are in it.
MOST: Mapping[str, int] = {
    "journeys": 2_000,
    "firings": 2_000,
    "reads": 400,
    "probes": 2_000,
    "holds": 2_400,
    "health": 2_400,
    "switches": 2_400,
}
MOST_COMMANDS = 2_000
NOT_MEASURED = Measured(None, "It was not measured.")


def sheet(
    attempt: Attempt,
    run: Mapping[str, Any],
    machine: Mapping[str, Any],
    versions: Mapping[str, Any],
    when: str,
) -> Message:
    """Return the sheet of a lesson that is under way, or has ended.

    Args:
        attempt: the lesson.
        run: the run, as `GET /export` gives it, since the lesson began.
        machine: what it ran on.
        versions: of the servers and of Python; None for one that nobody told.
        when: the time of day, in words for people.
    """
    at_ms = float(run["at_ms"])
    lesson = attempt.lesson
    told = lesson_message(attempt, at_ms, whole=True)
    kept, left_out = _bounded(run)
    runs = {side: _run(it) for side, it in told["runs"].items()}
    return {
        **kept,
        "sheet": VERSION,
        "when": when,
        "lesson": {
            "lesson": lesson.id,
            "number": lesson.number,
            "title": lesson.title,
            "minutes": lesson.minutes,
            "goal": lesson.goal,
        },
        "attempt": attempt.number,
        "began_ms": attempt.began_ms,
        "over_ms": attempt.over_ms,
        "ended": dict(attempt.ended)["says"] if attempt.ended else None,
        "steps": [{**step, **_asked(lesson, number)} for number, step in enumerate(told["steps"])],
        "facts": told["facts"],
        "table": _table(attempt),
        "runs": runs,
        "machine": dict(machine),
        "versions": dict(versions),
        "left_out": {
            **left_out,
            **{
                f"commands-{side}": it["sent"] - MOST_COMMANDS
                for side, it in runs.items()
                if it and it["sent"] > MOST_COMMANDS
            },
        },
    }


def _asked(lesson: Lesson, number: int) -> Mapping[str, Any]:
    """Return what a step is, says and asks, so that the sheet can be read by itself."""
    step: Mapping[str, Any] = lesson.document["steps"][number]
    return {name: step[name] for name in ("kind", "title", "text", "ask") if name in step}


def _table(attempt: Attempt) -> list[Message]:
    was, now = attempt.facts.get("was", {}), attempt.facts.get("now", {})
    return [_row(fact, was, now) for fact in attempt.lesson.facts.values()]


def _row(fact: Fact, was: Mapping[str, Measured], now: Mapping[str, Measured]) -> Message:
    before, after = (of.get(fact.name, NOT_MEASURED) for of in (was, now))
    changed = change(fact, before, after)
    return {
        "fact": fact.name,
        "says": fact.says,
        "unit": fact.unit,
        "better": fact.better,
        "was": said(fact, before),
        "now": said(fact, after),
        "delta": changed.delta,
        "is_better": changed.is_better,
    }


def _run(run: Mapping[str, Any] | None) -> Message | None:
    return {**run, "commands": run["commands"][-MOST_COMMANDS:]} if run else None


def _bounded(run: Mapping[str, Any]) -> tuple[Message, dict[str, int]]:
    """Return a run of which each list has no more than it may, and how many were left out."""
    kept, left_out = dict(run), dict[str, int]()
    for name, most in MOST.items():
        found: Sequence[Any] = run.get(name) or []
        if len(found) > most:
            kept[name], left_out[name] = list(found[-most:]), len(found) - most
    return kept, left_out
