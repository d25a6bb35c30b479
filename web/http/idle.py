"""The idle connections: those that have been so longest make room for others."""

from collections.abc import Iterator
from contextlib import contextmanager

from web.http.connection import Connection


class Idle:
    """Lists the connections on which no request is under way, in the order in which it ended."""

    def __init__(self) -> None:
        self._connections: dict[Connection, None] = {}

    @contextmanager
    def while_idle(self, connection: Connection) -> Iterator[None]:
        """List a connection meanwhile."""
        self._connections[connection] = None
        try:
            yield
        finally:
            self._connections.pop(connection, None)

    def end_longest(self) -> bool:
        """End the connection that has been idle longest; return False if there is none."""
        for connection in self._connections:
            del self._connections[connection]
            connection.end()
            return True
        return False

    def end_all(self) -> None:
        """End all of them."""
        while self.end_longest():
            pass
