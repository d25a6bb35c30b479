"""The protocol: HTTP/1.1 as eventlet speaks it, with an end to each part of an exchange."""

import socket
from contextlib import suppress
from email import errors
from email.message import Message
from http import HTTPStatus
from typing import Any

import eventlet
from eventlet.wsgi import HttpProtocol, Server

from chassis.browsers import HEADERS
from chassis.numbers import whole_number
from chassis.problems import Problem, malformed_request, request_too_slow
from chassis.settings import Timeouts
from web.http.connection import ClientGone, Connection
from web.http.idle import Idle

# A client that asks on before it is answered waits that much longer each time. No browser does so;
# it is how one client would keep all others from their turn.
LONGER_EACH_TIME_S = 0.05
LONGEST_WAIT_S = 1.0

# The parser is one for mail, and knows other defects, which are those of bodies in parts.
_BROKEN = (
    errors.FirstHeaderLineIsContinuationDefect,
    errors.InvalidHeaderDefect,
    errors.MisplacedEnvelopeHeaderDefect,
    errors.MissingHeaderBodySeparatorDefect,
)


class TimedServer(Server):  # type: ignore[misc]  # eventlet has no types
    """What the connections of one kind have in common.

    Args:
        listener: the socket that they came by.
        app: what answers.
        timeouts: how long a client may take.
        idle: where connections are listed while they say nothing.
        keepalive: whether a connection may carry several requests.
    """

    def __init__(
        self, listener: socket.socket, app: Any, timeouts: Timeouts, idle: Idle, *, keepalive: bool
    ) -> None:
        super().__init__(
            listener,
            listener.getsockname(),
            app,
            protocol=TimedProtocol,
            keepalive=keepalive,
            log_output=False,
            debug=False,
            # Headers passed on from a service keep their spelling, as in `ETag`.
            capitalize_response_headers=False,
        )
        self.timeouts = timeouts
        self.idle = idle


class TimedProtocol(HttpProtocol):  # type: ignore[misc]  # eventlet has no types
    """One connection, request after request.

    A WebSocket reads and writes the connection itself, and Engine.IO's pings tell whether anybody
    is there; so it may say nothing for as long as it likes.
    """

    server: TimedServer
    request: Connection
    is_in_headers = False
    asked_ahead = 0

    def handle_one_request(self) -> None:
        """Answer one request; the connection ends if a part of the exchange takes too long."""
        try:
            super().handle_one_request()
        except TimeoutError:
            self.close_connection = 1
            if self.is_in_headers:
                self._refuse(request_too_slow())

    def parse_request(self) -> bool:
        """Return whether there is a request; one whose end is missing is none (RFC 9112, 8)."""
        is_request: bool = super().parse_request()
        if self.request.is_ended:
            self.close_connection = 1
            return False
        if is_request and any(isinstance(it, _BROKEN) for it in self.headers.defects):
            # Python's parser leaves out whatever follows a line that is no field.
            self._refuse(malformed_request("A header field cannot be read."))
            return False
        if is_request and not _says_where_it_ends(self.headers):
            detail = "Give one Content-Length, or Transfer-Encoding: chunked."
            self._refuse(malformed_request(detail))
            return False
        return is_request

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is not HTTP: a problem instead of a page in HTML."""
        if code == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
            title, detail = "The header fields are too large.", "Send at most 100 of them."
            self._refuse(Problem(code, "headers-too-large", title, detail))
        else:
            self._refuse(malformed_request("It is not HTTP/1.1 (RFC 9112)."))

    def finish(self) -> None:
        """Let go of the files; whoever called us closes the connection."""
        with suppress(OSError, ClientGone):
            self.wfile.flush()

    def get_environ(self) -> dict[str, Any]:
        """Return what the app learns of the request."""
        self.is_in_headers = False
        environ: dict[str, Any] = super().get_environ()
        return environ

    def _read_request_line(self) -> bytes:
        # The others have their turn.
        eventlet.sleep(min(LONGER_EACH_TIME_S * self.asked_ahead, LONGEST_WAIT_S))
        timeouts = self.server.timeouts
        self.request.read_within(timeouts.idle_s)
        reads = self.request.reads
        with self.server.idle.while_idle(self.request):
            try:
                begun = self.rfile.peek(1)
            except OSError:
                # Nothing was asked, so there is nothing to answer.
                begun = b""
        if not begun:
            self.close_connection = 1
            return b""
        self.asked_ahead = self.asked_ahead + 1 if reads == self.request.reads else 0
        self.request.read_within(timeouts.request_s)
        self.is_in_headers = True
        try:
            line: bytes = self.rfile.readline(self.server.url_length_limit)
        except ConnectionError:
            return b""
        if len(line) >= self.server.url_length_limit:
            self._refuse(Problem(414, "about:blank", "The address is too long."))
            return b""
        return line

    def _refuse(self, problem: Problem) -> None:
        self.close_connection = 1
        answer = problem.response()
        answer.headers |= {**HEADERS, "Connection": "close"}
        head = f"HTTP/1.1 {answer.status}\r\n{answer.headers}"
        self.wfile.write(head.encode("latin-1") + answer.get_data())


def _says_where_it_ends(headers: Message) -> bool:
    """Return whether nobody can take part of the body for the next request (RFC 9112, 6.3)."""
    lengths = headers.get_all("Content-Length", [])
    codings = [coding.strip().lower() for coding in headers.get_all("Transfer-Encoding", [])]
    if codings:
        return codings == ["chunked"] and not lengths
    return not lengths or (len(lengths) == 1 and whole_number(lengths[0].strip()) is not None)
