"""One at a time: whoever puts the stack right does so alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.problems import Problem


class OneAtATime:
    """Lets one at a time put the stack right."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextmanager
    def alone(self, within_s: float = 0.0) -> Iterator[None]:
        """Be the only one. Raises Problem.

        Args:
            within_s: how long to wait for the end of what another does.
        """
        if not self._lock.acquire(blocking=within_s > 0, timeout=within_s if within_s > 0 else -1):
            title = "The stack is being put right already."
            raise Problem(409, "being-mended", title, "Wait until that is over.")
        try:
            yield
        finally:
            self._lock.release()
