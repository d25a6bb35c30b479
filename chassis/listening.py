"""The sockets that a process listens on."""

import errno
import socket
from collections.abc import Mapping, Sequence

LOOPBACKS = ("127.0.0.1", "::1")
# Connections that wait to be accepted; more are asked by their own kernel to come again.
MOST_PENDING = 512

_SEVERAL: Mapping[str, Sequence[str]] = {"localhost": LOOPBACKS, "0.0.0.0": ("0.0.0.0", "::1")}  # noqa: S104
# What the system says where there is no IPv6, or none on loopback.
NO_IPV6 = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}


def listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on a port. Raises SystemExit if it is taken.

    Args:
        host: an address, or `localhost` for both loopback addresses. Clients that look up
            `localhost` try ::1 first (RFC 6724, 10.3), and not all of them go on to 127.0.0.1; so
            0.0.0.0, which is all addresses but those of IPv6, has ::1 besides.
        port: the same on each address; 0 takes one that is free.
    """
    return _sockets(host, port, MOST_PENDING)


def bound(host: str, port: int) -> list[socket.socket]:
    """Return sockets that have a port and do not listen yet, so that whoever comes is refused.

    Raises SystemExit if it is taken.

    Args:
        host, port: as for `listen`.
    """
    return _sockets(host, port, None)


def _sockets(host: str, port: int, pending: int | None) -> list[socket.socket]:
    addresses = _SEVERAL.get(host, [host])
    sockets: list[socket.socket] = []
    for address in addresses:
        try:
            sockets.append(_socket(address, port, pending))
        except (OSError, OverflowError) as error:
            if sockets and getattr(error, "errno", None) in NO_IPV6:
                continue
            for listener in sockets:
                listener.close()
            raise SystemExit(f"cannot listen on {address}, port {port}: {error}") from None
        port = sockets[0].getsockname()[1]
    return sockets


def _socket(address: str, port: int, pending: int | None) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named; without it, the body of each answer
    # would wait 40 ms for the client to acknowledge the head.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # A port whose last connections are still in TIME_WAIT is free; one that is in use is not.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address == "::1":
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        if pending is not None:
            listener.listen(pending)
    except OSError:
        listener.close()
        raise
    return listener
