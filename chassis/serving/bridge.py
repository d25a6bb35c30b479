"""From HTTP to WSGI: the loop waits for clients, so that no thread has to."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from chassis.problems import MAX_HEADER_BYTES, Problem, headers_too_large
from chassis.serving.answer import NO_ANSWER, answer_of, answer_with
from chassis.serving.connection import Connection
from chassis.serving.pieces import Pieces
from chassis.serving.request import Request, environ_of
from chassis.serving.turns import Turns

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# Called with a request before it gets a thread; returns what it has to wait for, if anything.
Hold = Callable[["WSGIEnvironment"], Awaitable[None] | None]

# Whoever asks whether a process is well gets an answer while all its threads are busy; so does
# whoever lets go what the lab holds in them.
_PROBES = frozenset({b"/healthz", b"/readyz", b"/metrics"})
_LAB = (b"/lab/switches/", b"/lab/clear")
# A server that hangs keeps two of them: one that asks whether it is well, and one that asks what it
# holds (chassis/http.py).
_PROBE_THREADS = 3
# Many may be let go at the same moment, and delay no others: they have threads of their own.
_HELD_THREADS = 4

log = logging.getLogger(__name__)


class Bridge:
    """Has threads carry out a WSGI app.

    Args:
        app: what answers the requests.
        threads: how many requests are worked on at a time.
        hold: makes a request wait before it gets a thread.
    """

    def __init__(self, app: "WSGIApplication", threads: int, hold: Hold | None = None) -> None:
        self._app = app
        self._hold = hold
        self._turns = Turns(threads, "request")
        self._probe_turns = Turns(_PROBE_THREADS, "probe")
        self._held_turns = Turns(_HELD_THREADS, "held") if hold is not None else self._turns

    def answer(self, connection: Connection, request: Request) -> None:
        """Have a request answered; in the loop's thread."""
        if request.header_bytes > MAX_HEADER_BYTES:
            connection.send_answer(request, answer_with(headers_too_large()))
            return
        try:
            self._give(connection, request)
        except Exception:
            log.exception("a request could not be given to a thread")
            connection.send_answer(request, answer_with(_failed()))

    def close(self) -> None:
        """Let the threads end."""
        self._turns.close()
        self._probe_turns.close()
        if self._hold is not None:
            self._held_turns.close()

    def _give(self, connection: Connection, request: Request) -> None:
        environ = environ_of(request, connection.server, connection.client)
        held = None if self._hold is None else self._hold(environ)
        if held is not None:
            connection.wait_for(self._answer_after(held, connection, request, environ))
        else:
            turns = self._probe_turns if _is_probe(request.path) else self._turns
            turns.give(partial(self._carry_out, connection, request, environ, turns))

    async def _answer_after(
        self,
        held: Awaitable[None],
        connection: Connection,
        request: Request,
        environ: "WSGIEnvironment",
    ) -> None:
        turns = self._held_turns
        try:
            await held
            turns.give(partial(self._carry_out, connection, request, environ, turns))
        except Exception:
            log.exception("a request could not wait")
            connection.send_answer(request, answer_with(_failed()))

    def _carry_out(
        self, connection: Connection, request: Request, environ: "WSGIEnvironment", turns: Turns
    ) -> None:
        try:
            answer = answer_of(self._app, environ)
        except Exception:
            log.exception("the app has failed")
            answer = answer_with(_failed())
        if answer.status == NO_ANSWER:
            connection.in_loop(connection.abort)
        elif answer.rest is None:
            connection.send_answer(request, answer)
        else:
            is_chunked = request.version != "1.0"
            pieces = Pieces(answer.rest, turns, connection, is_chunked=is_chunked)
            connection.in_loop(connection.begin_answer, request, answer, is_chunked, pieces.go_on)


def _is_probe(path: bytes) -> bool:
    return path in _PROBES or path == b"/lab" or path.startswith(_LAB)


def _failed() -> Problem:
    return Problem(500, "about:blank", "Internal Server Error.")
