"""Names: who looks one up waits in a thread, and the others go on."""

from collections.abc import Callable
from typing import Any

from eventlet import tpool
from eventlet.green import socket

LookUp = Callable[..., list[Any]]


def in_a_thread(look_up: LookUp) -> LookUp:
    """Return a `getaddrinfo` that leaves names to a thread of the pool; an address needs none."""

    def getaddrinfo(
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002, that is what callers call it
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        try:
            return look_up(host, port, family, type, proto, flags | socket.AI_NUMERICHOST)
        except socket.gaierror:
            found: list[Any] = tpool.execute(look_up, host, port, family, type, proto, flags)
            return found

    return getaddrinfo
