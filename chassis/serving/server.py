"""The server of an HTTP app: uvicorn, in a thread of its own, with limits."""

import asyncio
import errno
import logging
import os
import resource
import signal
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import uvicorn
import uvloop

from chassis.listening import MOST_PENDING
from chassis.serving.bridge import Bridge, Hold
from chassis.serving.connection import Connection
from chassis.settings import Timeouts

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# How long the requests in hand may take when the process has to end.
LONGEST_STOP_S = 5
_LOOK_INTERVAL_S = 1.0
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
        self._listeners = listeners
        self._bridge = Bridge(app, threads, most_bytes, hold)
        config = uvicorn.Config(
            self._bridge,  # it takes requests only; "lifespan" is off
            http=Connection,
            ws="none",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            log_config=None,
            access_log=False,
            timeout_keep_alive=timeouts.idle_s,
            timeout_graceful_shutdown=LONGEST_STOP_S,
            backlog=MOST_PENDING,
        )
        self._server = _Server(config, timeouts)
        self._thread = threading.Thread(target=self._run, name="http-server", daemon=True)

    def __enter__(self) -> Self:
        # uvicorn warns of each request that is not HTTP, and any client could fill the log so.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.stop()
        self._thread.join()
        self._bridge.close()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._server.serve(self._listeners))
        finally:
            if not self._server.should_exit:
                # Without its port the process is of no use, and whoever started it starts it again.
                log.critical("the HTTP server has failed, so this process ends")
                os.kill(os.getpid(), signal.SIGTERM)


class _Server(uvicorn.Server):
    """uvicorn's server, which looks after its connections once a second."""

    def __init__(self, config: uvicorn.Config, timeouts: Timeouts) -> None:
        super().__init__(config)
        self._timeouts = timeouts
        self._out_of_files_at = float("-inf")
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Ask it to end; from any thread."""
        self.should_exit = True
        # The loop may have ended by itself.
        with suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        """Serve until it is stopped. uvicorn's own loop wakes ten times a second."""
        self._loop = asyncio.get_running_loop()
        while not self.should_exit:
            await self.on_tick(0)
            now = self._loop.time()
            for connection in self._connections():
                connection.end_if_stuck(self._timeouts, now)
            if _no_file_is_left():
                self._make_room(now)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _LOOK_INTERVAL_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish the requests in hand; whoever has not taken his answer by then is cut off."""
        await super().shutdown(sockets)
        for connection in self._connections():
            connection.transport.abort()
        await asyncio.sleep(0)

    def _connections(self) -> list[Connection]:
        return [each for each in self.server_state.connections if isinstance(each, Connection)]

    def _make_room(self, now: float) -> None:
        """Let go of the connections that have been quiet longest."""
        connections = self._connections()
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
            connection.transport.abort()


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
