"""A brief cache: requests at about the same time share one answer, however large the room is."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class BriefCache(Generic[T]):
    """Makes a value once for all callers within a moment.

    Args:
        for_s: how long a value is shared, in seconds.
        clock: returns seconds that never go back.
    """

    def __init__(self, for_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._for_s = for_s
        self._clock = clock
        self._lock = threading.Lock()
        self._made: dict[Hashable, tuple[float, T]] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value, made now if none is recent enough.

        Args:
            key: what is asked for. Use only a few keys: each keeps its last value.
            make: makes it. Callers that come meanwhile wait for it.
        """
        with self._lock:
            made = self._made.get(key)
            if made is None or self._clock() - made[0] >= self._for_s:
                value = make()
                made = self._made[key] = (self._clock(), value)
            return made[1]
