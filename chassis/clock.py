"""The time of day without its jumps: durations come from the monotonic clock.

The clock of a machine is set now and then: when a laptop or a virtual machine wakes, by NTP, by
hand. So a process notes what happens in steady nanoseconds (`time.monotonic_ns`), and turns them
into the time of day only when it tells others. The time between two things that are told together
is then right, even if the clock was set between them.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

# A smaller change is not worth a line: ntpd sets the clock only from 128 ms on.
LEAST_CHANGE_NS = 100_000_000
# Linux's two clocks run at the same rate. Elsewhere they drift apart, and we follow the drift.
LEAST_DRIFT_NS = 20_000
# How long times by the clock before a change may still be on their way to us.
LATE_FOR_NS = 10_000_000_000
LOOK_INTERVAL_S = 1.0
_LOOKS = 5

log = logging.getLogger(__name__)


class Clock:
    """Turns steady times into times of day and back, and notices when the clock is set.

    Args:
        wall: returns the time of day, in ns since the epoch.
        steady: returns a time that never jumps, in ns since any moment.
    """

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        steady: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall = self._right_wall = wall
        self.steady = steady
        self._lock = threading.Lock()
        _, self._offset_ns = self._best_look()
        # By steady time, when the clock was set, and the offset before that.
        self._earlier: deque[tuple[int, int]] = deque(maxlen=16)

    def offset_ns(self) -> int:
        """Return what has to be added to a steady time to get the time of day, as of now."""
        if abs(self._wall() - self.steady() - self._offset_ns) > LEAST_DRIFT_NS:
            self._adjust()
        return self._offset_ns

    def offset_of_ns(self, epoch_ns: int) -> int:
        """Return likewise what had been added to a time that another process has just told.

        Shortly after the clock was set, that may still be a time before it was. Of the two steady
        times that it may stand for, we take the one closer to now.
        """
        offset_ns, now_ns = self.offset_ns(), self.steady()
        if not self._earlier:
            return offset_ns
        recent = [offset for at_ns, offset in self._earlier if now_ns - at_ns < LATE_FOR_NS]
        return min([offset_ns, *recent], key=lambda it: abs(epoch_ns - it - now_ns))

    def be_ahead_by(self, ahead_ns: int) -> None:
        """Be wrong from now on, as a clock that was set wrong; 0 sets it right again."""
        right = self._right_wall
        self._wall = (lambda: right() + ahead_ns) if ahead_ns else right
        self.offset_ns()

    def watch(self, stop: threading.Event) -> None:
        """Look now and then, so that a change is said even if nothing else happens."""
        while not stop.wait(LOOK_INTERVAL_S):
            self.offset_ns()

    def _adjust(self) -> None:
        with self._lock:
            width_ns, offset_ns = self._best_look()
            change_ns = offset_ns - self._offset_ns
            if abs(change_ns) <= LEAST_DRIFT_NS + width_ns:
                return
            if abs(change_ns) >= LEAST_CHANGE_NS:
                self._earlier.append((self.steady(), self._offset_ns))
                log.warning("the clock went %s", in_words(change_ns))
            self._offset_ns = offset_ns

    def _best_look(self) -> tuple[int, int]:
        """Return the narrowest of some looks: a process may be put aside in the middle of one."""
        return min(self._look() for _ in range(_LOOKS))

    def _look(self) -> tuple[int, int]:
        """Return how long a look at both clocks took, and the offset, which is that exact."""
        before_ns = self.steady()
        wall_ns = self._wall()
        after_ns = self.steady()
        return after_ns - before_ns, wall_ns - (before_ns + after_ns) // 2


def in_words(change_ns: int) -> str:
    """Return by how much the clock was set, such as `back by 3,600 s` or `forward by 0.2 s`."""
    seconds = abs(change_ns) / 1e9
    way = "back" if change_ns < 0 else "forward"
    return f"{way} by {seconds:,.{0 if seconds >= 10 else 1}f} s"
