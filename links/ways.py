"""Ways: which processes are to come through the proxy, and which do.

A process asks, and its question waits here until the answer is another one than before, or until
its time is over (chassis/routes.py is the other side).
"""

import asyncio
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

# How long whoever sets a toxic waits for the process to come. Between two questions a process is
# away for less.
COMES_WITHIN_S = 3.0
# Connections are led back once nothing has been on for so long.
LINGER_S = 2.0
_FOR_EVER = float("inf")


@dataclass
class _Asker:
    """One process that asks; several may have the same name.

    Args:
        comes: the links that it comes through.
        is_asking: whether a question of it waits here.
        asked_at: when its last question was answered.
    """

    comes: frozenset[str]
    is_asking: bool = True
    asked_at: float = 0.0

    def is_there(self) -> bool:
        """Return whether it asks, or has just been answered and goes by that."""
        return self.is_asking or time.monotonic() - self.asked_at < COMES_WITHIN_S


class Ways:
    """Who is to come through, and who does. From any thread.

    Args:
        ports: where each link listens, by its name, for each process that may come.
    """

    def __init__(self, ports: Mapping[str, Mapping[str, int]]) -> None:
        self._ports = ports
        self._process_of = {link: process for process, links in ports.items() for link in links}
        # Until when each link is wanted.
        self._wanted: dict[str, float] = {}
        self._askers: dict[str, dict[str, _Asker]] = {process: {} for process in ports}
        # At first they are about to find us.
        self._found_by = time.monotonic() + COMES_WITHIN_S
        self._changed = threading.Condition()
        self._bells: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def bring(self, link: str) -> bool:
        """Have the link's process come through; return whether it does, in time.

        If it does not ask just now, it is not there, and will be told when it is.
        """
        with self._changed:
            self._wanted[link] = _FOR_EVER
            self._ring()
            self._changed.wait_for(lambda: self._all_come(link), COMES_WITHIN_S)
            return self._all_come(link)

    def want(self, link: str, is_toxic: bool) -> None:
        """Have the link's process come through, or lead it back in a while."""
        with self._changed:
            if is_toxic:
                self._wanted[link] = _FOR_EVER
            elif self._wanted.get(link) == _FOR_EVER:
                self._wanted[link] = time.monotonic() + LINGER_S
            self._ring()

    def knows(self, process: str) -> bool:
        """Return whether a process has links."""
        return process in self._ports

    def wanted_of(self, process: str) -> dict[str, int]:
        """Return where a process is to come through now: the port of each such link."""
        now = time.monotonic()
        ports = self._ports[process]
        return {link: port for link, port in ports.items() if self._wanted.get(link, 0) > now}

    async def news(self, process: str, who: str, comes: Collection[str], wait_s: float) -> None:
        """Wait until a process is to do something else than it does, at most so long.

        Args:
            process: its name.
            who: tells it from others of that name.
            comes: the links that it comes through.
            wait_s: how long at most.
        """
        ends_at = time.monotonic() + wait_s
        bell = asyncio.Event()
        mine = asyncio.get_running_loop(), bell
        asker = _Asker(frozenset(comes))
        with self._changed:
            askers = self._askers[process]
            self._askers[process] = {it: of for it, of in askers.items() if of.is_there()}
            self._askers[process][who] = asker
            self._bells.add(mine)
            self._changed.notify_all()
        try:
            while self.wanted_of(process).keys() == set(comes):
                left_s = min(ends_at, self._next_end(process)) - time.monotonic()
                if time.monotonic() >= ends_at:
                    return
                await _first(bell, max(left_s, 0.001))
                bell.clear()
        except asyncio.CancelledError:
            # It is gone; another of its kind begins anew.
            self._askers[process].pop(who, None)
            raise
        finally:
            with self._changed:
                self._bells.discard(mine)
                asker.is_asking, asker.asked_at = False, time.monotonic()

    def _all_come(self, link: str) -> bool:
        """Return whether each process that is there comes through, by what it said last."""
        askers = self._askers[self._process_of[link]].values()
        there = [asker for asker in askers if asker.is_there()]
        is_known = bool(there) or time.monotonic() > self._found_by
        return is_known and all(link in asker.comes for asker in there)

    def _next_end(self, process: str) -> float:
        now = time.monotonic()
        ends = [self._wanted.get(link, 0) for link in self._ports[process]]
        return min((end for end in ends if end > now), default=_FOR_EVER)

    def _ring(self) -> None:
        for loop, bell in self._bells:
            # The loop is closed when the process ends.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(bell.set)


async def _first(bell: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await bell.wait()
