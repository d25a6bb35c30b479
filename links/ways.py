"""Ways: which processes are to come through the proxy, and which do.

A process asks, and its question waits here until the answer is another one than before, or until
its time is over (chassis/routes.py is the other side).
"""

import asyncio
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress

# How long whoever sets a toxic waits for the process to come. Between two questions a process is
# away for less.
COMES_WITHIN_S = 3.0
# Connections are led back once nothing has been on for so long.
LINGER_S = 2.0
_FOR_EVER = float("inf")


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
        self._come: dict[str, frozenset[str]] = dict.fromkeys(ports, frozenset())
        self._asking = dict.fromkeys(ports, 0)
        # At first they are about to find us.
        self._asked_at = dict.fromkeys(ports, time.monotonic())
        self._changed = threading.Condition()
        self._bells: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def bring(self, link: str) -> bool:
        """Have the link's process come through; return whether it does, in time.

        If it does not ask just now, it is not there, and will be told when it is.
        """
        process = self._process_of[link]
        with self._changed:
            self._wanted[link] = _FOR_EVER
            self._ring()
            self._changed.wait_for(
                lambda: self.comes(link) or not self._is_there(process), COMES_WITHIN_S
            )
        return self.comes(link)

    def want(self, link: str, is_toxic: bool) -> None:
        """Have the link's process come through, or lead it back in a while."""
        with self._changed:
            if is_toxic:
                self._wanted[link] = _FOR_EVER
            elif self._wanted.get(link) == _FOR_EVER:
                self._wanted[link] = time.monotonic() + LINGER_S
            self._ring()

    def comes(self, link: str) -> bool:
        """Return whether the link's process comes through, by what it said last."""
        return link in self._come[self._process_of[link]]

    def knows(self, process: str) -> bool:
        """Return whether a process has links."""
        return process in self._ports

    def wanted_of(self, process: str) -> dict[str, int]:
        """Return where a process is to come through now: the port of each such link."""
        now = time.monotonic()
        ports = self._ports[process]
        return {link: port for link, port in ports.items() if self._wanted.get(link, 0) > now}

    async def news(self, process: str, comes: Collection[str], wait_s: float) -> None:
        """Wait until a process is to do something else than it does, at most so long."""
        ends_at = time.monotonic() + wait_s
        bell = asyncio.Event()
        mine = asyncio.get_running_loop(), bell
        with self._changed:
            self._come[process] = frozenset(comes)
            self._asking[process] += 1
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
            self._come[process] = frozenset()
            raise
        finally:
            with self._changed:
                self._bells.discard(mine)
                self._asking[process] -= 1
                self._asked_at[process] = time.monotonic()

    def _is_there(self, process: str) -> bool:
        is_between = time.monotonic() - self._asked_at[process] < COMES_WITHIN_S
        return self._asking[process] > 0 or is_between

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
