"""Which traces are recorded: decided once, at the edge, and carried in the traceparent."""

import time
from collections.abc import Callable
from threading import Lock


class TracesPerSecond:
    """Lets the first traces of each second begin, up to a limit, and no more.

    A share of the traffic would lose single commands in a quiet room; a limit shows each of them
    and still bounds what tracing costs. In a flood nobody follows single commands, and the cores
    have other work: the second after one that went over the limit gets a fifth of it, in five
    parts. Traced all at once, they would delay each other, and show a wait that the others do
    not have. The decision is made here, at the edge, and not by the SDK's sampler, which
    would still make a span for each request that is not recorded.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        in_flood = max(limit // 5, min(limit, 1))
        self._parts = max(min(in_flood, 5), 1)
        self._in_part = in_flood // self._parts
        self._clock = clock
        self._second = self._asked = 0
        self._part = self._asked_in_part = 0
        self._is_flood = False
        self._lock = Lock()

    def take(self) -> bool:
        """Return whether one more may begin now."""
        now_s = self._clock()
        with self._lock:
            self._count(int(now_s), int(now_s * self._parts))
            if self._is_flood:
                return self._asked_in_part <= self._in_part
            return self._asked <= self._limit

    def _count(self, second: int, part: int) -> None:
        if second != self._second:
            self._is_flood = second == self._second + 1 and self._asked > self._limit
            self._second, self._asked = second, 0
        if part != self._part:
            self._part, self._asked_in_part = part, 0
        self._asked += 1
        self._asked_in_part += 1
