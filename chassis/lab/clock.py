"""A clock that is wrong in one process."""

import logging

from chassis.clock import Clock
from chassis.lab.parameters import Number
from chassis.lab.switches import Switch


class WrongClock(Switch):
    """Have a process see another time of day than the others do.

    What is done by the monotonic clock goes on as before: waits, timeouts, durations.

    Args:
        clock: the process's.
    """

    name = "wrong-clock"
    does = (
        "The clock of this process is wrong by so much: its log, its traces and the `time` of the "
        "events that it writes say so."
    )
    teaches = (
        "Two clocks never agree, so times of two machines say nothing about an order: an effect "
        "may seem to come before its cause. The todo's version does say it."
    )
    parameters = (
        Number("ahead_s", "s", -3600, 3600, 30, "How far it is ahead; less than 0 is behind."),
    )

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._log = _LogTime()

    @property
    def ahead_s(self) -> int:
        """Return how far the clock is ahead; 0 while it is right."""
        return self.number("ahead_s")

    def begins(self) -> None:
        """Set the clock wrong."""
        self._log.ahead_s = self.ahead_s
        for handler in logging.getLogger().handlers:
            handler.addFilter(self._log)
        self._clock.be_ahead_by(self.ahead_s * 1_000_000_000)

    def ends(self) -> None:
        """Set the clock right."""
        self._clock.be_ahead_by(0)
        for handler in logging.getLogger().handlers:
            handler.removeFilter(self._log)


class _LogTime(logging.Filter):
    """Gives each line of the log the time of the wrong clock."""

    ahead_s = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record's time, and pass it on."""
        record.created += self.ahead_s
        return True
