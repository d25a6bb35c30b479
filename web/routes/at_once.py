"""At once: how many requests of a kind may be under way, so that those that wait leave room."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from chassis.problems import too_many_waiting


class AtOnce:
    """Lets so many through at once, and tells the others to come again.

    Args:
        most: how many.
    """

    def __init__(self, most: int) -> None:
        self._free = BoundedSemaphore(most)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Let one through. Raises Problem, at once, if there are too many."""
        if not self._free.acquire(blocking=False):
            raise too_many_waiting("Nothing was changed. Try again.")
        try:
            yield
        finally:
            self._free.release()
