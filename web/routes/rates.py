"""Rates: how many requests of one address are taken in a second."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chassis.problems import Problem
from chassis.sites import FOR_PROGRAMS, SAFE
from web.routes.attempts import client_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A room behind one address that has saved so many seconds' worth may spend it at once.
SAVED_S = 10
MOST_CLIENTS = 1_000
# The page's files and its socket, which a room asks for all at once when it comes in, and programs.
_NOT_COUNTED = ("/static/", "/socket.io", "/v1/traces", *FOR_PROGRAMS)


@dataclass
class _Saved:
    left: float
    at_s: float


class Rate:
    """How often each client may do something: a token bucket for each. It is told the time.

    Args:
        per_s: how often in a second; SAVED_S times that at once, after a rest. 0 is any number.
    """

    def __init__(self, per_s: int) -> None:
        self._per_s = per_s
        self._most = per_s * SAVED_S
        self._saved: OrderedDict[str, _Saved] = OrderedDict()

    def wait_s(self, client: str, now_s: float) -> float:
        """Return 0, and count it; or how long the client has to wait until it may."""
        if self._per_s == 0:
            return 0.0
        saved = self._saved.setdefault(client, _Saved(self._most, now_s))
        self._saved.move_to_end(client)
        if len(self._saved) > MOST_CLIENTS:
            self._saved.popitem(last=False)
        saved.left = min(self._most, saved.left + (now_s - saved.at_s) * self._per_s)
        saved.at_s = now_s
        if saved.left < 1:
            return (1 - saved.left) / self._per_s
        saved.left -= 1
        return 0.0


def at_a_rate(
    app: WSGIApplication,
    changes_per_s: int,
    reads_per_s: int,
    now_s: Callable[[], float] = time.monotonic,
) -> WSGIApplication:
    """Refuse what one address asks more often than it may (429; RFC 6585, 4).

    Args:
        app: what answers the others.
        changes_per_s: how many may change something, in a second; 0 is any number.
        reads_per_s: how many others.
        now_s: a monotonic clock, in seconds.
    """
    changes, reads = Rate(changes_per_s), Rate(reads_per_s)

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(_NOT_COUNTED):
            forwarded = environ.get("HTTP_X_FORWARDED_FOR") or environ.get("HTTP_FORWARDED", "")
            client = client_of(environ.get("REMOTE_ADDR", ""), forwarded)
            rate = reads if environ["REQUEST_METHOD"] in SAFE else changes
            if wait_s := rate.wait_s(client, now_s()):
                return _too_many(math.ceil(wait_s)).response()(environ, start_response)
        return app(environ, start_response)

    return serve_one


def _too_many(wait_s: int) -> Problem:
    title = "Too many requests come from this address."
    detail = f"Nothing was changed. Try again in {wait_s} s."
    return Problem(429, "too-many-requests", title, detail, {"Retry-After": str(wait_s)})
