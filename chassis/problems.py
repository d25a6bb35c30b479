"""Errors as `application/problem+json`.

Source: RFC 9457, Problem Details for HTTP APIs. The types are explained in docs/problems.md.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Flask, Response
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from chassis.errors import OutcomeUnknown, ServerUnavailable

# Of all header values together, cookies included. No client of ours needs more (RFC 6585, 5).
MAX_HEADER_BYTES = 16 * 1024
TYPE_PREFIX = "urn:eventually:problem:"
Headers = Mapping[str, str]
log = logging.getLogger(__name__)


class Problem(Exception):
    """What went wrong, in the words of RFC 9457.

    The name is the last part of the `type`. The title says what is wrong, the same each time; the
    detail says what is wrong this time, and what to do.
    """

    def __init__(
        self, status: int, name: str, title: str, detail: str = "", headers: Headers | None = None
    ) -> None:
        super().__init__(f"{title} {detail}".strip())
        self.status, self.name, self.title, self.detail = status, name, title, detail
        self.headers = headers or {}

    def response(self) -> Response:
        """Return the problem as an HTTP answer."""
        document: dict[str, Any] = {
            "type": "about:blank" if self.name == "about:blank" else TYPE_PREFIX + self.name,
            "title": self.title,
            "status": self.status,
        }
        if self.detail:
            document["detail"] = self.detail
        answer = json_response(document, self.status, self.headers)
        answer.content_type = "application/problem+json"
        return answer


def headers_too_large() -> Problem:
    """Return what a client is told whose header fields are larger than MAX_HEADER_BYTES."""
    detail = f"Send at most {MAX_HEADER_BYTES} bytes, cookies included."
    return Problem(431, "headers-too-large", "The header fields are too large.", detail)


def request_too_slow() -> Problem:
    """Return what a client is told whose request did not arrive in time (RFC 9110, 15.5.9)."""
    title, closing = "The request did not arrive in time.", {"Connection": "close"}
    return Problem(408, "request-too-slow", title, "Send all of it at once.", closing)


def malformed_request(detail: str = "It is not HTTP/1.1 (RFC 9112).") -> Problem:
    """Return what a client is told whose request cannot be parsed."""
    return Problem(400, "malformed-request", "The request cannot be read.", detail)


def wrong_shape(detail: str) -> Problem:
    """Return what a client is told whose body does not say what it should, or says more."""
    return Problem(400, "wrong-shape", "The body has the wrong shape.", detail)


def too_many_waiting(detail: str) -> Problem:
    """Return what a client is told that may not wait, as others do already."""
    retry = {"Retry-After": "1"}
    return Problem(503, "too-many-waiting", "Too many requests are waiting.", detail, retry)


def json_response(value: object, status: int = 200, headers: Headers | None = None) -> Response:
    """Return an answer with a value as JSON."""
    return Response(json_body(value), status, headers, content_type="application/json")


def json_body(value: object) -> bytes:
    """Return a value as JSON, with its keys in order, and spaces as people write them."""
    try:
        return msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=0) + b"\n"
    except UnicodeEncodeError:
        # A surrogate has no UTF-8, and hostile input may contain one that we echo: escape it.
        return json.dumps(value).encode() + b"\n"


def _plain(value: object) -> object:
    # Drivers have numbers of their own, such as MongoDB's Int64.
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"A {type(value).__name__} cannot be written as JSON.")


def answer_with_problems(app: Flask) -> None:
    """Make the app answer every error, expected or not, with a problem document."""
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(OutcomeUnknown, _outcome_unknown)
    app.register_error_handler(ServerUnavailable, _unavailable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _too_large(_error: RequestEntityTooLarge) -> Response:
    return Problem(413, "body-too-large", "The body is too large.").response()


def _outcome_unknown(error: OutcomeUnknown) -> Response:
    log.warning("the outcome of a command is unknown: %s", error)
    title = "The connection broke while the command was under way."
    detail = (
        "It may have been carried out, or not. Ask again with the same Idempotency-Key, "
        "or look before you repeat it."
    )
    return Problem(503, "outcome-unknown", title, detail, {"Retry-After": "1"}).response()


def _unavailable(error: ServerUnavailable) -> Response:
    log.warning("cannot answer: %s", error)
    name, title = f"{error.server}-unavailable", f"{error.server} cannot be reached."
    detail = "Nothing was changed. Try again."
    return Problem(503, name, title, detail, {"Retry-After": "1"}).response()


def _http(error: HTTPException) -> Response:
    # RFC 9457, 4.2.1: about:blank says no more than the status code does.
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    name = error.name if error.name.endswith(".") else f"{error.name}."
    return Problem(error.code or 500, "about:blank", name, headers=headers).response()


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return Problem(500, "about:blank", "Internal Server Error.").response()
