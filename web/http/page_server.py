"""The page's server: it accepts connections while there is room, and keeps health within reach."""

from __future__ import annotations

import errno
import logging
import socket
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import eventlet
import eventlet.wsgi

from chassis.browsers import told
from chassis.problems import Problem
from chassis.settings import Timeouts
from web.http.bodies import in_time
from web.http.connection import Connection
from web.http.idle import Idle
from web.http.protocol import TimedServer

if TYPE_CHECKING:
    from threading import Event

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Beyond the limit, connections for those who ask whether we are alive, and to say no to the others.
RESERVE = 64
ANSWERED_WHEN_FULL = frozenset({"/healthz", "/readyz"})
# What accept() says when the process, or the machine, has no room for another open file.
OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
ACCEPT_AGAIN_AFTER_S = 0.2
# One that ends lets one in, and then there is no room again: that is not worth two lines each time.
OUT_OF_FILES_FOR_S = 5.0
ACCEPTED_IN_A_TURN = 32

log = logging.getLogger(__name__)


class PageServer:
    """Serves an app on eventlet.

    Args:
        app: what answers.
        timeouts: how long a client may take.
        most: how many connections there may be at once.
    """

    def __init__(self, app: WSGIApplication, timeouts: Timeouts, most: int) -> None:
        self._app = in_time(app)
        self._timeouts = timeouts
        self._most = most
        self._idle = Idle()
        self._pool = eventlet.GreenPool(most + RESERVE)
        self._out_of_files_s: float | None = None
        # Its own answer to a long header is no problem document; the app's limit is lower (431).
        eventlet.wsgi.MAX_HEADER_LINE = eventlet.wsgi.MAX_TOTAL_HEADER_SIZE

    def serve(self, listeners: Sequence[socket.socket], stop: Event) -> None:
        """Serve until stopped, and finish the requests in hand."""
        acceptors = [eventlet.spawn(self._accept, listener) for listener in listeners]
        stop.wait()
        for acceptor in acceptors:
            acceptor.kill()
        for listener in listeners:
            listener.close()
        self._idle.end_all()
        self._pool.waitall()

    def _accept(self, listener: socket.socket) -> None:
        ways_in = [
            TimedServer(listener, told(app), self._timeouts, self._idle, keepalive=keepalive)
            for app, keepalive in ((self._app, True), (_only_health(self._app), False))
        ]
        accepted = 0
        while True:
            try:
                sock, address = listener.accept()
            except OSError as error:
                self._note(error)
                eventlet.sleep(ACCEPT_AGAIN_AFTER_S)
                continue
            self._take(sock, address, *ways_in)
            # Those who are here have their turn, however many arrive.
            accepted += 1
            if accepted % ACCEPTED_IN_A_TURN == 0:
                eventlet.sleep(0)

    def _take(
        self, sock: socket.socket, address: object, usual: TimedServer, full: TimedServer
    ) -> None:
        self._say_that_there_is_room()
        if self._pool.free() <= 0:
            sock.close()
            return
        server = usual if self._has_room() else full
        self._pool.spawn_n(self._serve_one, server, sock, address)

    def _has_room(self) -> bool:
        if self._pool.running() < self._most:
            return True
        # Those who came just now have their turn, and are idle or not.
        eventlet.sleep(0)
        return self._idle.end_longest()

    def _serve_one(self, server: TimedServer, sock: socket.socket, address: object) -> None:
        connection = Connection(sock, self._timeouts.answer_s)
        try:
            server.process_request([address, connection, eventlet.wsgi.STATE_IDLE])
        except OSError as error:
            log.debug("a connection broke: %s", error)
        except Exception:
            log.exception("a connection was not served")
        finally:
            connection.end()
            connection.close()

    def _note(self, error: OSError) -> None:
        if error.errno not in OUT_OF_FILES:
            log.debug("a connection was not accepted: %s", error)
            return
        self._idle.end_longest()
        if self._out_of_files_s is None:
            log.error("no connection can be accepted until another ends: %s", error.strerror)
        self._out_of_files_s = time.monotonic()

    def _say_that_there_is_room(self) -> None:
        since_s = self._out_of_files_s
        if since_s is not None and time.monotonic() - since_s > OUT_OF_FILES_FOR_S:
            self._out_of_files_s = None
            log.info("connections are accepted again")


def _only_health(app: WSGIApplication) -> WSGIApplication:
    """Say that there is no room, except to those who ask whether we are alive."""
    detail = "Try again, or close connections that you do not need."
    headers = {"Retry-After": "2", "Connection": "close"}
    refusal = Problem(503, "too-many-connections", "There is no room.", detail, headers)

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] in ANSWERED_WHEN_FULL:
            return app(environ, start_response)
        return refusal.response()(environ, start_response)

    return serve_one
