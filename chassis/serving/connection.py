"""A connection, which its client has to get on with."""

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

import httptools

from chassis.problems import (
    MAX_HEADER_BYTES,
    Problem,
    headers_too_large,
    malformed_request,
    request_too_slow,
)
from chassis.serving.answer import Answer, answer_with
from chassis.serving.request import Request
from chassis.settings import Timeouts

# How much is read on while no request begins or ends and no part of a body comes. A head, trailers
# (RFC 9112, 7.1.2), the extension or the length of a chunk and blank lines could go on for ever;
# the parser keeps them, or says nothing of them. A whole head of this size may still be refused.
MOST_BARREN_BYTES = 64 * 1024
# How long a client that was refused may go on sending.
LINGER_S = 5


class Host(Protocol):
    """What a connection belongs to."""

    date: str
    most_bytes: int
    connections: set["Connection"]

    def answer(self, connection: "Connection", request: Request) -> None:
        """Have a request answered: `send_answer` or `begin_answer` is called, in any thread."""


class Connection(asyncio.Protocol):
    """Makes requests of bytes and bytes of answers, with an end to each wait: see `Timeouts`.

    The loop's thread reads. A thread that has made an answer sends it by itself, so that the loop
    need not wake up for it; what the client does not take at once, or what is to follow the answer,
    is left to the loop. The lock is for what both of them touch.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._parser = self._new_parser()
        self._lock = threading.Lock()
        self.is_gone = False
        # When it last began to be quiet, and when the newest request began to arrive if it has not
        # arrived whole; by time.monotonic(), in s.
        self.quiet_since = time.monotonic()
        self._arriving_since: float | None = None
        self._refused_at: float | None = None
        self._arriving: Request | None = None
        self._in_head = False
        self._barren_bytes = 0
        # The request that is being answered, and those that came after it.
        self._answering: Request | None = None
        self._next: deque[Request] = deque()
        self._waiting: asyncio.Task[None] | None = None
        self._owes_go_on = False
        self._is_read_paused = False
        self._is_write_paused = False
        self._on_writable: Callable[[], None] | None = None
        self._untaken_bytes = 0
        self._untaken_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        self._transport = transport
        self._file: int = transport.get_extra_info("socket").fileno()
        # There is none if the client has gone by now.
        self.server: tuple[str, int] = (transport.get_extra_info("sockname") or ("", 0))[:2]
        self.client: tuple[str, int] = (transport.get_extra_info("peername") or ("", 0))[:2]
        self._host.connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget it. Its file is closed after this, so that nobody may write to it any more."""
        with self._lock:
            self.is_gone = True
        self._host.connections.discard(self)
        if self._waiting is not None:
            self._waiting.cancel()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Read on, unless it was refused, or nothing comes of what is read."""
        if self._refused_at is not None:
            return
        # What comes of it begins this count anew; one read is not long.
        self._barren_bytes += len(data)
        try:
            self._parse(memoryview(data))
        except httptools.HttpParserError:
            self._refuse(malformed_request())
        else:
            if self._barren_bytes > MOST_BARREN_BYTES:
                self._refuse(headers_too_large())
        if self._owes_go_on:
            self._tell_to_go_on()

    def on_message_begin(self) -> None:
        """Note that the first byte of a request is here."""
        self._arriving = Request()
        self._arriving_since = time.monotonic()
        self._in_head, self._barren_bytes = True, 0

    def on_url(self, url: bytes) -> None:
        """Note a part of its address."""
        self._newest().url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header; what comes after a body in chunks is none (RFC 9110, 6.5.1)."""
        if self._in_head:
            self._newest().add_header(name, value)

    def on_headers_complete(self) -> None:
        """Note that its head is here."""
        if self._parser.should_upgrade():
            return
        self._in_head = False
        request = self._newest()
        parser = self._parser
        version, stays = parser.get_http_version(), parser.should_keep_alive()
        request.end_head(parser.get_method(), version, stays=stays)
        # HTTP/1.0 does not know of it (RFC 9110, 10.1.1).
        self._owes_go_on = request.waits_to_send and request.has_body and version != "1.0"
        if request.header_bytes > MAX_HEADER_BYTES:
            self._give(request)

    def on_body(self, body: bytes) -> None:
        """Note a part of its body; beyond what is allowed, it is not kept."""
        self._barren_bytes = 0
        request = self._newest()
        if not request.is_given:
            request.body += body
            if len(request.body) > self._host.most_bytes:
                self._give(request)

    def on_message_complete(self) -> None:
        """Note that all of it is here."""
        if self._parser.should_upgrade():
            return
        request, self._arriving = self._newest(), None
        self._arriving_since, self._owes_go_on = None, False
        self._barren_bytes = 0
        request.is_whole = True
        if not request.is_given:
            self._give(request)

    def send_answer(self, request: Request, answer: Answer) -> None:
        """Send the answer to a request, in whichever thread it was made."""
        data = answer.head(self._host.date, stays=request.stays) + answer.body
        with self._lock:
            if self.is_gone:
                return
            if self._is_plain(request):
                sent = self._send(data)
                if sent == len(data):
                    # In this order: whoever looks without the lock never sees a long quiet.
                    self.quiet_since = time.monotonic()
                    self._answering = None
                    return
                data = data[sent:]
        self.in_loop(self._write_last, data)

    def begin_answer(
        self, request: Request, answer: Answer, is_chunked: bool, then: Callable[[], None]
    ) -> None:
        """Send the head of an answer in pieces, and go on when that may be; in the loop's thread.

        Each piece goes to `write`, and the last one is followed by `end_answer`.
        """
        head = answer.head(self._host.date, stays=request.stays, is_chunked=is_chunked)
        self.write(head)
        self.when_writable(then)

    def write(self, data: bytes) -> None:
        """Send bytes; in the loop's thread."""
        if not self.is_gone:
            self._transport.write(data)

    def when_writable(self, then: Callable[[], None]) -> None:
        """Go on once the client has taken most of what it was sent, or has gone."""
        if self._is_write_paused and not self.is_gone:
            self._on_writable = then
        else:
            then()

    def end_answer(self) -> None:
        """Go on with what comes after an answer; in the loop's thread."""
        with self._lock:
            self.quiet_since = time.monotonic()
            request, self._answering = self._answering, None
        if self.is_gone or request is None:
            return
        if not request.stays:
            self._hang_up(request)
            return
        if self._next:
            self._begin(self._next.popleft())
        if not self._next:
            self._resume_reading()
        if self._owes_go_on:
            self._tell_to_go_on()

    def wait_for(self, waiting: Coroutine[Any, Any, None]) -> None:
        """Let the request in hand wait; if its client goes, that is given up."""
        self._waiting = self._loop.create_task(waiting)

    def in_loop(self, call: Callable[..., object], *arguments: object) -> None:
        """Have something done in the loop's thread."""
        # The loop is closed when the process ends without waiting for this request.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)

    def end_if_stuck(self, timeouts: Timeouts, now: float) -> None:
        """End the connection if its client has taken too long; asked about once a second."""
        if self._is_untaken_for(timeouts.answer_s, now):
            self.abort()
        elif self._refused_at is not None:
            if now - self._refused_at > LINGER_S and not self.is_busy():
                self._transport.close()
        elif self._arriving_since is not None:
            if now - self._arriving_since > timeouts.request_s and not self._is_read_paused:
                self._refuse(request_too_slow())
        elif not self.is_busy() and now - self.quiet_since > timeouts.idle_s:
            self._transport.close()

    def is_busy(self) -> bool:
        """Return whether a request that has arrived is being answered."""
        request = self._answering
        return request is not None and request.is_whole

    def finish(self) -> None:
        """Answer what has arrived, and end; what has not arrived is given up."""
        with self._lock:
            whole = [request for request in self._in_hand() if request.is_whole]
            if whole:
                whole[-1].stays = False
        if not whole:
            self._transport.close()

    def abort(self) -> None:
        """End it at once; in the loop's thread."""
        self._transport.abort()

    def pause_writing(self) -> None:
        """Note that the client does not take what it is sent."""
        self._is_write_paused = True

    def resume_writing(self) -> None:
        """Note that it does again, or never will."""
        self._is_write_paused = False
        then, self._on_writable = self._on_writable, None
        if then is not None:
            then()

    def _new_parser(self) -> Any:
        parser = httptools.HttpRequestParser(self)
        # What follows a request with "Connection: close" is no reason not to answer that.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    def _parse(self, rest: memoryview) -> None:
        while rest:
            try:
                self._parser.feed_data(rest)
            except httptools.HttpParserUpgrade as upgrade:
                rest = rest[upgrade.args[0] :]
                self._stay_with_http()
            else:
                return

    def _newest(self) -> Request:
        if self._arriving is None:
            raise httptools.HttpParserError("There is no request.")
        return self._arriving

    def _give(self, request: Request) -> None:
        """Have a request answered, in its turn."""
        request.is_given = True
        if self._owes_go_on:
            # With its answer it may or may not send its body (RFC 9110, 10.1.1), so what comes
            # next could be either.
            self._owes_go_on = request.stays = False
        with self._lock:
            is_free = self._answering is None
            if is_free:
                self._answering = request
            else:
                self._next.append(request)
        if is_free:
            self._host.answer(self, request)
        elif not self._is_read_paused:
            self._is_read_paused = True
            self._transport.pause_reading()

    def _in_hand(self) -> list[Request]:
        """Return what is being answered and what came after it; to be asked with the lock."""
        return [] if self._answering is None else [self._answering, *self._next]

    def _begin(self, request: Request) -> None:
        with self._lock:
            self._answering = request
        self._host.answer(self, request)

    def _resume_reading(self) -> None:
        if self._is_read_paused:
            self._is_read_paused = False
            self._transport.resume_reading()
            if self._arriving_since is not None:
                self._arriving_since = time.monotonic()

    def _is_plain(self, request: Request) -> bool:
        """Return whether nothing has to be sent before the answer, or done after it."""
        return (
            request.stays
            and not self._next
            and not self._owes_go_on
            and self._transport.get_write_buffer_size() == 0
        )

    def _send(self, data: bytes) -> int:
        """Send what the client takes at once, and return how much that is, in bytes."""
        try:
            return os.write(self._file, data)
        except OSError:
            # The loop finds out whether the client has gone or only takes its time.
            return 0

    def _write_last(self, data: bytes) -> None:
        self.write(data)
        self.end_answer()

    def _tell_to_go_on(self) -> None:
        with self._lock:
            is_free = self._answering is None
        if is_free:
            self._owes_go_on = False
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _stay_with_http(self) -> None:
        """Read a head again as if it had not asked for another protocol (RFC 9110, 7.8).

        httptools would skip its body, and take what is in it for the next request. Java's client
        asks for HTTP/2 with each first request.
        """
        method, version = self._parser.get_method(), self._parser.get_http_version().encode()
        if method == b"CONNECT":
            raise httptools.HttpParserError("This is no proxy.")
        asked = self._newest()
        kept = (b"%s: %s\r\n" % it for it in asked.headers if it[0] != b"upgrade")
        line = b"%s %s HTTP/%s\r\n" % (method, asked.url, version)
        self._parser = self._new_parser()
        self._parser.feed_data(line + b"".join(kept) + b"\r\n")

    def _is_untaken_for(self, seconds: float, now: float) -> bool:
        # While the client takes what we send, this changes: it shrinks, or more is added to it.
        untaken_bytes = self._transport.get_write_buffer_size()
        if untaken_bytes == 0 or untaken_bytes != self._untaken_bytes:
            self._untaken_bytes, self._untaken_since = untaken_bytes, now
        return now - self._untaken_since > seconds

    def _refuse(self, problem: Problem) -> None:
        """Answer without the app, and end the connection."""
        self._refused_at = time.monotonic()
        refused, self._arriving, self._arriving_since = self._arriving, None, None
        self._in_head = self._owes_go_on = False
        with self._lock:
            in_hand = self._in_hand()
            if in_hand:
                # What is refused comes after requests whose answers are due first.
                in_hand[-1].stays = False
        if in_hand:
            return
        # A request that was given before it was whole has had its answer.
        if refused is None or not refused.is_given:
            answer = answer_with(problem)
            self.write(answer.head(self._host.date, stays=False) + answer.body)
        self._linger()

    def _hang_up(self, request: Request) -> None:
        if request.is_whole and self._refused_at is None:
            self._transport.close()
        else:
            self._refused_at = time.monotonic()
            self._linger()

    def _linger(self) -> None:
        # A close while there is still something to read resets the connection, and the client may
        # never see the answer (RFC 9112, 9.6): so we hang up, and read on for a little.
        self._resume_reading()
        self._transport.write_eof()
