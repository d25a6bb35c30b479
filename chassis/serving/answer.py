"""What a WSGI app answers (PEP 3333), as the bytes of HTTP/1.1."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response

from chassis.browsers import HEADERS
from chassis.problems import Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# A status of nginx's: the connection is closed without an answer.
# Source: https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#return
NO_ANSWER = 444
Headers = list[tuple[str, str]]

_STATUS_LINES = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n" for each in HTTPStatus}
_BODILESS = {204, 304}
_TOLD = {name.lower(): f"{name.lower()}: {value}\r\n" for name, value in HEADERS.items()}
_ALL_TOLD = "".join(_TOLD.values())


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app answered; the body, or what makes it, if its length is not known."""

    status: int
    headers: Headers
    body: bytes
    rest: Iterator[bytes] | None = None

    def head(self, date: str, *, stays: bool, is_chunked: bool = False) -> bytes:
        """Return all that goes before the body.

        Args:
            date: what time it is, as HTTP has it.
            stays: whether the connection may have another request.
            is_chunked: whether the body follows in chunks.
        """
        own = {name.lower() for name, _value in self.headers}
        told = _ALL_TOLD if _TOLD.keys().isdisjoint(own) else _told_besides(own)
        lines = [_STATUS_LINES.get(self.status) or f"HTTP/1.1 {self.status} \r\n", date, told]
        # werkzeug's headers have no line breaks in them.
        lines += [f"{name.lower()}: {value}\r\n" for name, value in self.headers]
        if not stays:
            lines.append("connection: close\r\n")
        if is_chunked:
            lines.append("transfer-encoding: chunked\r\n")
        lines.append("\r\n")
        return "".join(lines).encode("latin-1")


def _told_besides(own: Collection[str]) -> str:
    """Return what every answer tells browsers, but for what this one says itself."""
    return "".join(line for name, line in _TOLD.items() if name not in own)


def answer_of(app: "WSGIApplication", environ: "WSGIEnvironment") -> Answer:
    """Return what the app answers. Raises what it raises."""
    status, head = 500, Headers()

    def start_response(line: str, headers: Headers, _error: Any = None) -> Any:
        nonlocal status, head
        status, head = int(line[:3]), headers

    chunks = app(environ, start_response)
    has_body = environ["REQUEST_METHOD"] != "HEAD" and status not in _BODILESS
    if has_body and not any(name.lower() == "content-length" for name, _value in head):
        # It is made piece by piece.
        return Answer(status, head, b"", iter(chunks))
    try:
        return Answer(status, head, b"".join(chunks) if has_body else b"")
    finally:
        close(chunks)


def answer_with(problem: Problem) -> Answer:
    """Return a problem as an answer."""
    response = problem.response()
    return Answer(problem.status, response.headers.to_wsgi_list(), response.get_data())


def no_answer() -> Response:
    """Return what an app answers if its client is to hear nothing."""
    return Response(status=NO_ANSWER)


def close(chunks: Iterable[bytes]) -> None:
    """Clear away what made a body, if there is anything to clear away (PEP 3333)."""
    if (its_close := getattr(chunks, "close", None)) is not None:
        its_close()
