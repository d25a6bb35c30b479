"""Plays a lesson: one at a time, for the whole room."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from chassis.problems import Problem
from web.lessons.actions import Actions, Playing, Refused
from web.lessons.answers import BadAnswer, checked_hands
from web.lessons.evidence import Measured
from web.lessons.judging import holds_of, said
from web.lessons.lesson import Action, Condition, Lesson, Protection, Step
from web.lessons.measuring import Measures, names_asked, names_in, right_answer
from web.lessons.message import lesson_message
from web.lessons.run import Run
from web.lessons.shelf import Shelf
from web.lessons.state import Attempt, Claimed, ClaimState, Side, StepState
from web.mending.all_clear import AllClear
from web.mending.known_start import KnownStarts
from web.mending.one_at_a_time import OneAtATime
from web.mending.progress import Progress
from web.own_time import OwnTime
from web.room.messages import Message
from web.room.room import Room

# What is watched is measured that often, and what has changed is told that often.
LOOK_EVERY_S = 0.3
TELL_EVERY_S = 0.25
REST_S = 5.0
# The settings of the known start end by themselves after 600 s.
RENEW_EVERY_S = 240.0
# What is not known when the claims are decided, such as a median, is looked for so much longer.
REST_WITHIN_S = 15.0
# Somebody else may be putting the stack right.
TURN_WITHIN_S = 90.0
# What is being done when a lesson ends, such as a command that waits for its answer.
STOPPED_WITHIN_S = 5.0

log = logging.getLogger(__name__)


class Player:
    """Plays one lesson at a time.

    Args:
        shelf: the lessons that there are.
        actions: carries them out.
        measures: measures what a lesson asks.
        known_starts: keeps the start of a lesson, and goes back there.
        all_clear: ends a lesson.
        one: lets one at a time put the stack right.
        room: is told how far the lesson is.
        own_time: the time of that.
        most_answers: how many may answer a question.
        left_after_s: after what time without the host a lesson ends.
    """

    def __init__(
        self,
        shelf: Shelf,
        actions: Actions,
        measures: Measures,
        known_starts: KnownStarts,
        all_clear: AllClear,
        one: OneAtATime,
        room: Room,
        own_time: OwnTime,
        most_answers: int,
        left_after_s: float,
    ) -> None:
        self._shelf = shelf
        self._actions = actions
        self._measures = measures
        self._known_starts = known_starts
        self._all_clear = all_clear
        self._one = one
        self._room = room
        self._own_time = own_time
        self._most_answers = most_answers
        self._left_after_s = left_after_s
        # Held for a moment, while what is known of the lesson is looked at and changed.
        self._lock = threading.RLock()
        self._attempt: Attempt | None = None
        self._playing: dict[Side, Playing] = {}
        self._last: Attempt | None = None
        self._worker: threading.Thread | None = None
        self._changed = threading.Event()
        self._watched = threading.Event()
        self._renewed_s = self._acted_s = 0.0

    # What there is

    @property
    def attempt(self) -> Attempt | None:
        """Return the lesson that is under way, or the last one that ended."""
        return self._attempt or self._last

    def shown(self, *, whole: bool) -> Message | None:
        """Return how far the lesson under way is; None if there is none.

        Args:
            whole: with all commands of its runs, not only the first.
        """
        with self._lock:
            attempt = self._attempt
            return (
                lesson_message(attempt, self._own_time.now_ms(), whole=whole) if attempt else None
            )

    # What the host does

    def asks_first(self, lesson_id: str) -> str:
        """Return what a start would remove, in a sentence. Raises Problem."""
        lesson = self._shelf.lesson(lesson_id)
        says = str(self._known_starts.shown()["reset"])
        attempt = self._attempt
        ends = f" It ends “{attempt.lesson.title}”." if attempt else ""
        return f"“{lesson.title}” begins with nothing. {says}{ends}"

    def start(self, lesson_id: str) -> Message:
        """Empty the stack, set it up as the lesson says, and begin. Raises Problem."""
        lesson = self._shelf.lesson(lesson_id)
        with self._alone():
            self._leave()
            attempt = self._begun(lesson, 1)
            self._set_up(attempt)
        return self._told(attempt)

    def again(self) -> Message:
        """Go back to the known start, and begin anew. Raises Problem."""
        before = self._under_way()
        with self._alone():
            self._check_still(before)
            self._stop_playing()
            attempt = self._begun(before.lesson, before.number + 1)
            attempt.known_start = before.known_start
            attempt.busy = (0, "Going back to the start")
            self._put(attempt)
            try:
                self._back(attempt, dict(before.runs["was"].given))
            except Problem:
                self._leave()
                raise
        return self._told(attempt)

    def end(self) -> Message:
        """End the lesson with All clear, and say how that ended. Raises Problem."""
        attempt = self._under_way()
        with self._alone():
            self._check_still(attempt)
            self._measure_rest(attempt, "now" if "now" in attempt.runs else "was")
            self._stop_playing()
            with self._lock:
                attempt.busy = (attempt.step, "All clear")
            self._tell()
            try:
                told = self._all_clear.run(cure=True)
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
        with self._lock:
            attempt = self._under_way()
            self._check_step(attempt, number)
            for at in range(number):
                self._pass(attempt, at, skip=skip)
            attempt.step = number
            attempt.reached = max(attempt.reached, number)
            self._acted_s = time.monotonic()
        self._begin_to_watch(attempt)
        return self._told(attempt)

    def act(self, number: int) -> Message:
        """Carry out the actions of a step, in the background. Raises Problem."""
        with self._lock:
            attempt = self._under_way()
            state = self._check_step(attempt, number)
            if state.step.kind not in {"do", "cure"}:
                raise _conflict("nothing-to-do", "This step does nothing.", "It has no actions.")
            self._check_free(attempt)
            for at, before in enumerate(attempt.steps[:number]):
                asks = before.step.kind == "predict"
                if asks and not before.is_complete:
                    detail = f"Lock the answers to step {at} first, or skip it."
                    raise _conflict("predict-first", "Nothing is done before it.", detail)
                if before.step.kind in {"do", "cure"} and not before.is_complete:
                    if before.done:
                        continue
                    detail = f"Do step {at} first, or skip it."
                    raise _conflict("not-done", "A step before it is not done.", detail)
            if state.step.kind == "do" and state.done:
                detail = "POST /lesson/again begins anew."
                raise _conflict("done-already", "This was done already.", detail)
            later = attempt.steps[number + 1 :]
            if state.skipped and any(it.done for it in later):
                detail = "POST /lesson/again begins anew."
                raise _conflict("done-already", "The lesson has gone on without it.", detail)
            state.skipped = False
            attempt.busy = (number, state.step.button)
            attempt.step, attempt.reached = number, max(attempt.reached, number)
            self._acted_s = time.monotonic()
        work = self._cure if state.step.kind == "cure" else self._do
        arguments = (work, attempt, number)
        self._worker = threading.Thread(target=self._guarded, args=arguments, daemon=True)
        self._worker.start()
        return self._told(attempt)

    def lock(self, number: int) -> Message:
        """Let nobody change an answer any more. Raises Problem."""
        attempt, state = self._asked(number)
        with self._lock:
            if state.answers.locked_ms is None:
                state.answers.locked_ms = self._own_time.now_ms()
            self._acted_s = time.monotonic()
        if state.step.kind in {"saw", "recall"}:
            self._measure_rest(attempt, attempt.side(number))
            self._judge_answers(attempt, [number])
        return self._told(attempt)

    def answer(self, number: int, who: object, answer: object) -> None:
        """Take an answer of somebody. Raises Problem."""
        _attempt, state = self._asked(number)
        with self._lock:
            if state.answers.locked_ms is not None or state.skipped:
                raise _conflict("locked", "The answers are locked.", "Nothing changes any more.")
            assert state.step.ask is not None
            try:
                state.answers.give(who, answer, state.step.ask, self._most_answers)
            except BadAnswer as error:
                raise _wrong(str(error)) from error
        self._tell()

    def hands(self, number: int, counts: object) -> Message:
        """Note how many hands there were in the room. Raises Problem."""
        attempt, state = self._asked(number)
        with self._lock:
            assert state.step.ask is not None
            try:
                state.answers.hands = checked_hands(counts, state.step.ask)
            except BadAnswer as error:
                raise _wrong(str(error)) from error
            self._acted_s = time.monotonic()
        return self._told(attempt)

    # In the background

    def tell(self, stop: threading.Event) -> None:
        """Tell the room what has changed, until stopped."""
        while not stop.is_set():
            if self._changed.wait(REST_S):
                self._changed.clear()
                try:
                    self._room.tell("lesson", self.shown(whole=False))
                except Exception:
                    log.exception("the room was not told of the lesson")
                stop.wait(TELL_EVERY_S)

    def watch(self, stop: threading.Event) -> None:
        """Measure what is watched, and keep the settings of the start on, until stopped."""
        while not stop.is_set():
            self._watched.wait(REST_S)
            self._watched.clear()
            attempt = self._attempt
            try:
                if attempt and not self._end_if_left(attempt):
                    self._renew(attempt)
                    if self._look(attempt):
                        self._watched.set()
            except Exception:
                log.exception("the lesson was not looked at")
                self._watched.set()
            stop.wait(LOOK_EVERY_S)

    # Starting and going back

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
        self._acted_s = self._renewed_s = time.monotonic()
        return attempt

    def _fresh(self, lesson: Lesson, step: Step) -> StepState:
        if step.kind == "recall":
            step = replace(step, ask=self._shelf.kept(step.of))
        doing = [self._actions.planned(it, lesson.facts) for it in self._actions_of(lesson, step)]
        return StepState(step, doing, [Claimed(it) for it in step.claims])

    def _actions_of(self, lesson: Lesson, step: Step) -> list[Action]:
        if step.kind != "cure":
            return list(step.actions)
        return [*step.first, *lesson.repeated(step)]

    def _set_up(self, attempt: Attempt) -> None:
        """Empty the stack, do what is given, and keep that as the known start. Raises Problem."""
        attempt.busy = (0, "Going back to the start")
        self._put(attempt)
        try:
            self._known_starts.reset()
            playing = self._new_playing(attempt, "was", frozenset())
            for action in attempt.lesson.given:
                self._actions.carry_out(
                    self._actions.planned(action, attempt.lesson.facts), playing
                )
            taken = self._known_starts.take()["known_start"]
        except Refused as error:
            self._leave()
            detail = f"{error} Start it again."
            raise Problem(503, "not-finished", "The lesson could not begin.", detail) from error
        except Problem:
            self._leave()
            raise
        attempt.known_start = taken["name"]
        self._begin_run(attempt, "was", playing.run.todos)

    def _back(self, attempt: Attempt, given: Mapping[str, int]) -> None:
        """Go back to the known start, and set again what was on there. Raises Problem."""
        kept = self._known_starts.shown()["known_start"]
        if kept is None or kept["name"] != attempt.known_start:
            # Somebody has kept another start meanwhile, or emptied everything.
            self._set_up(attempt)
            return
        self._known_starts.restore()
        self._set_given(attempt)
        self._begin_run(attempt, "was", given)

    def _begin_run(self, attempt: Attempt, side: Side, given: Mapping[str, int]) -> None:
        with self._lock:
            attempt.runs[side] = Run(self._own_time.now_ms(), dict(given))
            attempt.facts[side] = {}
            attempt.busy = None
            self._renewed_s = time.monotonic()
            self._new_playing(attempt, side, frozenset())
        self._measures.begin(attempt.runs[side])

    def _new_playing(
        self, attempt: Attempt, side: Side, protections: frozenset[Protection]
    ) -> Playing:
        run = attempt.runs[side]

        def meets(condition: Condition) -> tuple[bool, str]:
            facts = self._measures.of(attempt.lesson, run, names_in(condition))
            fact = attempt.lesson.facts[condition.fact]
            return holds_of(condition, facts) is True, said(fact, facts[condition.fact])

        playing = Playing(f"{attempt.id}-{side}", run, protections, meets, self._tell)
        self._playing[side] = playing
        return playing

    def _set_given(self, attempt: Attempt, without: Collection[str] = ()) -> None:
        """Carry out the settings of what is given: going back lifts every switch. Raises Problem.

        Args:
            attempt: the lesson.
            without: those that are left out this time.
        """
        playing = self._new_playing(attempt, "was", frozenset())
        try:
            for action in attempt.lesson.given:
                if action.verb == "set" and action.switch not in without:
                    planned = self._actions.planned(action, attempt.lesson.facts)
                    self._actions.carry_out(planned, playing)
        except Refused as error:
            title = "The known start could not be set up."
            raise Problem(503, "not-finished", title, str(error)) from error

    def _end_if_left(self, attempt: Attempt) -> bool:
        """End a lesson that its host has left; return whether it was ended."""
        if attempt.busy or time.monotonic() - self._acted_s < self._left_after_s:
            return False
        log.info("the lesson %s was left, and ends", attempt.lesson.id)
        try:
            self.end()
        except Problem as problem:
            log.warning("the lesson was not ended: %s", problem)
            return False
        return True

    def _renew(self, attempt: Attempt) -> None:
        """Set again what is on in the known start, before its time is over.

        Not what the lesson has set otherwise since then.
        """
        if attempt.busy or time.monotonic() - self._renewed_s < RENEW_EVERY_S:
            return
        self._renewed_s = time.monotonic()
        side: Side = "now" if "now" in attempt.runs else "was"
        since = [
            it.action for state in attempt.steps for it in state.doing if it.state != "waiting"
        ]
        left = {it.switch for it in since}
        left |= {it for state in attempt.steps if state.done for it in state.step.without}
        given = [it for it in attempt.lesson.given if it.verb == "set" and it.switch not in left]
        arguments = (attempt, given, self._playing[side])
        # Nobody who waits for a claim waits for it.
        threading.Thread(target=self._set_again, args=arguments, daemon=True).start()

    def _set_again(self, attempt: Attempt, given: Collection[Action], playing: Playing) -> None:
        for action in given:
            if playing.stop.is_set():
                return
            try:
                planned = self._actions.planned(action, attempt.lesson.facts)
                self._actions.carry_out(planned, playing)
            except Refused as error:
                log.warning("%s was not set again: %s", action.what, error)

    # Doing

    def _guarded(self, work: Callable[[Attempt, int], None], attempt: Attempt, number: int) -> None:
        try:
            work(attempt, number)
        except Problem as problem:
            log.warning("step %d of the lesson was not done: %s", number, problem)
            self._fail(attempt, number, f"{problem.title} {problem.detail}".strip())
        except Exception as error:
            log.exception("step %d of the lesson was not done", number)
            self._fail(attempt, number, str(error))
        finally:
            with self._lock:
                attempt.busy = None
            self._begin_to_watch(attempt)
            self._tell()

    def _fail(self, attempt: Attempt, number: int, why: str) -> None:
        waiting = [it for it in attempt.steps[number].doing if it.state in {"waiting", "doing"}]
        for doing in waiting[:1]:
            doing.state, doing.answer = "failed", why

    def _do(self, attempt: Attempt, number: int) -> None:
        side = attempt.side(number)
        self._carry_out(attempt, number, self._playing[side])

    def _carry_out(self, attempt: Attempt, number: int, playing: Playing) -> None:
        """Carry out what is left of a step's actions, up to one that is refused."""
        state = attempt.steps[number]
        for doing in [it for it in state.doing if it.state != "done"]:
            if playing.stop.is_set():
                return
            with self._lock:
                attempt.busy = (number, doing.says)
            try:
                self._actions.carry_out(doing, playing)
            except Refused as error:
                log.warning("step %d of the lesson stopped: %s", number, error)
                return
        with self._lock:
            state.done = True
            playing.run.over_ms = self._own_time.now_ms()

    def _cure(self, attempt: Attempt, number: int) -> None:
        state = attempt.steps[number]
        if any(it.by_hand for it in state.doing if it.state == "failed"):
            self._carry_out(attempt, number, self._playing["now"])
            return
        self._measure_rest(attempt, "now" if "now" in attempt.runs else "was")
        with self._lock:
            attempt.busy = (number, "Going back to the start")
            state.done, state.due_s = False, None
            state.doing = [
                self._actions.planned(it.action, attempt.lesson.facts) for it in state.doing
            ]
            state.claims = [Claimed(it.claim) for it in state.claims]
        self._tell()
        with self._alone(TURN_WITHIN_S):
            self._check_still(attempt)
            self._stop_playing()
            self._known_starts.restore()
            self._set_given(attempt, state.step.without)
        with self._lock:
            given = attempt.runs["was"].given
            attempt.runs["now"] = Run(self._own_time.now_ms(), dict(given))
            attempt.facts["now"] = {}
            playing = self._new_playing(attempt, "now", state.step.commands)
        self._measures.begin(attempt.runs["now"])
        self._carry_out(attempt, number, playing)

    def _stop_playing(self) -> None:
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
            self._all_clear.lift(progress, until_s)
        for thread in under_way:
            thread.join(max(0.0, until_s - time.monotonic()))
        for playing in self._playing.values():
            playing.aside.clear()

    # Watching

    def _begin_to_watch(self, attempt: Attempt) -> None:
        """Begin to wait for the claims of each step that was shown and is not waited for."""
        with self._lock:
            for number, state in enumerate(attempt.steps[: attempt.reached + 1]):
                if state.due_s is None and state.claims and self._is_due(attempt, number):
                    state.due_s = time.monotonic() + state.step.within_s
        self._watched.set()
        self._tell()

    def _is_due(self, attempt: Attempt, number: int) -> bool:
        state = attempt.steps[number]
        if state.step.kind == "cure":
            return state.done
        before = [it for it in attempt.steps[:number] if it.step.kind in {"do", "cure"}]
        return all(it.done or it.skipped for it in before)

    def _look(self, attempt: Attempt) -> bool:
        """Measure once if anything is watched; return whether more has to be."""
        with self._lock:
            watched = [
                (number, it)
                for number, it in enumerate(attempt.steps)
                if it.due_s is not None and not it.is_settled and not it.skipped
            ]
        if not watched:
            return self._look_for_the_rest(attempt)
        facts = {
            side: self._measured(attempt, side) for side in {attempt.side(n) for n, _ in watched}
        }
        with self._lock:
            for number, state in watched:
                self._claim(attempt, number, state, facts[attempt.side(number)])
        for number, state in watched:
            if state.is_settled:
                state.settled_s = time.monotonic()
                self._judge_predictions(attempt, number)
        self._tell()
        return True

    def _look_for_the_rest(self, attempt: Attempt) -> bool:
        """Measure what was not known yet when a step's claims were decided, for some seconds."""
        since_s = time.monotonic() - REST_WITHIN_S
        fresh = [
            number
            for number, it in enumerate(attempt.steps)
            if it.settled_s is not None and it.settled_s > since_s
        ]
        if attempt.busy or not fresh or not self._measure_rest(attempt, attempt.side(fresh[-1])):
            return False
        self._judge_predictions(attempt, fresh[-1])
        self._tell()
        return True

    def _judge_predictions(self, attempt: Attempt, number: int) -> None:
        """Judge the predictions before a step by its run, which have no right answer yet."""
        asked = [
            at
            for at, it in enumerate(attempt.steps[:number])
            if it.step.kind == "predict" and it.right is None
        ]
        settled = [
            at for at, it in enumerate(attempt.steps[:number]) if it.claims and it.is_settled
        ]
        # One that an earlier step has decided stays with the run of that step.
        since = max(settled, default=-1)
        self._judge_answers(attempt, [it for it in asked if it > since], attempt.side(number))

    def _claim(
        self, attempt: Attempt, number: int, state: StepState, facts: Mapping[str, Measured]
    ) -> None:
        """Decide a step's claims: they come true together, or each is said not to have, in the end.

        Alone, "the counter says 1" would come true on the way to 2.
        """
        verdicts = [holds_of(it.claim.condition, facts) for it in state.claims]
        is_late = state.due_s is not None and time.monotonic() > state.due_s
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
            claimed.at_ms = self._own_time.now_ms()

    def _measure_rest(self, attempt: Attempt, side: Side) -> bool:
        """Measure what is not known of a run; return whether there was something.

        What was measured while the room watched stays: it is what the room has seen, and a fault
        ends by itself after a while.
        """
        if side not in attempt.runs:
            return False
        known = attempt.facts.get(side) or {}
        names = [it for it in attempt.lesson.facts if it not in known or known[it].value is None]
        if not names:
            return False
        found = self._measures.of(attempt.lesson, attempt.runs[side], names)
        with self._lock:
            attempt.facts[side] = {**known, **found}
            attempt.measured_ms[side] = self._own_time.now_ms()
        return True

    def _measured(self, attempt: Attempt, side: Side) -> Mapping[str, Measured]:
        lesson = attempt.lesson
        facts = self._measures.of(lesson, attempt.runs[side], lesson.facts)
        with self._lock:
            attempt.facts[side] = facts
            attempt.measured_ms[side] = self._own_time.now_ms()
        return facts

    def _judge_answers(
        self, attempt: Attempt, numbers: Collection[int], side: Side | None = None
    ) -> None:
        """Note the right answers, by what was measured."""
        with self._lock:
            for number in numbers:
                state = attempt.steps[number]
                asked = state.step.ask
                if asked is None:
                    continue
                facts = attempt.facts.get(side or attempt.side(number), {})
                if names_asked(asked) <= set(facts):
                    state.right, state.is_judged = right_answer(asked, facts), True

    # Checks

    def _under_way(self) -> Attempt:
        attempt = self._attempt
        if attempt is None:
            detail = "Start one: POST /lesson."
            raise Problem(404, "no-lesson", "No lesson is under way.", detail)
        return attempt

    def _check_step(self, attempt: Attempt, number: int) -> StepState:
        if not 0 <= number < len(attempt.steps):
            detail = f"The lesson has the steps 0 to {len(attempt.steps) - 1}."
            raise Problem(404, "no-such-step", "There is no such step.", detail)
        return attempt.steps[number]

    def _asked(self, number: int) -> tuple[Attempt, StepState]:
        attempt = self._under_way()
        state = self._check_step(attempt, number)
        if state.step.ask is None:
            raise _conflict("nothing-asked", "This step asks nothing.", "It has no question.")
        return attempt, state

    def _check_free(self, attempt: Attempt) -> None:
        if attempt.busy:
            raise _conflict(
                "lesson-busy", "The lesson is busy.", f"{attempt.busy[1]}: wait for it."
            )

    def _check_still(self, attempt: Attempt) -> None:
        if self._attempt is not attempt:
            raise _conflict("lesson-busy", "Somebody else has changed the lesson.", "Look again.")

    def _pass(self, attempt: Attempt, number: int, *, skip: bool) -> None:
        """Let the lesson go on after a step. Raises Problem."""
        state = attempt.steps[number]
        if state.is_complete:
            return
        if not skip:
            detail = f"Step {number} is not done: {_what_is_missing(state)}. Or skip it."
            raise _conflict("not-done", "A step before it is not done.", detail)
        if attempt.busy and attempt.busy[0] == number:
            self._check_free(attempt)
        state.skipped = True

    # Who is told

    def _put(self, attempt: Attempt) -> None:
        with self._lock:
            self._attempt = attempt
        self._tell()

    def _leave(self) -> None:
        """Be without a lesson; what it has come to is kept for its sheet."""
        self._stop_playing()
        with self._lock:
            if self._attempt:
                self._attempt.busy = None
                self._attempt.over_ms = self._own_time.now_ms()
                self._last = self._attempt
            self._attempt = None
        self._measures.rest()
        self._tell()

    def _tell(self) -> None:
        self._changed.set()

    def _told(self, attempt: Attempt) -> Message:
        self._tell()
        with self._lock:
            return lesson_message(attempt, self._own_time.now_ms(), whole=True)

    def _alone(self, within_s: float = 0.0) -> Any:
        return self._one.alone(within_s)


_STATES: Mapping[bool | None, ClaimState] = {True: "held", False: "not-held", None: "unknown"}


def _what_is_missing(state: StepState) -> str:
    if state.step.ask is not None:
        return "its answers are not locked"
    if state.step.kind in {"do", "cure"} and not state.done:
        return "its actions were not carried out"
    return "its claims are open"


def _conflict(name: str, title: str, detail: str) -> Problem:
    return Problem(409, name, title, detail)


def _wrong(detail: str) -> Problem:
    return Problem(400, "wrong-shape", "The body has the wrong shape.", detail)
