"""The host key: required for whatever changes the lab for the whole room."""

import math
import time
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from flask import Response, request

from chassis.problems import Problem
from web.routes.attempts import Attempts, client_of

View = Callable[..., Response]


class HostKey:
    """The key, and how often somebody has tried another.

    Args:
        key: what opens the lab.
        attempts: counts the wrong ones.
        now_s: a monotonic clock, in seconds.
    """

    def __init__(
        self, key: str, attempts: Attempts, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._digest = _digest_of(f"Bearer {key}")
        self._attempts = attempts
        self._now_s = now_s

    def check(self) -> None:
        """Let a request pass that has the key. Raises Problem: 401, or 429 after too many others.

        While a client has to wait, its key is not looked at, so that nothing is learnt of it.
        """
        given = request.headers.get("Authorization", "")
        if not given:
            raise _needed()
        client = client_of(request.remote_addr or "", _said_of_it())
        wait_s = math.ceil(self._attempts.wait_s(client, self._now_s()))
        if wait_s > 0:
            raise _too_many(wait_s)
        # Of digests, neither the length nor the first difference says anything about the key.
        if not compare_digest(_digest_of(given), self._digest):
            self._attempts.was_wrong(client, self._now_s())
            raise _needed()
        self._attempts.was_right(client)


def only_with(host_key: HostKey) -> Callable[[View], View]:
    """Return a decorator for routes that only the host may use."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**arguments: Any) -> Response:
            host_key.check()
            return view(**arguments)

        return guarded

    return decorate


def _digest_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


def _said_of_it() -> str:
    """Return what proxies that are not trusted say of where a request comes from."""
    return request.headers.get("X-Forwarded-For", "") or request.headers.get("Forwarded", "")


def _needed() -> Problem:
    detail = "It was printed when the stack started."
    return Problem(
        401,
        "host-key-needed",
        "This needs the host key.",
        detail,
        {"WWW-Authenticate": "Bearer"},
    )


def _too_many(wait_s: int) -> Problem:
    title = "Too many wrong host keys were tried."
    detail = f"Try again in {wait_s} s."
    return Problem(429, "too-many-attempts", title, detail, {"Retry-After": str(wait_s)})
