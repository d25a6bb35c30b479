"""A connection, which its client has to get on with."""

import asyncio
from http import HTTPStatus

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from chassis.problems import Problem, headers_too_large, malformed_request, request_too_slow
from chassis.settings import Timeouts

# A head that goes on beyond this is not read to its end; a whole one of this size may still be
# refused, by the app.
MOST_HEAD_BYTES = 64 * 1024
# How long a client that was refused may go on sending.
LINGER_S = 5


class Connection(HttpToolsProtocol):
    """uvicorn's own, which waits for ever, with an end to each wait: see `Timeouts`."""

    # By the loop's clock, in s: when it last began to be quiet, and when the newest request began
    # to arrive if it has not arrived whole.
    quiet_since = 0.0
    _arriving_since: float | None = None
    _in_head = False
    _head_bytes = 0
    _untaken_bytes = 0
    _untaken_since = 0.0
    _refused_at: float | None = None
    # uvicorn has None here until the first head is whole, and does not say so.
    cycle: RequestResponseCycle | None  # type: ignore[assignment]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.quiet_since = self.loop.time()

    def on_message_begin(self) -> None:
        """Note that the first byte of a request is here."""
        super().on_message_begin()
        self._arriving_since = self.loop.time()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        """Note that its head is here."""
        if not self.parser.should_upgrade():
            self._in_head = False
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that all of it is here."""
        if not self.parser.should_upgrade():
            self._arriving_since = None
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self.quiet_since = self.loop.time()
        super().on_response_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, unless it was refused, or a head does not come to its end."""
        if self._refused_at is not None:
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay_with_http(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(malformed_request())
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(headers_too_large())

    def end_if_stuck(self, timeouts: Timeouts, now: float) -> None:
        """End the connection if its client has taken too long; asked about once a second."""
        if self._is_untaken_for(timeouts.answer_s, now):
            self.transport.abort()
        elif self._refused_at is not None:
            if now - self._refused_at > LINGER_S and not self.is_busy():
                self.transport.close()
        elif self._arriving_since is not None:
            if now - self._arriving_since > timeouts.request_s and not self.flow.read_paused:
                self._end_request()
        elif not self.is_busy() and now - self.quiet_since > timeouts.idle_s:
            self.transport.close()

    def is_busy(self) -> bool:
        """Return whether a request that has arrived is being answered."""
        cycle = self.cycle
        return cycle is not None and not cycle.response_complete and not cycle.more_body

    def shutdown(self) -> None:
        """Finish what is being answered, and give up what has not arrived."""
        if self._arriving_since is None or self.is_busy():
            super().shutdown()
        else:
            self._forget_request()
            self.transport.close()

    def _stay_with_http(self, rest: bytes) -> None:
        """Read a request again as if it had not asked for another protocol (RFC 9110, 7.8).

        httptools would skip its body, and take what is in it for the next request. Java's client
        asks for HTTP/2 with each first request.
        """
        if self.parser.get_method() == b"CONNECT":
            self._refuse(malformed_request())
            return
        kept = (b"%s: %s\r\n" % it for it in self.headers if it[0] != b"upgrade")
        version = self.parser.get_http_version().encode()
        line = b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, version)
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(line + b"".join(kept) + b"\r\n" + rest)

    def _is_untaken_for(self, seconds: float, now: float) -> bool:
        # While the client takes what we send, this changes: it shrinks, or more is added to it.
        untaken_bytes = self.transport.get_write_buffer_size()
        if untaken_bytes == 0 or untaken_bytes != self._untaken_bytes:
            self._untaken_bytes, self._untaken_since = untaken_bytes, now
        return now - self._untaken_since > seconds

    def _end_request(self) -> None:
        if not self._in_head and self.cycle is not None and self.cycle.response_started:
            # It was answered before its body was here, which is not worth waiting for.
            self.transport.close()
        else:
            self._refuse(request_too_slow())

    def _refuse(self, problem: Problem) -> None:
        """Answer without the app, and end the connection."""
        self._refused_at = self.loop.time()
        if self.is_busy() or (self.cycle is not None and self._is_half_answered(self.cycle)):
            # What is refused comes after a request whose answer is due first, and is the last.
            self._arriving_since, self._in_head = None, False
            self.pipeline.clear()
            if self.cycle is not None:
                self.cycle.keep_alive = False
            return
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
        self.transport.write_eof()

    @staticmethod
    def _is_half_answered(cycle: RequestResponseCycle) -> bool:
        return cycle.response_started and not cycle.response_complete

    def _forget_request(self) -> None:
        is_its_cycle = not self._in_head
        self._in_head, self._arriving_since = False, None
        if is_its_cycle and self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
