"""PostgreSQL: a connection for each thread, opened again when the server comes back."""

import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from weakref import WeakSet

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812, it is a class
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extensions import make_dsn

from chassis.errors import OutcomeUnknown, ServerUnavailable, first_line
from chassis.routes import Route, Way

SERVER = "postgresql"

_OPTIONS = "-c timezone=UTC -c statement_timeout=10s -c lock_timeout=5s"


@dataclass(eq=False)
class _Mine:
    """The connection of one thread.

    Args:
        lock: held while it is lent.
        connection: it, if there is one.
        way: the way that it goes.
        stays: whether it goes on that way until its thread moves it.
    """

    lock: threading.RLock = field(default_factory=threading.RLock)
    connection: Connection | None = None
    way: Way | None = None
    stays: bool = False


class Postgres:
    """Connections to one database.

    Args:
        url: a libpq URL; several hosts are tried in turn.
        begin: asks the server for what has to be there, before the first use and after each loss of
            it. Raises ServerUnavailable if it is not.
        prepared: PREPARE statements that each connection begins with.
        options: settings of each connection, as libpq has them: `-c name=value`.
        route: which way they go, if not always directly.
    """

    def __init__(
        self,
        url: str,
        begin: Callable[[Cursor], None],
        prepared: str = "",
        options: str = "",
        route: Route | None = None,
    ) -> None:
        self._url = url
        self._route = route or Route("")
        self._route.on_change(self._move_idle)
        self._options = f"{_OPTIONS} {options}"
        self._prepare = prepared
        self._begin = begin
        self._local = threading.local()
        self._all: WeakSet[_Mine] = WeakSet()
        self._has_begun = False
        self._beginning = threading.Lock()

    @contextmanager
    def cursor(self, *, stays: bool = False) -> Iterator[Cursor]:
        """Lend this thread's connection, in autocommit mode: each execute is a transaction.

        Args:
            stays: whether the connection is to be the same one as before, whichever way it goes:
                the session means something. See `has_to_move`.

        Raises:
            ServerUnavailable: the server cannot be reached; nothing was done.
            OutcomeUnknown: the connection broke after something had been sent.
        """
        mine = self._mine()
        with mine.lock:
            mine.stays = stays
            connection = self._connection(mine)
            try:
                with connection.cursor() as cursor:
                    yield cursor
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                if not connection.closed:
                    # A timeout or a deadlock: the server has undone it, and the connection is fine.
                    raise ServerUnavailable(SERVER, first_line(error)) from error
                self._lose(mine)
                raise OutcomeUnknown(SERVER, first_line(error)) from error
            finally:
                if not connection.closed and connection.get_transaction_status() != _IDLE:
                    self._roll_back(mine, connection)

    @property
    def has_to_move(self) -> bool:
        """Return whether this thread's connection goes another way than it should."""
        mine = self._mine()
        return mine.connection is not None and mine.way != self._route.way

    def arrived(self) -> None:
        """Say that this thread's connection, which it moves itself, goes its way now."""
        self._route.arrived(self._mine().way)

    def check(self) -> None:
        """Ask the server for a sign of life. Raises ServerUnavailable."""
        with self.cursor() as cursor:
            cursor.execute("SELECT 1")

    def version(self) -> str:
        """Return the server's version, as it says when one connects. Raises ServerUnavailable."""
        with self.cursor() as cursor:
            version = cursor.connection.get_parameter_status("server_version")
        # Debian adds its own to it.
        return str(version).partition(" ")[0]

    def close(self) -> None:
        """Close this thread's connection."""
        _drop(self._mine())

    def _mine(self) -> _Mine:
        mine: _Mine | None = getattr(self._local, "mine", None)
        if mine is None:
            mine = self._local.mine = _Mine()
            self._all.add(mine)
        return mine

    def _connection(self, mine: _Mine) -> Connection:
        if mine.connection is not None and mine.way != self._route.way and not mine.stays:
            _drop(mine)
        if mine.connection is not None and _said_goodbye(mine.connection):
            self._lose(mine)
        if mine.connection is None:
            mine.way = self._route.way
            mine.connection = self._open(mine.way)
        return mine.connection

    def _move_idle(self) -> int:
        """Move the connections that nobody uses just now; return how many. From any thread.

        The others move when they are lent again.
        """
        moved = 0
        for mine in list(self._all):
            if not mine.lock.acquire(blocking=False):
                continue
            try:
                if mine.connection is not None and not mine.stays:
                    # It may be that there is no way through just now.
                    with suppress(ServerUnavailable):
                        self._connection(mine)
                        moved += 1
            finally:
                mine.lock.release()
        return moved

    def _open(self, way: Way | None) -> Connection:
        try:
            connection = psycopg2.connect(
                make_dsn(self._url, host=way.host, port=way.port) if way else self._url,
                connect_timeout=2,
                options=self._options,
                tcp_user_timeout=10_000,
                keepalives_idle=10,
                keepalives_interval=3,
                keepalives_count=3,
            )
            connection.autocommit = True
            with self._beginning:
                if not self._has_begun:
                    with connection.cursor() as cursor:
                        self._begin(cursor)
                    self._has_begun = True
            if self._prepare:
                with connection.cursor() as cursor:
                    cursor.execute(self._prepare)
        except psycopg2.Error as error:
            raise ServerUnavailable(SERVER, first_line(error)) from error
        return connection

    def _roll_back(self, mine: _Mine, connection: Connection) -> None:
        # In autocommit mode psycopg2's rollback() does nothing, not even to a transaction that a
        # statement of ours began.
        try:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        except psycopg2.Error:
            self._lose(mine)

    def _lose(self, mine: _Mine) -> None:
        """Close a connection that is of no use; the server may come back as another one."""
        self._has_begun = False
        _drop(mine)


def _drop(mine: _Mine) -> None:
    connection, mine.connection = mine.connection, None
    if connection is not None:
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
