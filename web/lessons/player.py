"""Plays a lesson: one at a time, for the whole room."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

from chassis.problems import Problem, wrong_shape
from web.lessons.actions import Actions
from web.lessons.answers import BadAnswer, checked_hands
from web.lessons.board import Board
from web.lessons.lesson import Lesson, Step
from web.lessons.measuring import Measures
from web.lessons.rules import check_act, conflict, pass_steps, the_question
from web.lessons.run import Run
from web.lessons.runner import Runner
from web.lessons.shelf import Shelf
from web.lessons.state import Attempt, Claimed, StepState
from web.lessons.watching import Watching
from web.mending.mending import Mending
from web.own_time import OwnTime
from web.room.messages import Message
from web.room.room import Room

# What is watched is measured that often, and what has changed is told that often.
LOOK_EVERY_S = 0.3
TELL_EVERY_S = 0.25
REST_S = 5.0

log = logging.getLogger(__name__)


class Player:
    """Plays one lesson at a time.

    Args:
        shelf: the lessons that there are.
        actions: carries out what it does.
        measures: measures what comes of it.
        mending: begins and ends it.
        room: is told how far the lesson is.
        own_time: the time of that.
        most_answers: how many may answer a question.
        left_after_s: after what time without the host a lesson ends.

    Attributes:
        watching: watches what a lesson claims.
        runner: carries out what it does.
    """

    def __init__(
        self,
        shelf: Shelf,
        actions: Actions,
        measures: Measures,
        mending: Mending,
        room: Room,
        own_time: OwnTime,
        most_answers: int,
        left_after_s: float,
    ) -> None:
        self._shelf = shelf
        self._measures = measures
        self._mending = mending
        self._room = room
        self._own_time = own_time
        self._most_answers = most_answers
        self._left_after_s = left_after_s
        self._host_acted_s = 0.0
        self._board = Board(own_time)
        self.watching = Watching(self._board, measures, own_time)
        self.runner = Runner(self._board, self.watching, actions, measures, mending, room, own_time)

    # What there is

    @property
    def attempt(self) -> Attempt | None:
        """Return the lesson that is under way, or the last one that ended."""
        return self._board.newest

    def shown(self, *, whole: bool) -> Message | None:
        """Return how far the lesson under way is; None if there is none.

        Args:
            whole: with all commands of its runs, not only the first.
        """
        return self._board.shown(whole=whole)

    # What the host does

    def asks_first(self, lesson_id: str) -> str:
        """Return what a start would remove, in a sentence. Raises Problem."""
        lesson = self._shelf.lesson(lesson_id)
        says = str(self._mending.known_starts.shown()["reset"])
        attempt = self._board.attempt
        ends = f" It ends “{attempt.lesson.title}”." if attempt else ""
        return f"“{lesson.title}” begins with nothing. {says}{ends}"

    def start(self, lesson_id: str) -> Message:
        """Empty the stack, set it up as the lesson says, and begin. Raises Problem."""
        # With the questions that it recalls: its sheet says them, too.
        whole = self._shelf.document(lesson_id)
        lesson = replace(self._shelf.lesson(lesson_id), document=whole)
        with self._mending.one.alone():
            self._leave()
            attempt = self._begun(lesson, 1)
            with self._or_without():
                self.runner.set_up(attempt)
        return self._board.told(attempt)

    def again(self) -> Message:
        """Go back to the known start, and begin anew. Raises Problem."""
        before = self._board.under_way()
        with self._mending.one.alone():
            self._board.check_still(before)
            self.runner.stop()
            attempt = self._begun(before.lesson, before.number + 1)
            attempt.known_start = before.known_start
            with self._or_without():
                self.runner.go_back(attempt, dict(before.runs["was"].given))
        return self._board.told(attempt)

    def end(self) -> Message:
        """End the lesson with All clear, and say how that ended. Raises Problem."""
        attempt = self._board.under_way()
        with self._mending.one.alone():
            self._board.check_still(attempt)
            self.watching.measure_rest(attempt, attempt.latest)
            self.runner.stop()
            self._board.say_busy(attempt, attempt.step, "All clear")
            try:
                told = self._mending.all_clear.run(cure=True)
            finally:
                self._leave()
        attempt.ended = told
        return {"lesson": attempt.lesson.id, **told}

    def show(self, number: int, *, skip: bool) -> Message:
        """Show a step to the room. Raises Problem.

        Args:
            number: the step.
            skip: go on without what is not done.
        """
        attempt = self._board.under_way()
        with self._board.lock:
            pass_steps(attempt, number, skip=skip)
            self._show(attempt, number)
        self.watching.begin(attempt)
        return self._board.told(attempt)

    def act(self, number: int) -> Message:
        """Carry out the actions of a step, in the background. Raises Problem."""
        attempt = self._board.under_way()
        with self._board.lock:
            state = check_act(attempt, number)
            state.skipped = False
            attempt.busy = (number, state.step.button)
            self._show(attempt, number)
        self.runner.begin(attempt, number)
        return self._board.told(attempt)

    def lock(self, number: int) -> Message:
        """Let nobody change an answer any more. Raises Problem."""
        attempt = self._board.under_way()
        state = the_question(attempt, number)
        with self._board.lock:
            if state.answers.locked_ms is None:
                state.answers.locked_ms = self._own_time.now_ms()
            self._host_acted_s = time.monotonic()
        if state.step.kind in {"saw", "recall"}:
            self.watching.judge(attempt, number)
        return self._board.told(attempt)

    def answer(self, number: int, who: object, answer: object) -> None:
        """Take an answer of somebody. Raises Problem."""
        state = the_question(self._board.under_way(), number)
        with self._board.lock:
            if state.answers.locked_ms is not None or state.skipped:
                raise conflict("locked", "The answers are locked.", "Nothing changes any more.")
            assert state.step.ask is not None
            try:
                state.answers.give(who, answer, state.step.ask, self._most_answers)
            except BadAnswer as error:
                raise wrong_shape(str(error)) from error
        self._board.changed()

    def hands(self, number: int, counts: object) -> Message:
        """Note how many hands there were in the room. Raises Problem."""
        attempt = self._board.under_way()
        state = the_question(attempt, number)
        with self._board.lock:
            assert state.step.ask is not None
            try:
                state.answers.hands = checked_hands(counts, state.step.ask)
            except BadAnswer as error:
                raise wrong_shape(str(error)) from error
            self._host_acted_s = time.monotonic()
        return self._board.told(attempt)

    # In the background

    def tell(self, stop: threading.Event) -> None:
        """Tell the room what has changed, until stopped."""
        while not stop.is_set():
            if self._board.wait_for_change(REST_S):
                try:
                    self._room.tell("lesson", self.shown(whole=False))
                except Exception:
                    log.exception("the room was not told of the lesson")
                stop.wait(TELL_EVERY_S)

    def watch(self, stop: threading.Event) -> None:
        """Measure what is watched, and keep the settings of the start on, until stopped."""
        while not stop.is_set():
            self.watching.wait(REST_S)
            attempt = self._board.attempt
            try:
                if attempt and not self._end_if_left(attempt):
                    self.runner.renew(attempt)
                    if self.watching.look(attempt):
                        self.watching.wake()
            except Exception:
                log.exception("the lesson was not looked at")
                self.watching.wake()
            stop.wait(LOOK_EVERY_S)

    # How it begins and ends

    def _begun(self, lesson: Lesson, number: int) -> Attempt:
        now_ms = self._own_time.now_ms()
        attempt = Attempt(
            id=uuid4().hex[:12],
            lesson=lesson,
            number=number,
            began_ms=now_ms,
            steps=[self._fresh(lesson, step) for step in lesson.steps],
        )
        attempt.runs = {"was": Run(now_ms)}
        self._host_acted_s = time.monotonic()
        self._board.put(attempt)
        return attempt

    def _fresh(self, lesson: Lesson, step: Step) -> StepState:
        if step.kind == "recall":
            step = replace(step, ask=self._shelf.kept(step.of))
        doing = self.runner.planned(lesson, step)
        return StepState(step, doing, [Claimed(it) for it in step.claims])

    def _show(self, attempt: Attempt, number: int) -> None:
        attempt.step, attempt.reached = number, max(attempt.reached, number)
        self._host_acted_s = time.monotonic()

    def _end_if_left(self, attempt: Attempt) -> bool:
        """End a lesson that its host has left; return whether it was ended."""
        if attempt.busy or time.monotonic() - self._host_acted_s < self._left_after_s:
            return False
        log.info("the lesson %s was left, and ends", attempt.lesson.id)
        try:
            self.end()
        except Problem as problem:
            log.warning("the lesson was not ended: %s", problem)
            return False
        return True

    @contextmanager
    def _or_without(self) -> Iterator[None]:
        """Be without a lesson if it cannot begin."""
        try:
            yield
        except Problem:
            self._leave()
            raise

    def _leave(self) -> None:
        self.runner.stop()
        self._board.clear()
        self._measures.rest()
