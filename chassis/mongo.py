"""MongoDB: one client per process, its errors translated in one place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from chassis.errors import ServerUnavailable, first_line

SERVER = "mongodb"
_DEFAULT_DATABASE = "eventually"


def database(url: str, timeout_ms: int) -> Database[dict[str, Any]]:
    """Return the database that the URL names. Nothing connects before the first use.

    An operation may take `timeout_ms`, the search for the server included, unless the URL says
    otherwise (`?timeoutMS=`).
    """
    # A list of hosts is no URL to Python's parser.
    said = {name.lower() for name in parse_qs(url.partition("?")[2])}
    search_ms = min(timeout_ms, 3000)
    timeouts: dict[str, Any] = {
        "serverSelectionTimeoutMS": search_ms,
        "connectTimeoutMS": search_ms,
        "timeoutMS": timeout_ms,
    }
    client: MongoClient[dict[str, Any]] = MongoClient(
        url,
        **{name: ms for name, ms in timeouts.items() if name.lower() not in said},
        readConcernLevel="majority",
        w="majority",
        journal=True,
        connect=False,
    )
    return client.get_default_database(_DEFAULT_DATABASE)


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


def check(store: Database[dict[str, Any]]) -> None:
    """Ask the server for a sign of life. Raises ServerUnavailable."""
    with translated():
        store.command("ping")
