"""PostgreSQL: a connection for each thread, opened again when the server comes back."""

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812, it is a class
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from chassis.errors import OutcomeUnknown, ServerUnavailable, first_line

SERVER = "postgresql"

_OPTIONS = "-c timezone=UTC -c statement_timeout=10s -c lock_timeout=5s"


class Postgres:
    """Connections to one database.

    Args:
        url: a libpq URL; several hosts are tried in turn.
        schema: an idempotent script, run before the first use and after each loss of the server.
        prepared: PREPARE statements that each connection begins with.
        options: settings of each connection, as libpq has them: `-c name=value`.
    """

    def __init__(self, url: str, schema: Path, prepared: str = "", options: str = "") -> None:
        self._url = url
        self._options = f"{_OPTIONS} {options}"
        self._prepare = prepared
        self._schema = schema.read_text(encoding="utf-8")
        self._mine = threading.local()
        self._prepared = False
        self._preparing = threading.Lock()

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """Lend this thread's connection, in autocommit mode: each execute is a transaction.

        Raises:
            ServerUnavailable: the server cannot be reached; nothing was done.
            OutcomeUnknown: the connection broke after something had been sent.
        """
        connection = self._connection()
        try:
            with connection.cursor() as cursor:
                yield cursor
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            if not connection.closed:
                # A timeout or a deadlock: the server has undone it, and the connection is fine.
                raise ServerUnavailable(SERVER, first_line(error)) from error
            self._drop()
            raise OutcomeUnknown(SERVER, first_line(error)) from error
        finally:
            if not connection.closed and connection.get_transaction_status() != _IDLE:
                self._roll_back(connection)

    def check(self) -> None:
        """Ask the server for a sign of life. Raises ServerUnavailable."""
        with self.cursor() as cursor:
            cursor.execute("SELECT 1")

    def close(self) -> None:
        """Close this thread's connection."""
        self._drop()

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._mine, "connection", None)
        if connection is not None and _said_goodbye(connection):
            self._drop()
            connection = None
        if connection is None:
            connection = self._mine.connection = self._open()
        return connection

    def _open(self) -> Connection:
        try:
            connection = psycopg2.connect(
                self._url,
                connect_timeout=2,
                options=self._options,
                tcp_user_timeout=10_000,
                keepalives_idle=10,
                keepalives_interval=3,
                keepalives_count=3,
            )
            connection.autocommit = True
            with self._preparing:
                if not self._prepared:
                    with connection.cursor() as cursor:
                        cursor.execute(self._schema)
                    self._prepared = True
            if self._prepare:
                with connection.cursor() as cursor:
                    cursor.execute(self._prepare)
        except psycopg2.Error as error:
            raise ServerUnavailable(SERVER, first_line(error)) from error
        return connection

    def _roll_back(self, connection: Connection) -> None:
        # In autocommit mode psycopg2's rollback() does nothing, not even to a transaction that a
        # statement of ours began.
        try:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        except psycopg2.Error:
            self._drop()

    def _drop(self) -> None:
        connection: Connection | None = getattr(self._mine, "connection", None)
        self._mine.connection = None
        if connection is not None:
            self._prepared = False
            with suppress(psycopg2.Error):
                connection.close()


_IDLE = psycopg2.extensions.TRANSACTION_STATUS_IDLE


def _said_goodbye(connection: Connection) -> bool:
    """Return whether an idle connection is no longer of use.

    A server that stops closes its connections. libpq notices only at the next statement, which
    then fails without having been carried out. An idle connection has nothing to read but notices
    (NOTIFY): if there is something else, it is the server's goodbye.
    """
    if connection.closed:
        return True
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN)
    try:
        while poller.poll(0):
            connection.poll()
    except psycopg2.Error:
        return True
    return False
