"""Threads that take turns at the work of many requests."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

Turn = Callable[[], None]

log = logging.getLogger(__name__)


class Turns:
    """Works on as many requests at a time as it may have threads, first come, first served.

    A turn goes to the thread that has been idle for the shortest time: what it needs is still in
    the processor's caches, and under a light load one thread does it all. Nobody is told that it is
    over; that is up to the turn.

    `loop.run_in_executor` costs more: it makes two futures for each call, chains them, and wakes
    whichever thread has been idle longest (docs/bench/measurements.md).
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._lock = threading.Lock()
        self._threads = 0
        self._idle: list[SimpleQueue[Turn | None]] = []
        self._waiting: deque[Turn] = deque()
        self._is_open = True

    def give(self, turn: Turn) -> None:
        """Have one of the threads do this; from any thread.

        Raises RuntimeError if the system lets there be no thread at all.
        """
        with self._lock:
            if self._idle:
                self._idle.pop().put(turn)
            elif self._threads < self._most:
                self._start(turn)
            else:
                self._waiting.append(turn)

    def close(self) -> None:
        """Let each thread end once it has nothing to do."""
        with self._lock:
            self._is_open = False
            idle, self._idle = self._idle, []
        for mine in idle:
            mine.put(None)

    def _start(self, turn: Turn) -> None:
        name = f"{self._name}-{self._threads + 1}"
        thread = threading.Thread(target=self._take_turns, args=(turn,), name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            if self._threads == 0:
                raise
            # One of those that are there takes it, and the next turn tries again.
            log.warning("no thread could be started; there are %d", self._threads)
            self._waiting.append(turn)
        else:
            self._threads += 1

    def _take_turns(self, first: Turn) -> None:
        mine: SimpleQueue[Turn | None] = SimpleQueue()
        turn: Turn | None = first
        while turn is not None:
            try:
                turn()
            except Exception:
                log.exception("a turn has failed")
            # What was done must not stay in memory until the next turn.
            del turn
            turn = self._next(mine)

    def _next(self, mine: "SimpleQueue[Turn | None]") -> Turn | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if not self._is_open:
                return None
            self._idle.append(mine)
        return mine.get()
