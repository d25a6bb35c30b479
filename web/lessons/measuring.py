"""Measures what a lesson asks of a run."""

import logging
from collections.abc import Collection

from web.lessons.evidence import Evidence, Measured
from web.lessons.judging import measure
from web.lessons.lesson import Fact, Lesson
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
