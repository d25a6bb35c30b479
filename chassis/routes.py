"""Routes: which way a process's connections go, directly or through the lab's proxy.

Directly, unless the process `links` asks for another way, which it does while something is on at
that link (docs/decisions/0041). The process asks it what it should do, and its question waits there
for an answer. While the question has none, the last answer holds; when `links` does not answer in
time, or is gone, all go directly again. So nothing is asked at rest, and no way outlives `links`.
"""

import http.client
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlsplit

# How long a question waits for an answer: while all go directly, and while one does not.
WAIT_S, LEASE_S = 30.0, 2.0
# How much later an answer may come than it should.
LATE_S = 2.0
# What `links` is asked first must not hold up the start of a process by more.
FIRST_WITHIN_S = 0.5
AGAIN_AFTER_S = 1.0
# A process has its connections go another way at its next quiet point; that may be far away.
ARRIVES_WITHIN_S = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Way:
    """The way through the proxy: where that listens for this link."""

    host: str
    port: int


class Route:
    """The way to one server. Connections are made by `way`; who keeps one compares it."""

    def __init__(self, link: str) -> None:
        self.link = link
        # Replaced as a whole, by the thread that asks; None is directly.
        self.way: Way | None = None
        self._moves: list[Callable[[], int | None]] = []
        # The way of a connection whose owner moves it, if there is such an owner.
        self._owned = False
        self._arrived_by: Way | None = None
        self._arrival = threading.Condition()

    def on_change(self, move: Callable[[], int | None]) -> None:
        """Have something called when the way is another one.

        Args:
            move: has connections go the new way now, or has their owner woken, who does it at the
                next quiet point; may return how many it has moved now.
        """
        self._moves.append(move)

    def arrived(self, way: Way | None) -> None:
        """Note that a connection whose owner moves it goes this way now."""
        with self._arrival:
            self._owned, self._arrived_by = True, way
            self._arrival.notify_all()

    def lead(self, way: Way | None) -> None:
        """Lead another way from now on; return once connections go there, if that is soon."""
        if way == self.way:
            return
        self.way = way
        moved = sum(move() or 0 for move in self._moves)
        log.info(
            "%s: connections go %s from now on; %d were moved at once",
            self.link,
            f"through the lab's proxy, {way.host}:{way.port}," if way else "directly",
            moved,
        )
        with self._arrival:
            self._arrival.wait_for(
                lambda: not self._owned or self._arrived_by == way, ARRIVES_WITHIN_S
            )


class Routes:
    """The routes of one process, which ask `links` where they should lead.

    Args:
        process: the process's name.
        url: where `links` answers; "" if there is none, and then nothing is ever asked.
    """

    def __init__(self, process: str, url: str) -> None:
        self._process = process
        # There may be several of that name.
        self._who = token_hex(8)
        self._url = urlsplit(url)
        self._routes: dict[str, Route] = {}
        self._connection: http.client.HTTPConnection | None = None

    def route(self, link: str) -> Route:
        """Return the route to the server of a link; ask for all of them before `start`."""
        return self._routes.setdefault(link, Route(link))

    def start(self, stop: threading.Event) -> None:
        """Ask once, for a short time, and go on asking in a thread of its own until `stop`."""
        if self._url.hostname and self._routes:
            # To look up a name has no time limit, and without a network it may take long.
            asked = threading.Event()

            def run() -> None:
                self._follow(0, FIRST_WITHIN_S)
                asked.set()
                self.run(stop)

            threading.Thread(target=run, name="routes", daemon=True).start()
            asked.wait(FIRST_WITHIN_S)

    def run(self, stop: threading.Event) -> None:
        """Ask until `stop`."""
        while self._url.hostname and not stop.is_set():
            is_direct = all(route.way is None for route in self._routes.values())
            wait_s = WAIT_S if is_direct else LEASE_S
            if not self._follow(wait_s, wait_s + LATE_S):
                stop.wait(AGAIN_AFTER_S)

    def _follow(self, wait_s: float, within_s: float) -> bool:
        try:
            return self._ask(wait_s, within_s)
        except Exception:
            # Or what goes through the proxy would do so for good.
            log.exception("connections cannot go another way")
            return False

    def _ask(self, wait_s: float, within_s: float) -> bool:
        """Ask where the routes should lead, and follow; return whether there was an answer."""
        through = ",".join(sorted(name for name, it in self._routes.items() if it.way))
        path = (
            f"/routes/{quote(self._process)}?who={self._who}"
            f"&through={quote(through)}&wait_s={wait_s:g}"
        )
        wanted: Mapping[str, Any] = {}
        try:
            wanted = self._answer(path, within_s)
        except (OSError, http.client.HTTPException, ValueError):
            self._hang_up()
            return False
        finally:
            for name, route in self._routes.items():
                port = wanted.get(name)
                host = str(self._url.hostname)
                route.lead(Way(host, port) if isinstance(port, int) else None)
        return True

    def _answer(self, path: str, within_s: float) -> Mapping[str, Any]:
        if self._connection is None:
            host, port = str(self._url.hostname), self._url.port or 80
            self._connection = http.client.HTTPConnection(host, port, timeout=within_s)
        self._connection.timeout = within_s
        if self._connection.sock is not None:
            self._connection.sock.settimeout(within_s)
        deadline = time.monotonic() + within_s
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        body = answer.read(65536)
        if answer.status != 200 or time.monotonic() > deadline:
            raise ValueError(answer.status)
        through = json.loads(body)["through"]
        return through if isinstance(through, dict) else {}

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.close()
