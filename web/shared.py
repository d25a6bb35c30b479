"""Shared: what is dear to make is made once for all who ask meanwhile, and is never old."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Makes a value for all who had asked when its making began, and then forgets it.

    Args:
        apart_s: the least time from the beginning of one making to the next, in seconds.
    """

    def __init__(self, apart_s: float) -> None:
        self._apart_s = apart_s
        self._lock = threading.Lock()
        self._begun = 0
        self._began_s = float("-inf")
        self._waiting = 0
        self._made: tuple[int, T] | None = None

    def get(self, make: Callable[[], T]) -> T:
        """Return a value whose making began after this call."""
        before = self._begun
        self._waiting += 1
        with self._lock:
            try:
                if self._made is None or self._made[0] <= before:
                    self._made = self._make(make)
                return self._made[1]
            finally:
                self._waiting -= 1
                if not self._waiting:
                    self._made = None

    def _make(self, make: Callable[[], T]) -> tuple[int, T]:
        time.sleep(max(0.0, self._began_s + self._apart_s - time.monotonic()))
        self._begun += 1
        self._began_s = time.monotonic()
        return self._begun, make()
