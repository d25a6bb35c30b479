"""Measures what a lesson asks of a run, and answers its questions by that."""

import logging
from collections.abc import Collection, Mapping
from typing import Any

from web.lessons.evidence import Evidence, Measured
from web.lessons.judging import measure, right_choice
from web.lessons.lesson import Condition, Fact, Lesson, Question
from web.lessons.run import Run
from web.lessons.witness import Witness

log = logging.getLogger(__name__)


class Measures:
    """Measures facts on the stores, queues and traces of a run.

    Args:
        witness: gathers what is known of it.
    """

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def begin(self, run: Run) -> None:
        """Note what was there before a run."""
        self._witness.begin(run)

    def rest(self) -> None:
        """Look no closer than a page needs."""
        self._witness.rest()

    def of(self, lesson: Lesson, run: Run, names: Collection[str]) -> dict[str, Measured]:
        """Return these facts as they are now."""
        evidence = self._witness.of(run)
        return {name: _measured(lesson.facts[name], evidence) for name in names}


def _measured(fact: Fact, evidence: Evidence) -> Measured:
    """Measure a fact; what fails in an unknown way is not known, and does not end the lesson."""
    try:
        return measure(fact, evidence)
    except Exception:
        log.exception("the fact %s was not measured", fact.name)
        return Measured(None, "It could not be measured: web's log says why.")


def names_in(condition: Condition) -> set[str]:
    """Return the facts that a condition is about."""
    other = condition.comparison
    return {condition.fact, str(other.value)} if other.how == "same-as" else {condition.fact}


def names_asked(question: Question) -> set[str]:
    """Return the facts by which the answers to a question are judged."""
    found = {
        it for choice in question.choices if choice.condition for it in names_in(choice.condition)
    }
    return found | {it.fact for it in (question.number, question.curve) if it}


def right_answer(question: Question, facts: Mapping[str, Measured]) -> Any:
    """Return the right answer as far as it is known; None if it is not."""
    for asked in (question.number, question.curve):
        if asked:
            return facts[asked.fact].value
    return right_choice(question, facts)
