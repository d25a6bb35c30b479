"""The server of an HTTP app, with a loop in a thread of its own, and with limits."""

import asyncio
import errno
import logging
import os
import resource
import signal
import socket
import threading
import time
from contextlib import suppress
from email.utils import formatdate
from typing import TYPE_CHECKING, Self

import uvloop

from chassis.listening import MOST_PENDING
from chassis.serving.bridge import Bridge, Hold
from chassis.serving.connection import Connection
from chassis.serving.request import Request
from chassis.settings import Timeouts

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# What is left for everything else when the process has to end and has answered its requests.
_AFTER_ANSWERS_S = 1
_LOOK_INTERVAL_S = 1.0
_STOP_LOOK_S = 0.02
_OUT_OF_FILES = {errno.EMFILE, errno.ENFILE}
# After so many seconds without the lack of files, another one is news.
_SAID_FOR_S = 60.0

log = logging.getLogger(__name__)


class HttpServer:
    """Serves an app until its block ends, and finishes the requests in hand.

    Args:
        app: what answers.
        listeners: the sockets that it is asked on; they are closed at the end.
        threads: how many requests are worked on at a time.
        most_bytes: the longest body.
        timeouts: how long a client may take.
        hold: makes a request wait before it gets a thread.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        listeners: list[socket.socket],
        threads: int,
        most_bytes: int,
        timeouts: Timeouts,
        hold: Hold | None = None,
    ) -> None:
        self.date = ""
        self.most_bytes = most_bytes
        self.connections: set[Connection] = set()
        self._listeners = listeners
        self._timeouts = timeouts
        self._bridge = Bridge(app, threads, hold)
        self._out_of_files_at = float("-inf")
        self._ends = False
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="http-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ends = True
        # The loop may have ended by itself.
        with suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._bridge.close()

    def answer(self, connection: Connection, request: Request) -> None:
        """Have a request of a connection answered."""
        self._bridge.answer(connection, request)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._serve())
        finally:
            if not self._ends:
                # Without its port the process is of no use, and whoever started it starts it again.
                log.critical("the HTTP server has failed, so this process ends")
                os.kill(os.getpid(), signal.SIGTERM)

    async def _serve(self) -> None:
        self._loop = loop = asyncio.get_running_loop()
        self._tell_the_time()
        servers = [
            await loop.create_server(lambda: Connection(self), sock=listener, backlog=MOST_PENDING)
            for listener in self._listeners
        ]
        while not self._ends:
            self._look_after_connections()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _LOOK_INTERVAL_S)
        for server in servers:
            server.close()
        await self._finish()

    def _look_after_connections(self) -> None:
        """Do what is to be done once a second."""
        self._tell_the_time()
        now = time.monotonic()
        for connection in list(self.connections):
            connection.end_if_stuck(self._timeouts, now)
        if _no_file_is_left():
            self._make_room(now)

    def _tell_the_time(self) -> None:
        self.date = f"date: {formatdate(usegmt=True)}\r\n"

    async def _finish(self) -> None:
        """Finish the requests in hand; whoever has not taken his answer by then is cut off."""
        latest = time.monotonic() + self._timeouts.shutdown_s - _AFTER_ANSWERS_S
        while self.connections and time.monotonic() < latest:
            # Again, as one that was taken just before the listeners were closed may come late.
            for connection in list(self.connections):
                connection.finish()
            await asyncio.sleep(_STOP_LOOK_S)
        if self.connections:
            log.warning("%d connections are cut off before they were done", len(self.connections))
        for connection in list(self.connections):
            connection.abort()
        await asyncio.sleep(0)

    def _make_room(self, now: float) -> None:
        """Let go of the connections that have been quiet longest."""
        connections = self.connections
        if now - self._out_of_files_at > _SAID_FOR_S:
            most, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            log.error(
                "too many open files: at most %d are allowed (ulimit -n), and %d connections are "
                "open; those that have been quiet longest are closed",
                most,
                len(connections),
            )
        self._out_of_files_at = now
        quiet = [it for it in connections if not it.is_busy()]
        quiet.sort(key=lambda it: it.quiet_since)
        for connection in quiet[: len(quiet) // 4 + 1]:
            connection.abort()


def _no_file_is_left() -> bool:
    """Return whether no more files can be opened.

    libuv says nothing of it: it takes a connection with a file that it keeps for this case, and
    closes it at once.
    """
    try:
        os.close(os.open("/", os.O_RDONLY))
    except OSError as error:
        return error.errno in _OUT_OF_FILES
    return False
