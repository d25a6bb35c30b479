"""A connection, which its client has to get on with."""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.problems import Problem, headers_too_large
from chassis.settings import Timeouts

# A head that goes on beyond this is not read to its end; a whole one of this size may still be
# refused, by the app.
MOST_HEAD_BYTES = 64 * 1024
# How long a client that was refused may go on sending.
LINGER_S = 5


class Connection(HttpToolsProtocol):
    """uvicorn's own, which waits for ever, with an end to each wait: see `Timeouts`."""

    # By the loop's clock, in s: when the newest request began, and when it began to arrive if it
    # has not arrived whole.
    active_at = 0.0
    _arriving_since: float | None = None
    _has_asked = False
    _in_head = False
    _head_bytes = 0
    _untaken_bytes = 0
    _untaken_since = 0.0
    _refused_at: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.active_at = self.loop.time()

    def on_message_begin(self) -> None:
        """Note that the first byte of a request is here."""
        super().on_message_begin()
        self.active_at = self._arriving_since = self.loop.time()
        self._has_asked = self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Note that its head is here."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that all of it is here."""
        self._arriving_since = None
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head does not come to its end."""
        if self._refused_at is not None:
            return
        super().data_received(data)
        if self.is_in_head():
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(headers_too_large())

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        title = "The request cannot be read."
        self._refuse(Problem(400, "malformed-request", title, "It is not HTTP/1.1 (RFC 9112)."))

    def end_if_stuck(self, timeouts: Timeouts, now: float) -> None:
        """End the connection if its client has taken too long; asked about once a second."""
        if self._is_untaken_for(timeouts.answer_s, now):
            self.transport.abort()
        elif self._refused_at is not None:
            if now - self._refused_at > LINGER_S:
                self.transport.close()
        elif self._arriving_since is not None and not self.flow.read_paused:
            if now - self._arriving_since > timeouts.request_s:
                self._end_request(timeouts.request_s)
        elif not self._has_asked and now - self.active_at > timeouts.idle_s:
            self.transport.close()

    def is_in_head(self) -> bool:
        """Return whether a request's head has begun to arrive, and has not ended."""
        return self._in_head

    def is_busy(self) -> bool:
        """Return whether a request that has arrived is being answered."""
        has_arrived = self._has_asked and self._arriving_since is None
        return has_arrived and not self.cycle.response_complete

    def shutdown(self) -> None:
        """Finish what is being answered, and give up what has not arrived."""
        if self._arriving_since is None:
            super().shutdown()
        else:
            self._forget_request()
            self.transport.close()

    def _is_untaken_for(self, seconds: float, now: float) -> bool:
        # While the client takes what we send, this changes: it shrinks, or more is added to it.
        untaken_bytes = self.transport.get_write_buffer_size()
        if untaken_bytes == 0 or untaken_bytes != self._untaken_bytes:
            self._untaken_bytes, self._untaken_since = untaken_bytes, now
        return now - self._untaken_since > seconds

    def _end_request(self, after_s: int) -> None:
        if not self._in_head and self.cycle.response_started:
            # It was answered before its body was here, which is not worth waiting for.
            self.transport.close()
            return
        detail = f"It has to arrive within {after_s} s."
        self._refuse(Problem(408, "request-too-slow", "The request did not arrive.", detail))

    def _refuse(self, problem: Problem) -> None:
        """Answer without the app, and end the connection."""
        body = problem.response().get_data()
        head = (
            f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n"
            f"content-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self._forget_request()
        # A close while there is still something to read resets the connection, and the client may
        # never see the answer (RFC 9112, 9.6): so we hang up, and read on for a little.
        self._refused_at = self.loop.time()
        self.transport.write_eof()

    def _forget_request(self) -> None:
        is_its_cycle = self._has_asked and not self._in_head
        self._in_head, self._arriving_since = False, None
        if is_its_cycle and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
