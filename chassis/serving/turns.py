"""Threads that take turns at the work of many requests."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
_Turn = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class Turns:
    """Works on as many requests at a time as it may have threads, first come, first served.

    A turn goes to the thread that has been idle for the shortest time: what it needs is still in
    the processor's caches, and under a light load one thread does it all.

    `loop.run_in_executor` costs more: it makes two futures for each call, chains them, and wakes
    whichever thread has been idle longest (docs/bench/measurements.md).
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._lock = threading.Lock()
        self._threads = 0
        self._idle: list[SimpleQueue[_Turn | None]] = []
        self._waiting: deque[_Turn] = deque()
        self._is_open = True

    async def run(self, work: Callable[[], T]) -> T:
        """Return what the work returns, done by one of the threads. Raises what it raises."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._give((work, done))
        return await done

    def close(self) -> None:
        """Let each thread end once it has nothing to do."""
        with self._lock:
            self._is_open = False
            idle, self._idle = self._idle, []
        for mine in idle:
            mine.put(None)

    def _give(self, turn: _Turn) -> None:
        with self._lock:
            if self._idle:
                self._idle.pop().put(turn)
            elif self._threads < self._most:
                self._threads += 1
                self._start(turn)
            else:
                self._waiting.append(turn)

    def _start(self, turn: _Turn) -> None:
        name = f"{self._name}-{self._threads}"
        threading.Thread(target=self._take_turns, args=(turn,), name=name, daemon=True).start()

    def _take_turns(self, first: _Turn) -> None:
        mine: SimpleQueue[_Turn | None] = SimpleQueue()
        turn: _Turn | None = first
        while turn is not None:
            _carry_out(*turn)
            # What was done must not stay in memory until the next turn.
            del turn
            turn = self._next(mine)

    def _next(self, mine: "SimpleQueue[_Turn | None]") -> _Turn | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if not self._is_open:
                return None
            self._idle.append(mine)
        return mine.get()


def _carry_out(work: Callable[[], Any], done: "asyncio.Future[Any]") -> None:
    value = error = None
    try:
        value = work()
    except BaseException as raised:  # noqa: BLE001, the request's own task raises it
        error = raised
    # The loop is closed when the process ends without waiting for this request.
    with suppress(RuntimeError):
        done.get_loop().call_soon_threadsafe(_settle, done, value, error)


def _settle(done: "asyncio.Future[Any]", value: Any, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(value)
    else:
        done.set_exception(error)
