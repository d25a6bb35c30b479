"""The host key: required for whatever changes the lab for the whole room."""

from collections.abc import Callable
from functools import wraps
from hmac import compare_digest
from typing import Any

from flask import Response, request

from chassis.problems import Problem

View = Callable[..., Response]


def only_with(host_key: str) -> Callable[[View], View]:
    """Return a decorator for routes that only the host may use."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**arguments: Any) -> Response:
            given = request.headers.get("Authorization", "")
            if not compare_digest(given.encode(), f"Bearer {host_key}".encode()):
                detail = "It was printed when the stack started."
                needed = {"WWW-Authenticate": "Bearer"}
                raise Problem(401, "host-key-needed", "This needs the host key.", detail, needed)
            return view(**arguments)

        return guarded

    return decorate
