"""How far a lesson is, as the page is told. Pure. docs/web.md has the fields."""

from collections.abc import Mapping
from typing import Any

from web.lessons.run import Run, Sent
from web.lessons.state import Attempt, Doing, Side, StepState

# In what is sent to the room; a request has all.
MOST_COMMANDS = 100
SIDES: tuple[Side, ...] = ("was", "now")


def lesson_message(attempt: Attempt, now_ms: float, *, whole: bool) -> dict[str, Any]:
    """Return how far a lesson is.

    Args:
        attempt: the lesson.
        now_ms: the time.
        whole: with all commands of its runs.
    """
    busy = attempt.busy
    most = None if whole else MOST_COMMANDS
    return {
        "run": attempt.id,
        "lesson": attempt.lesson.id,
        "began_ms": attempt.began_ms,
        "now_ms": now_ms,
        "step": attempt.step,
        "reached": attempt.reached,
        "attempt": attempt.number,
        "busy": {"step": busy[0], "says": busy[1]} if busy else None,
        "steps": [_step(it) for it in attempt.steps],
        "facts": {side: _facts(attempt, side) for side in SIDES},
        "runs": {side: _run(attempt.runs.get(side), most) for side in SIDES},
    }


def _step(state: StepState) -> Mapping[str, Any]:
    answers = state.answers
    is_locked = answers.locked_ms is not None
    # A right answer that is known before would be an answer that everybody copies.
    shows = is_locked or state.skipped
    return {
        "locked_ms": answers.locked_ms,
        "skipped": state.skipped,
        "done": state.done,
        "complete": state.is_complete,
        "answers": len(answers.by),
        "of": answers.tally() if is_locked else None,
        "hands": dict(answers.hands),
        "curves": answers.curves() if is_locked else [],
        "right": state.right if shows else None,
        "judged": state.is_judged and shows,
        "actions": [_doing(it) for it in state.doing],
        "claims": [
            {"says": it.claim.says, "state": it.state, "seen": it.seen, "at_ms": it.at_ms}
            for it in state.claims
        ],
    }


def _facts(attempt: Attempt, side: Side) -> Mapping[str, Any] | None:
    facts = attempt.facts.get(side)
    if facts is None:
        return None
    at_ms = attempt.measured_ms.get(side)
    return {name: {"value": it.value, "why": it.why, "at_ms": at_ms} for name, it in facts.items()}


def _doing(doing: Doing) -> Mapping[str, Any]:
    return {
        "says": doing.says,
        "curl": doing.curl,
        "state": doing.state,
        "at_ms": doing.at_ms,
        "answer": doing.answer,
    }


def _run(run: Run | None, most: int | None) -> Mapping[str, Any] | None:
    if run is None:
        return None
    return {
        "began_ms": run.began_ms,
        "over_ms": run.over_ms,
        "todos": dict(run.todos),
        "sent": len(run.sent),
        "commands": [command_message(it) for it in run.sent[:most]],
    }


def command_message(sent: Sent) -> Mapping[str, Any]:
    """Return a command of a run, as a message and a sheet have it."""
    return {
        "number": sent.number,
        "method": sent.method,
        "path": sent.path,
        "body": sent.body,
        "headers": dict(sent.headers),
        "alias": sent.alias,
        "asked_ms": sent.asked_ms,
        "ended_ms": sent.ended_ms,
        "status": sent.status,
        "why": sent.why,
        "todo_id": sent.todo_id,
        "version": sent.version,
        "trace_id": sent.trace_id,
        "by": sent.by,
    }
