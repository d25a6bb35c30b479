"""The lesson under way, as all that play it share it."""

import threading

from chassis.problems import Problem
from web.lessons.message import lesson_message
from web.lessons.rules import conflict
from web.lessons.state import Attempt
from web.own_time import OwnTime
from web.room.messages import Message


class Board:
    """Holds the lesson under way, and notes when something of it changes.

    Args:
        own_time: the time of what is told.

    Attributes:
        lock: held for a moment, while what is known of the lesson is looked at and changed.
        attempt: the lesson under way; None without one.
    """

    def __init__(self, own_time: OwnTime) -> None:
        self.lock = threading.RLock()
        self.attempt: Attempt | None = None
        self._own_time = own_time
        self._last: Attempt | None = None
        self._changed = threading.Event()

    @property
    def newest(self) -> Attempt | None:
        """Return the lesson that is under way, or the last one that ended."""
        return self.attempt or self._last

    def under_way(self) -> Attempt:
        """Return the lesson under way. Raises Problem."""
        if self.attempt is None:
            raise Problem(404, "no-lesson", "No lesson is under way.", "Start one: POST /lesson.")
        return self.attempt

    def check_still(self, attempt: Attempt) -> None:
        """Check that this is still the lesson under way. Raises Problem."""
        if self.attempt is not attempt:
            raise conflict("lesson-busy", "Somebody else has changed the lesson.", "Look again.")

    def put(self, attempt: Attempt) -> None:
        """Begin a lesson."""
        with self.lock:
            self.attempt = attempt
        self.changed()

    def clear(self) -> None:
        """Be without a lesson; what it has come to is kept for its sheet."""
        with self.lock:
            if self.attempt:
                self.attempt.busy = None
                self.attempt.over_ms = self._own_time.now_ms()
                self._last = self.attempt
            self.attempt = None
        self.changed()

    def say_busy(self, attempt: Attempt, number: int, says: str) -> None:
        """Say what is being done for a step."""
        with self.lock:
            attempt.busy = (number, says)
        self.changed()

    def changed(self) -> None:
        """Note that there is something to tell."""
        self._changed.set()

    def wait_for_change(self, within_s: float) -> bool:
        """Return whether there is something to tell by then, and take that as told."""
        has_changed = self._changed.wait(within_s)
        self._changed.clear()
        return has_changed

    def shown(self, *, whole: bool) -> Message | None:
        """Return how far the lesson under way is; None if there is none.

        Args:
            whole: with all commands of its runs, not only the first.
        """
        with self.lock:
            return self._message(self.attempt, whole=whole) if self.attempt else None

    def told(self, attempt: Attempt) -> Message:
        """Return how far a lesson is, which has just changed."""
        self.changed()
        with self.lock:
            return self._message(attempt, whole=True)

    def _message(self, attempt: Attempt, *, whole: bool) -> Message:
        return lesson_message(attempt, self._own_time.now_ms(), whole=whole)
