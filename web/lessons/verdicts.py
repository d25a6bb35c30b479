"""Which claims of a lesson have come true, and what was right to answer. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from web.lessons.evidence import Measured
from web.lessons.judging import holds_of, right_choice, said
from web.lessons.lesson import Condition, Question
from web.lessons.state import Attempt, ClaimState, Side, StepState

_STATES: Mapping[bool | None, ClaimState] = {True: "held", False: "not-held", None: "unknown"}


def watched(attempt: Attempt) -> Sequence[int]:
    """Return the steps whose claims are waited for."""
    return [
        number
        for number, it in enumerate(attempt.steps)
        if it.due_s is not None and not it.is_settled and not it.skipped
    ]


def may_come_true(attempt: Attempt, number: int) -> bool:
    """Return whether all has been done of which a step's claims speak."""
    state = attempt.steps[number]
    if state.step.kind == "cure":
        return state.done
    before = [it for it in attempt.steps[:number] if it.step.acts]
    return all(it.done or it.skipped for it in before)


def decide(
    attempt: Attempt, number: int, facts: Mapping[str, Measured], now_ms: float, *, is_late: bool
) -> None:
    """Decide a step's claims: they come true together, or each is said not to have, in the end.

    Alone, "the counter says 1" would come true on the way to 2.

    Args:
        attempt: the lesson.
        number: the step.
        facts: what was measured.
        now_ms: the time.
        is_late: whether they are not waited for any longer.
    """
    state = attempt.steps[number]
    verdicts = [holds_of(it.claim.condition, facts) for it in state.claims]
    skipped = any(it.skipped and it.step.kind == "do" for it in attempt.steps[:number])
    for claimed, verdict in zip(state.claims, verdicts, strict=True):
        fact = claimed.claim.condition.fact
        claimed.seen = said(attempt.lesson.facts[fact], facts[fact])
        if skipped:
            claimed.state, claimed.seen = "unknown", "A step before it was skipped."
        elif all(verdicts) or is_late:
            claimed.state = _STATES[verdict]
        else:
            continue
        claimed.at_ms = now_ms


def decided_by(attempt: Attempt, number: int) -> Sequence[int]:
    """Return the predictions before a step that its run decides, and none before."""
    before = list(enumerate(attempt.steps[:number]))
    # One that an earlier step has decided stays with the run of that step.
    since = max((at for at, it in before if it.claims and it.is_settled), default=-1)
    return [
        at for at, it in before if at > since and it.step.kind == "predict" and it.right is None
    ]


def judge(attempt: Attempt, numbers: Collection[int], side: Side) -> None:
    """Note what was right to answer to these steps, by what was measured of a run."""
    facts = attempt.facts.get(side, {})
    for state in [attempt.steps[number] for number in numbers]:
        _judge(state, facts)


def names_in(condition: Condition) -> set[str]:
    """Return the facts that a condition is about."""
    other = condition.comparison
    return {condition.fact, str(other.value)} if other.how == "same-as" else {condition.fact}


def _judge(state: StepState, facts: Mapping[str, Measured]) -> None:
    asked = state.step.ask
    if asked and _names_asked(asked) <= set(facts):
        state.right, state.is_judged = _right_answer(asked, facts), True


def _names_asked(question: Question) -> set[str]:
    """Return the facts by which the answers to a question are judged."""
    found = {
        it for choice in question.choices if choice.condition for it in names_in(choice.condition)
    }
    return found | {it.fact for it in (question.number, question.curve) if it}


def _right_answer(question: Question, facts: Mapping[str, Measured]) -> Any:
    """Return the right answer as far as it is known; None if it is not."""
    for asked in (question.number, question.curve):
        if asked:
            return facts[asked.fact].value
    return right_choice(question, facts)
