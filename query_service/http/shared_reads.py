"""One read for all requests that ask for the same page at the same time.

A read that begins after a request has arrived is fresh enough for it. So while a page is being
read, the requests for that page gather, and the next read serves them all: a room that looks at
one page costs hardly more than one reader, and nobody is shown anything older than they would be
without this.
"""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class _Read(Generic[T]):
    """One read, and the requests that wait for it."""

    before: "_Read[T] | None"
    # Locked until the read is done. The waiting threads pass it on one by one; an Event would wake
    # them all at once, only to wait for the interpreter's lock.
    gate: threading.Lock = field(default_factory=threading.Lock)
    value: T | None = None
    error: BaseException | None = None

    def wait(self) -> None:
        """Wait until it is done."""
        with self.gate:
            pass


class SharedReads(Generic[T]):
    """Gathers requests for the same page while one read of it is under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gathering: dict[Hashable, _Read[T]] = {}
        self._under_way: dict[Hashable, _Read[T]] = {}

    def __call__(self, key: Hashable, read: Callable[[], T]) -> T:
        """Return the result of a read that begins now or later. Raises what the read raises.

        Args:
            key: what is read; requests with the same key may share a result.
            read: reads it; called by one of the requests that gather.
        """
        with self._lock:
            mine = self._gathering.get(key)
            leads = mine is None
            if mine is None:
                mine = self._gathering[key] = _Read(self._under_way.get(key))
                mine.gate.acquire()
        if leads:
            self._lead(key, mine, read)
        else:
            mine.wait()
        if mine.error is not None:
            raise mine.error
        return mine.value  # type: ignore[return-value]  # done and without error: there is one

    def _lead(self, key: Hashable, mine: _Read[T], read: Callable[[], T]) -> None:
        if mine.before is not None:
            mine.before.wait()
            mine.before = None
        with self._lock:
            # It begins now, so it is too old for a request that arrives from here on.
            del self._gathering[key]
            self._under_way[key] = mine
        try:
            mine.value = read()
        except BaseException as error:  # noqa: BLE001, every waiting request gets it
            mine.error = error
        finally:
            with self._lock:
                del self._under_way[key]
            mine.gate.release()
