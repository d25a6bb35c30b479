"""Errands: work that others have for the thread that consumes, as only that may use the channel."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

W = TypeVar("W")
T = TypeVar("T")

# It may have a batch in hand, which waits for MongoDB.
DONE_WITHIN_S = 5.0


class TooBusy(Exception):
    """The thread that consumes did not get round to it in time."""


class Errands(Generic[W]):
    """Takes work to the thread that consumes.

    Args:
        wake: ends that thread's wait for messages.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._asked: SimpleQueue[tuple[Callable[[W], Any], Future[Any]]] = SimpleQueue()

    def ask(self, work: Callable[[W], T]) -> T:
        """Have something done, and return what it returns. Raises TooBusy, and what it raises."""
        done = Future[T]()
        self._asked.put((work, done))
        self._wake()
        try:
            return done.result(DONE_WITHIN_S)
        except TimeoutError:
            if done.cancel():
                raise TooBusy from None
            return done.result()

    def run(self, tool: W) -> bool:
        """Do what has been asked, with this, and return whether there was anything.

        For the thread that consumes, between two batches.
        """
        was_asked = False
        while not self._asked.empty():
            was_asked = True
            work, done = self._asked.get()
            if done.set_running_or_notify_cancel():
                try:
                    done.set_result(work(tool))
                except BaseException as error:
                    done.set_exception(error)
                    raise
        return was_asked
