"""Carries out what a lesson does: its start, the actions of its steps, and its cures."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from chassis.problems import Problem
from web.lessons.actions import Actions
from web.lessons.board import Board
from web.lessons.judging import holds_of, said
from web.lessons.lesson import Action, Condition, Lesson, Protection, Step
from web.lessons.measuring import Measures
from web.lessons.playing import Playing, Refused
from web.lessons.run import Run
from web.lessons.state import Attempt, Claimed, Doing, Side
from web.lessons.verdicts import names_in
from web.lessons.watching import Watching
from web.mending.mending import Mending
from web.mending.progress import Progress
from web.own_time import OwnTime
from web.room.room import Room

# The settings of the known start end by themselves after 600 s.
RENEW_EVERY_S = 240.0
# Somebody else may be putting the stack right.
TURN_WITHIN_S = 90.0
# What is being done when a lesson ends, such as a command that waits for its answer.
STOPPED_WITHIN_S = 5.0
GOING_BACK = "Going back to the start"

log = logging.getLogger(__name__)


class Runner:
    """Carries out the actions of a lesson, one thing at a time.

    Args:
        board: has the lesson.
        watching: watches what comes of it.
        actions: carries out a single one.
        measures: measures what an action waits for.
        mending: keeps the start of a lesson, goes back there, and lets go what is held.
        room: is told what is let go.
        own_time: the time of the runs.
    """

    def __init__(
        self,
        board: Board,
        watching: Watching,
        actions: Actions,
        measures: Measures,
        mending: Mending,
        room: Room,
        own_time: OwnTime,
    ) -> None:
        self._board = board
        self._watching = watching
        self._actions = actions
        self._measures = measures
        self._mending = mending
        self._room = room
        self._own_time = own_time
        self._playing: dict[Side, Playing] = {}
        self._worker: threading.Thread | None = None
        self._renewed_s = 0.0

    def planned(self, lesson: Lesson, step: Step) -> list[Doing]:
        """Return what a step will do; of a cure, all that it repeats."""
        cured = step.kind == "cure"
        actions = [*step.first, *lesson.repeated(step)] if cured else step.actions
        return [self._actions.planned(it, lesson.facts) for it in actions]

    def set_up(self, attempt: Attempt) -> None:
        """Empty the stack, do what is given, and keep that as the known start. Raises Problem."""
        self._board.say_busy(attempt, 0, GOING_BACK)
        self._mending.known_starts.reset()
        playing = self._new_playing(attempt, "was")
        self._do_given(attempt, playing, attempt.lesson.given, "The lesson could not begin.")
        attempt.known_start = self._mending.known_starts.take()["known_start"]["name"]
        self._begin_was(attempt, playing.run.todos)

    def go_back(self, attempt: Attempt, given: Mapping[str, int]) -> None:
        """Go back to the known start, and set again what was on there. Raises Problem.

        Args:
            attempt: the lesson.
            given: the todos of the known start, by name.
        """
        self._board.say_busy(attempt, 0, GOING_BACK)
        kept = self._mending.known_starts.shown()["known_start"]
        if kept is None or kept["name"] != attempt.known_start:
            # Somebody has kept another start meanwhile, or emptied everything.
            self.set_up(attempt)
            return
        self._restore(attempt)
        self._begin_was(attempt, given)

    def begin(self, attempt: Attempt, number: int) -> None:
        """Carry out the actions of a step, in the background."""
        work = self._cure if attempt.steps[number].step.kind == "cure" else self._do
        arguments = (work, attempt, number)
        self._worker = threading.Thread(target=self._guarded, args=arguments, daemon=True)
        self._worker.start()

    def wait(self, within_s: float) -> None:
        """Wait until nothing is being done."""
        if self._worker:
            self._worker.join(within_s)

    def stop(self) -> None:
        """Do no more. What is being done just now is waited for, so that it does not come after.

        A command that the lab holds is let go for that.
        """
        for playing in self._playing.values():
            playing.stop.set()
        here = threading.current_thread()
        others = [it for playing in self._playing.values() for it in playing.aside]
        others += [it for it in [self._worker] if it]
        under_way = [it for it in others if it.is_alive() and it is not here]
        until_s = time.monotonic() + STOPPED_WITHIN_S
        if under_way:
            progress = Progress(self._room, self._own_time, "restore")
            self._mending.all_clear.lift(progress, until_s)
        for thread in under_way:
            thread.join(max(0.0, until_s - time.monotonic()))
        for playing in self._playing.values():
            playing.aside.clear()

    def renew(self, attempt: Attempt) -> None:
        """Set again what is on in the known start, before its time is over.

        Not what the lesson has set otherwise since then.
        """
        if attempt.busy or time.monotonic() - self._renewed_s < RENEW_EVERY_S:
            return
        self._renewed_s = time.monotonic()
        since = [
            it.action for state in attempt.steps for it in state.doing if it.state != "waiting"
        ]
        left = {it.switch for it in since}
        left |= {it for state in attempt.steps if state.done for it in state.step.without}
        arguments = (attempt, _settings(attempt, left), self._playing[attempt.latest])
        # Nobody who waits for a claim waits for it.
        threading.Thread(target=self._set_again, args=arguments, daemon=True).start()

    # The start

    def _restore(self, attempt: Attempt, without: Collection[str] = ()) -> None:
        """Go back to the known start. Going back lifts every switch, so what is given is set again.

        Args:
            attempt: the lesson.
            without: the settings that are left out this time.
        """
        self._mending.known_starts.restore()
        settings, title = _settings(attempt, without), "The known start could not be set up."
        self._do_given(attempt, self._new_playing(attempt, "was"), settings, title)

    def _do_given(
        self, attempt: Attempt, playing: Playing, given: Collection[Action], title: str
    ) -> None:
        try:
            for action in given:
                planned = self._actions.planned(action, attempt.lesson.facts)
                self._actions.carry_out(planned, playing)
        except Refused as error:
            raise Problem(503, "not-finished", title, f"{error} Start it again.") from error

    def _begin_was(self, attempt: Attempt, given: Mapping[str, int]) -> None:
        with self._board.lock:
            self._begin_run(attempt, "was", given)
            attempt.busy = None
            self._renewed_s = time.monotonic()
        self._measures.begin(attempt.runs["was"])

    def _begin_run(
        self,
        attempt: Attempt,
        side: Side,
        given: Mapping[str, int],
        protections: frozenset[Protection] = frozenset(),
    ) -> Playing:
        attempt.runs[side] = Run(self._own_time.now_ms(), dict(given))
        attempt.facts[side] = {}
        return self._new_playing(attempt, side, protections)

    def _new_playing(
        self, attempt: Attempt, side: Side, protections: frozenset[Protection] = frozenset()
    ) -> Playing:
        run = attempt.runs[side]

        def meets(condition: Condition) -> tuple[bool, str]:
            facts = self._measures.of(attempt.lesson, run, names_in(condition))
            fact = attempt.lesson.facts[condition.fact]
            return holds_of(condition, facts) is True, said(fact, facts[condition.fact])

        playing = Playing(f"{attempt.id}-{side}", run, protections, meets, self._board.changed)
        self._playing[side] = playing
        return playing

    def _set_again(self, attempt: Attempt, given: Collection[Action], playing: Playing) -> None:
        for action in given:
            if playing.stop.is_set():
                return
            try:
                planned = self._actions.planned(action, attempt.lesson.facts)
                self._actions.carry_out(planned, playing)
            except Refused as error:
                log.warning("%s was not set again: %s", action.what, error)

    # The steps

    def _guarded(self, work: Callable[[Attempt, int], None], attempt: Attempt, number: int) -> None:
        doing = attempt.steps[number].doing
        try:
            work(attempt, number)
        except Problem as problem:
            log.warning("step %d of the lesson was not done: %s", number, problem)
            _fail(doing, f"{problem.title} {problem.detail}".strip())
        except Exception as error:
            log.exception("step %d of the lesson was not done", number)
            _fail(doing, str(error))
        finally:
            with self._board.lock:
                attempt.busy = None
            self._watching.begin(attempt)

    def _do(self, attempt: Attempt, number: int) -> None:
        self._carry_out(attempt, number, self._playing[attempt.side(number)])

    def _cure(self, attempt: Attempt, number: int) -> None:
        state = attempt.steps[number]
        if any(it.by_hand for it in state.doing if it.state == "failed"):
            self._carry_out(attempt, number, self._playing["now"])
            return
        self._watching.measure_rest(attempt, attempt.latest)
        with self._board.lock:
            state.done, state.due_s = False, None
            state.doing = self.planned(attempt.lesson, state.step)
            state.claims = [Claimed(it.claim) for it in state.claims]
        self._board.say_busy(attempt, number, GOING_BACK)
        with self._mending.one.alone(TURN_WITHIN_S):
            self._board.check_still(attempt)
            self.stop()
            self._restore(attempt, state.step.without)
        with self._board.lock:
            given = attempt.runs["was"].given
            playing = self._begin_run(attempt, "now", given, state.step.commands)
        self._measures.begin(attempt.runs["now"])
        self._carry_out(attempt, number, playing)

    def _carry_out(self, attempt: Attempt, number: int, playing: Playing) -> None:
        """Carry out what is left of a step's actions, up to one that is refused."""
        state = attempt.steps[number]
        for doing in [it for it in state.doing if it.state != "done"]:
            if playing.stop.is_set():
                return
            with self._board.lock:
                attempt.busy = (number, doing.says)
            try:
                self._actions.carry_out(doing, playing)
            except Refused as error:
                log.warning("step %d of the lesson stopped: %s", number, error)
                return
        with self._board.lock:
            state.done = True
            playing.run.over_ms = self._own_time.now_ms()


def _settings(attempt: Attempt, without: Collection[str | None]) -> Sequence[Action]:
    """Return the settings of what is given, but for some."""
    return [it for it in attempt.lesson.given if it.verb == "set" and it.switch not in without]


def _fail(doing: Collection[Doing], why: str) -> None:
    waiting = [it for it in doing if it.state in {"waiting", "doing"}]
    for one in waiting[:1]:
        one.state, one.answer = "failed", why
