"""Watches a lesson's runs, until its claims have come true or it is too late."""

import logging
import threading
import time
from collections.abc import Collection, Mapping

from web.lessons.board import Board
from web.lessons.evidence import Measured
from web.lessons.measuring import Measures
from web.lessons.state import Attempt, Side
from web.lessons.verdicts import decide, decided_by, judge, may_come_true, watched
from web.own_time import OwnTime

# What is not known when the claims are decided, such as a median, is looked for so much longer.
REST_WITHIN_S = 15.0

log = logging.getLogger(__name__)


class Watching:
    """Measures what is claimed, and judges by it.

    Args:
        board: has the lesson.
        measures: measures what it asks.
        own_time: the time at which a claim is decided.
    """

    def __init__(self, board: Board, measures: Measures, own_time: OwnTime) -> None:
        self._board = board
        self._measures = measures
        self._own_time = own_time
        self._woken = threading.Event()

    def begin(self, attempt: Attempt) -> None:
        """Begin to wait for the claims of each step that was shown and is not waited for."""
        with self._board.lock:
            for number, state in enumerate(attempt.steps[: attempt.reached + 1]):
                if state.due_s is None and state.claims and may_come_true(attempt, number):
                    state.due_s = time.monotonic() + state.step.within_s
        self._board.changed()
        self.wake()

    def wake(self) -> None:
        """Have a look soon."""
        self._woken.set()

    def wait(self, within_s: float) -> None:
        """Wait until there is something to look at."""
        self._woken.wait(within_s)
        self._woken.clear()

    def look(self, attempt: Attempt) -> bool:
        """Measure once if anything is watched; return whether more has to be."""
        with self._board.lock:
            numbers = watched(attempt)
        if not numbers:
            return self._look_for_the_rest(attempt)
        facts = {
            side: self._measured(attempt, side, attempt.lesson.facts)
            for side in {attempt.side(it) for it in numbers}
        }
        with self._board.lock:
            for number in numbers:
                self._decide(attempt, number, facts[attempt.side(number)])
        self._board.changed()
        return True

    def measure_rest(self, attempt: Attempt, side: Side) -> bool:
        """Measure what is not known of a run; return whether there was something.

        What was measured while the room watched stays: it is what the room has seen, and a fault
        ends by itself after a while.
        """
        if side not in attempt.runs:
            return False
        known = attempt.facts.get(side) or {}
        names = [it for it in attempt.lesson.facts if it not in known or known[it].value is None]
        if names:
            self._measured(attempt, side, names)
        return bool(names)

    def judge(self, attempt: Attempt, number: int) -> None:
        """Judge the answers to a step by its run as it is now."""
        side = attempt.side(number)
        self.measure_rest(attempt, side)
        with self._board.lock:
            judge(attempt, [number], side)

    def _decide(self, attempt: Attempt, number: int, facts: Mapping[str, Measured]) -> None:
        state = attempt.steps[number]
        is_late = state.due_s is not None and time.monotonic() > state.due_s
        decide(attempt, number, facts, self._own_time.now_ms(), is_late=is_late)
        if state.is_settled:
            state.settled_s = time.monotonic()
            judge(attempt, decided_by(attempt, number), attempt.side(number))

    def _look_for_the_rest(self, attempt: Attempt) -> bool:
        """Measure what was not known yet when a step's claims were decided, for some seconds."""
        since_s = time.monotonic() - REST_WITHIN_S
        fresh = [
            number
            for number, it in enumerate(attempt.steps)
            if it.settled_s is not None and it.settled_s > since_s
        ]
        if attempt.busy or not fresh or not self.measure_rest(attempt, attempt.side(fresh[-1])):
            return False
        with self._board.lock:
            judge(attempt, decided_by(attempt, fresh[-1]), attempt.side(fresh[-1]))
        self._board.changed()
        return True

    def _measured(
        self, attempt: Attempt, side: Side, names: Collection[str]
    ) -> Mapping[str, Measured]:
        """Measure facts, and add them to what is known."""
        found = self._measures.of(attempt.lesson, attempt.runs[side], names)
        with self._board.lock:
            attempt.facts[side] = {**(attempt.facts.get(side) or {}), **found}
            attempt.measured_ms[side] = self._own_time.now_ms()
        return found
