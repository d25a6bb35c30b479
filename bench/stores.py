"""Both stores of a stack, as the bench fills and reads them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from pymongo import MongoClient
from pymongo.database import Database

UNSAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4730-00f067aa0ba902b7-00"

Sql = Callable[..., list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Stores:
    """One write store and one read store.

    Args:
        database_url: the database in PostgreSQL.
        mongodb_url: the database in MongoDB.
    """

    database_url: str
    mongodb_url: str

    @contextmanager
    def connected(self) -> Iterator[Sql]:
        """Lend a connection to the write store for frequent statements; each one commits."""
        connection = psycopg2.connect(self.database_url)
        connection.autocommit = True

        def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                # A result without columns has an empty description, but it has rows.
                return cursor.fetchall() if cursor.description is not None else []

        try:
            yield run
        finally:
            connection.close()

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement, and return its rows."""
        with self.connected() as sql:
            return sql(statement, *values)

    @contextmanager
    def mongodb(self) -> Iterator[Database[dict[str, Any]]]:
        """Lend the read store."""
        with MongoClient[dict[str, Any]](self.mongodb_url, w="majority") as client:
            yield client.get_default_database()

    def write_events(self, count: int, *, outbox: bool) -> None:
        """Write todos with their first event, as the command service would."""
        self.sql(
            """
            WITH todo AS (
                INSERT INTO todos (title)
                SELECT 'Bench todo ' || n FROM generate_series(1, %s) AS n
                RETURNING id, title, completed, version
            ), event AS (
                INSERT INTO events (id, kind, todo_id, version, title, completed, traceparent)
                SELECT gen_random_uuid(), 'todo.created', id, version, title, completed,
                       %s
                FROM todo RETURNING position, transaction_id
            )
            INSERT INTO outbox (position, transaction_id)
            SELECT position, transaction_id FROM event WHERE %s
            """,
            count,
            UNSAMPLED,
            outbox,
        )

    def newest_id(self) -> int:
        """Return the largest id in the read store, 0 if it is empty."""
        with self.mongodb() as database:
            newest = database["todos"].find_one({}, {"_id": 1}, sort=[("_id", -1)])
        return int(newest["_id"]) if newest else 0
