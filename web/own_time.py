"""Web's own time, in which all lies that it knows and tells: it never jumps.

It is the time of day at which web started, and the steady time since. The clock of the machine may
be set at any moment. If what web knows lay in the time of day, a read after that would seem to have
been asked before the event that it shows, and no read would count for as long as the clock was set
back. So web puts each time that it is told into its own time, and nothing that it keeps ever has to
be moved.
"""

from chassis.clock import Clock
from web.journeys.journey import ms
from web.journeys.spans import Span, moved


class OwnTime:
    """Gives the time, and puts what others tell into it.

    Args:
        clock: the clock of this machine, by which the other processes tell their times, too.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._first_ns = clock.offset_ns()

    def now_ns(self) -> int:
        """Return the time now, in ns since the epoch."""
        return self._clock.steady() + self._first_ns

    def now_ms(self) -> float:
        """Return the time now, in ms since the epoch, to the microsecond."""
        return ms(self.now_ns())

    def of(self, span: Span) -> Span:
        """Return a span that has just arrived, in this time."""
        return moved(span, self._first_ns - self._clock.offset_of_ns(span.end_ns))

    def day_ahead_ms(self) -> float:
        """Return by how much the time of day is ahead of this time, in ms."""
        return ms(self._clock.offset_ns() - self._first_ns)
