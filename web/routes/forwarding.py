"""Forwarding: a request and its answer keep the header fields that mean something to both ends."""

from collections.abc import Sequence

from flask import Request, Response

from web.gateway import Answer

_PASSED_BACK = (
    "Content-Type", "Consistency-Token", "ETag", "Retry-After", "Link", "Preference-Applied",
    "Read-Model",
)  # fmt: skip


def headers_of(request: Request, names: Sequence[str]) -> dict[str, str]:
    """Return those of the named header fields that a request has."""
    return {name: request.headers[name] for name in names if name in request.headers}


def passed_back(answer: Answer) -> Response:
    """Return a process's answer as our own."""
    response = Response(answer.body, answer.status)
    response.headers.update(
        {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
    )
    return response
