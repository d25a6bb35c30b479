"""One link of the lab by itself, in front of a server that the test plays."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from chassis.lab.firings import Firings
from links.link import Address, Link
from links.proxy import Proxy
from tests.support.waiting import until

WITHIN_S = 60.0


@dataclass
class OneLink:
    """A link, and how to reach it from both sides.

    Args:
        link: it.
        port: where its clients come in.
        server: accepts what comes through it.
        proxy: the proxy that it is part of.
    """

    link: Link
    port: int
    server: socket.socket
    proxy: Proxy
    open: list[socket.socket] = field(default_factory=list)

    def set(self, toxic: str, *, on: bool = True, **values: Any) -> dict[str, Any]:
        """Set one of its toxics, and return the state."""
        return self.link.lab.set(toxic, {"on": on, **values})

    def client(self) -> socket.socket:
        """Return a client's end that has connected."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=WITHIN_S)
        self.open.append(client)
        return client

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """Return both ends of a connection through the link."""
        client = self.client()
        server, _address = self.server.accept()
        server.settimeout(WITHIN_S)
        self.open.append(server)
        until(lambda: self.link.connections >= 1)
        return client, server


@contextmanager
def one_link(firings: Firings | None = None) -> Iterator[OneLink]:
    """Run one link in front of a server that only accepts."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(WITHIN_S)
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        upstream = Address("127.0.0.1", server.getsockname()[1])
        here = Address("127.0.0.1", port)
        link = Link("relay-rabbitmq", here, upstream, firings or Firings.unrecorded())
        proxy = Proxy([link])
        link.lab.connect(lambda: None, partial(proxy.heed, link))
        with proxy:
            made = OneLink(link, port, server, proxy)
            yield made
            for each in made.open:
                each.close()


def sent_all(end: socket.socket, data: bytes) -> threading.Thread:
    """Send in a thread, as a network takes only so much at a time."""

    def send() -> None:
        end.sendall(data)
        end.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


def received(end: socket.socket, count: int | None = None) -> bytes:
    """Return so many bytes, or all until the sender's end."""
    data = b""
    while count is None or len(data) < count:
        piece = end.recv(65536)
        if not piece:
            break
        data += piece
    return data


def is_quiet(end: socket.socket) -> bool:
    """Return whether nothing has come to this end, not even the sender's end."""
    end.setblocking(False)
    try:
        end.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    finally:
        end.settimeout(WITHIN_S)
    return False
