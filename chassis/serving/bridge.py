"""From ASGI to WSGI: the loop waits for clients, so that no thread has to."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from chassis.problems import MAX_HEADER_BYTES, headers_too_large
from chassis.serving.environ import environ_of
from chassis.serving.turns import Turns
from chassis.telemetry.requests import ARRIVED_NS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# Called with a request before it gets a thread; returns what it has to wait for, if anything.
Hold = Callable[["WSGIEnvironment"], Awaitable[None] | None]

# Whoever asks whether a process is well gets an answer while all its threads are busy.
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_PROBE_THREADS = 2
# Many may be let go at the same moment, and delay no others: they have threads of their own.
_HELD_THREADS = 4


@dataclass(frozen=True)
class _Answer:
    """What the app answered; the body, or what is left of it, if its length is not known."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    rest: Iterator[bytes] | None = None


class Bridge:
    """An ASGI app that has threads carry out a WSGI app.

    Args:
        app: what answers the requests.
        threads: how many requests are worked on at a time.
        most_bytes: a body is read up to one byte more, so that the app sees that it is too large.
        hold: makes a request wait before it gets a thread.
    """

    def __init__(
        self, app: "WSGIApplication", threads: int, most_bytes: int, hold: Hold | None = None
    ) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._hold = hold
        self._turns = Turns(threads, "request")
        self._probe_turns = Turns(_PROBE_THREADS, "probe")
        self._held_turns = Turns(_HELD_THREADS, "held") if hold is not None else self._turns

    async def __call__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Answer one request."""
        arrived_ns = time.monotonic_ns()
        if sum(len(value) for _name, value in scope["headers"]) > MAX_HEADER_BYTES:
            await _reply(send, _answer(headers_too_large().response(), environ_of(scope, b"")))
            return
        body = await self._body(scope, receive)
        if body is None:
            return
        environ = environ_of(scope, body)
        environ[ARRIVED_NS] = arrived_ns
        turns = self._probe_turns if scope["path"] in _PROBES else self._turns
        held = None if self._hold is None else self._hold(environ)
        if held is not None:
            if not await _is_over_first(held, receive):
                return
            turns = self._held_turns
        answer = await turns.run(partial(_answer, self._app, environ))
        await _reply(send, answer)
        if answer.rest is not None:
            await _stream(answer.rest, turns, receive, send)

    def close(self) -> None:
        """Let the threads end."""
        self._turns.close()
        self._probe_turns.close()
        if self._hold is not None:
            self._held_turns.close()

    async def _body(self, scope: HTTPScope, receive: ASGIReceiveCallable) -> bytes | None:
        """Return the body, or None if the client has gone, or was too slow."""
        if not any(name in _ANNOUNCES_A_BODY for name, _value in scope["headers"]):
            return b""
        body, more = b"", True
        while more and len(body) <= self._most_bytes:
            message = await receive()
            if message["type"] != "http.request":
                return None
            body += message["body"]
            more = message["more_body"]
        return body[: self._most_bytes + 1]


_ANNOUNCES_A_BODY = frozenset({b"content-length", b"transfer-encoding"})


def _answer(app: "WSGIApplication", environ: "WSGIEnvironment") -> _Answer:
    status, head = 500, list[tuple[bytes, bytes]]()

    def start_response(line: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        nonlocal status, head
        status = int(line[:3])
        head = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]

    chunks = app(environ, start_response)
    if _is_long(environ["REQUEST_METHOD"], status, head):
        return _Answer(status, head, b"", iter(chunks))
    try:
        return _Answer(status, head, b"".join(chunks))
    finally:
        _close(chunks)


async def _reply(send: ASGISendCallable, answer: _Answer) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": answer.headers,
            "trailers": False,
        }
    )
    if answer.rest is None:
        await _send(send, answer.body)


def _is_long(method: str, status: int, head: list[tuple[bytes, bytes]]) -> bool:
    """Return whether an answer is produced piece by piece: then it has no length."""
    if method == "HEAD" or status in {204, 304}:
        return False
    return not any(name.lower() == b"content-length" for name, _value in head)


async def _stream(
    chunks: Iterator[bytes], turns: Turns, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    """Send pieces as fast as the client takes them; each is made in a turn of its own."""
    gone = asyncio.ensure_future(_has_gone(receive))
    try:
        while (
            not gone.done() and (chunk := await turns.run(partial(next, chunks, None))) is not None
        ):
            await _send(send, chunk, more=True)
        if not gone.done():
            await _send(send, b"")
    finally:
        gone.cancel()
        await turns.run(partial(_close, chunks))


async def _is_over_first(wait: Awaitable[None], receive: ASGIReceiveCallable) -> bool:
    """Wait, and return whether the client is still there."""
    waiting, gone = asyncio.ensure_future(wait), asyncio.ensure_future(_has_gone(receive))
    try:
        await asyncio.wait((waiting, gone), return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            await waiting
        return not gone.done()
    finally:
        waiting.cancel()
        gone.cancel()


async def _has_gone(receive: ASGIReceiveCallable) -> None:
    """Return once the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: ASGISendCallable, body: bytes, *, more: bool = False) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


def _close(chunks: Iterable[bytes]) -> None:
    # PEP 3333: an app's iterable may have something to clear away.
    if (close := getattr(chunks, "close", None)) is not None:
        close()
