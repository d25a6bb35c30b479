"""MongoDB: one client per process, its errors translated in one place."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, cast
from urllib.parse import parse_qs

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import BulkWriteError, ConnectionFailure, OperationFailure, PyMongoError

from chassis.errors import ServerUnavailable, first_line
from chassis.routes import Route, Way

SERVER = "mongodb"
_DEFAULT_DATABASE = "eventually"
# The hosts in a URL: after the scheme and the user, and before the path.
_HOSTS = re.compile(r"^(\w+://(?:[^/?@]*@)?)[^/?]+(.*)$")
# After so many times what an operation may take, nobody uses a client that was replaced.
_TIMES_OUT = 2


def database(url: str, timeout_ms: int, route: Route | None = None) -> Database[dict[str, Any]]:
    """Return the database that the URL names. Nothing connects before the first use.

    Args:
        url: where it is.
        timeout_ms: what an operation may take, the search for the server included, unless the URL
            says otherwise (`?timeoutMS=`).
        route: which way its client goes, if not always directly.
    """
    if route is None:
        return _database(url, timeout_ms)
    moving = _MovingClient(url, timeout_ms, route)
    return cast("Database[dict[str, Any]]", _Moving(lambda: moving.database))


def _database(url: str, timeout_ms: int, way: Way | None = None) -> Database[dict[str, Any]]:
    # A list of hosts is no URL to Python's parser.
    said = {name.lower() for name in parse_qs(url.partition("?")[2])}
    search_ms = min(timeout_ms, 3000)
    settings: dict[str, Any] = {
        "serverSelectionTimeoutMS": search_ms,
        "connectTimeoutMS": search_ms,
        "timeoutMS": timeout_ms,
    }
    if way:
        # Or the driver would go to where the server says it is.
        settings["directConnection"] = True
    client: MongoClient[dict[str, Any]] = MongoClient(
        _HOSTS.sub(rf"\g<1>{way.host}:{way.port}\g<2>", url) if way else url,
        **{name: it for name, it in settings.items() if name.lower() not in said},
        readConcernLevel="majority",
        w="majority",
        journal=True,
        connect=False,
    )
    return client.get_default_database(_DEFAULT_DATABASE)


class _MovingClient:
    """A client that is replaced by another one when its route leads another way."""

    def __init__(self, url: str, timeout_ms: int, route: Route) -> None:
        self._url = url
        self._timeout_ms = timeout_ms
        self._route = route
        self.database = _database(url, timeout_ms, route.way)
        route.on_change(self._move)

    def _move(self) -> int:
        old, new = self.database, _database(self._url, self._timeout_ms, self._route.way)
        # A client connects when it is first used; it is to be open once it is the one in use.
        with suppress(ServerUnavailable):
            check(new)
        self.database = new
        # What is under way goes on.
        closing = threading.Timer(_TIMES_OUT * self._timeout_ms / 1000, old.client.close)
        closing.daemon = True
        closing.start()
        return 1


class _Moving:
    """Stands for the database, or a collection in it, of the client that is in use now."""

    def __init__(self, now: Callable[[], Any]) -> None:
        self._now = now

    def __getattr__(self, name: str) -> Any:
        return getattr(self._now(), name)

    def __getitem__(self, name: str) -> "_Moving":
        kept: tuple[Any, Any] = (None, None)

        def now() -> Any:
            nonlocal kept
            holder = self._now()
            # To make one takes a good part of the time of an operation.
            if kept[0] is not holder:
                kept = holder, holder[name]
            return kept[1]

        return _Moving(now)


@contextmanager
def translated() -> Iterator[None]:
    """Translate the driver's errors. Raises ServerUnavailable if waiting may help."""
    try:
        yield
    except PyMongoError as error:
        if isinstance(error, (ConnectionFailure, OperationFailure)) or error.timeout:
            # A refusal of the whole command (no rights, shutting down, stepping down) is about the
            # server, not about one document: waiting is safe, and an operator will mend it.
            raise ServerUnavailable(SERVER, first_line(error)) from error
        raise


def refusals(error: BulkWriteError) -> Sequence[Mapping[str, Any]]:
    """Return what the server refused of a bulk write; all else was written, and journaled.

    Raises the error itself if that is not certain.
    """
    details: Mapping[str, Any] = error.details or {}
    if details.get("writeConcernErrors") or not details.get("writeErrors"):
        raise error
    refused: Sequence[Mapping[str, Any]] = details["writeErrors"]
    return refused


def insist(refused: Mapping[Any, str]) -> None:
    """Raise ServerUnavailable if a document was refused, where half of them are none.

    Args:
        refused: the reason for each.
    """
    for reason in refused.values():
        raise ServerUnavailable(SERVER, reason)


def version(store: Database[dict[str, Any]]) -> str:
    """Return the server's version. Raises ServerUnavailable."""
    with translated():
        return str(store.command("buildInfo")["version"])


def check(store: Database[dict[str, Any]]) -> None:
    """Ask the server for a sign of life. Raises ServerUnavailable."""
    with translated():
        store.command("ping")
