"""Passing on: a request and its answer keep the header fields that mean something to both ends."""

from collections.abc import Sequence

from flask import Request, Response

from web.gateway import Answer

_BACK = ("Content-Type", "Consistency-Token", "ETag", "Retry-After", "Link", "Preference-Applied")


def some_headers(request: Request, names: Sequence[str]) -> dict[str, str]:
    """Return those of the named header fields that a request has."""
    return {name: request.headers[name] for name in names if name in request.headers}


def as_it_was(answer: Answer) -> Response:
    """Return a process's answer as an answer of our own."""
    passed_on = Response(answer.body, answer.status)
    passed_on.headers.update(
        {name: answer.headers[name] for name in _BACK if name in answer.headers}
    )
    return passed_on
