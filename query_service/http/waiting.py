"""Reads that wait for versions: none has a thread, and one look at the read model serves many."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

# A read is looked after at once, then after this, and then less and less often.
_FIRST_PAUSE_S = 0.002
_LONGEST_PAUSE_S = 0.050
# A look takes along the reads that are due soon.
_SOON_S = 0.010

# Returns the versions that the read model has of some todos.
Held = Callable[[Iterable[int]], Mapping[int, int]]


class TooManyWaiting(Exception):
    """No more reads may wait; the text says how many do."""


@dataclass(eq=False)
class _Read:
    """A read that waits, until it lacks nothing or its time is over."""

    lacks: dict[int, int]
    ends_at: float
    due_at: float
    done: "asyncio.Future[dict[int, int]]"
    pause_s: float = field(default=_FIRST_PAUSE_S)


class WaitingReads:
    """The reads that wait now; used from one event loop.

    Args:
        held: looks at the read model; called in a thread.
        most: how many reads may wait at a time.
    """

    def __init__(self, held: Held, most: int) -> None:
        self._held = held
        self._most = most
        self._reads: set[_Read] = set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="waiting-reads")
        self._arrived = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._ends = False

    async def until(self, wanted: Mapping[int, int], wait_s: float) -> dict[int, int]:
        """Wait until the read model has the wanted versions, and return what it still lacks.

        Args:
            wanted: the lowest acceptable version of each todo.
            wait_s: how long to wait at most; with 0 there is one look.

        Raises TooManyWaiting, and what `held` raises.
        """
        if len(self._reads) >= self._most:
            raise TooManyWaiting(f"{self._most} reads are waiting.")
        loop = asyncio.get_running_loop()
        now = loop.time()
        read = _Read(dict(wanted), now + wait_s, now, loop.create_future())
        self._reads.add(read)
        self._arrived.set()
        if self._looking is None:
            self._looking = loop.create_task(self._look_after_all())
        try:
            return await read.done
        finally:
            self._reads.discard(read)

    def end(self) -> None:
        """Let all of them wait no longer; from any thread, when the process has to end."""
        self._ends = True

    async def _look_after_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._reads:
            self._arrived.clear()
            soon = loop.time() + _SOON_S
            await self._look([read for read in self._reads if read.due_at <= soon])
            if self._reads:
                pause_s = min(read.due_at for read in self._reads) - loop.time()
                if pause_s > 0:
                    await _first(self._arrived, pause_s)
        self._looking = None

    async def _look(self, reads: list[_Read]) -> None:
        loop = asyncio.get_running_loop()
        todo_ids = {todo_id for read in reads for todo_id in read.lacks}
        try:
            held = await loop.run_in_executor(self._thread, self._held, todo_ids)
        except Exception as error:  # noqa: BLE001, each of the reads raises it
            for read in reads:
                _settle(self._reads, read, error)
            return
        now = loop.time()
        for read in reads:
            read.lacks = lacking(read.lacks, held)
            if not read.lacks or now >= read.ends_at or self._ends:
                _settle(self._reads, read, None)
            else:
                read.due_at = min(now + read.pause_s, read.ends_at)
                read.pause_s = min(read.pause_s * 1.5, _LONGEST_PAUSE_S)


def lacking(wanted: Mapping[int, int], held: Mapping[int, int]) -> dict[int, int]:
    """Return those of the wanted versions that the held ones do not reach."""
    return {
        todo_id: version for todo_id, version in wanted.items() if held.get(todo_id, 0) < version
    }


def _settle(reads: set[_Read], read: _Read, error: Exception | None) -> None:
    reads.discard(read)
    if read.done.done():
        return
    if error is None:
        read.done.set_result(read.lacks)
    else:
        read.done.set_exception(error)


async def _first(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
