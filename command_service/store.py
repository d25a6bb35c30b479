"""2. The write store: a command's todo, events, outbox rows and key in one transaction."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from psycopg2.errors import UniqueViolation
from psycopg2.extensions import cursor as Cursor  # noqa: N812, it is a class

from chassis.postgres import Postgres
from command_service.todo import CREATED, DELETED, Happened, Todo

# Up to here rows are counted, above they are estimated.
COUNTED = 20_000
SCHEMA = Path(__file__).with_name("schema.sql")


@dataclass(frozen=True)
class Written:
    """An event that a committed transaction holds."""

    event_id: str
    happened: Happened


@dataclass(frozen=True)
class Created:
    """The answer to a creation: the todo, and the event unless it is the answer of an earlier one.

    Args:
        todo_id: the new todo's id, or that of the todo that the same key made before.
        fingerprint: what the key was first used for, where it was used before.
        written: the event, None where nothing was written.
    """

    todo_id: int
    fingerprint: str | None
    written: Written | None


class TodoStore(Protocol):
    """What the command handlers need of a store."""

    def create(self, title: str, traceparent: str, key: str | None, fingerprint: str) -> Created:
        """Write a new todo and its event, or find what the same key wrote before."""

    def change(
        self, todo_id: int, decide: Callable[[Todo], Sequence[Happened]], traceparent: str
    ) -> tuple[Todo, list[Written]] | None:
        """Change a todo under its lock, or return None where there is none."""


# Prepared once per connection, so that PostgreSQL does not plan them anew for every command.
# A creation is one statement: one transaction and one round trip. Which events a change causes
# depends on the state, so a change takes two: the first takes the row's lock, the second writes
# and commits.
PREPARED = """
PREPARE create_todo (text, text) AS
WITH todo AS (
    INSERT INTO todos (title) VALUES ($1) RETURNING id, title, completed, version
), event AS (
    INSERT INTO events (id, kind, todo_id, version, title, completed, traceparent)
    SELECT gen_random_uuid(), 'todo.created', id, version, title, completed, $2 FROM todo
    RETURNING position, transaction_id, todo_id, id
), waiting AS (
    INSERT INTO outbox (position, transaction_id) SELECT position, transaction_id FROM event
)
SELECT todo_id, id, NULL FROM event;

PREPARE create_todo_once (text, text, text, text) AS
WITH known AS (
    SELECT todo_id, fingerprint FROM idempotency_keys WHERE key = $3
), todo AS (
    INSERT INTO todos (title) SELECT $1 WHERE NOT EXISTS (SELECT FROM known)
    RETURNING id, title, completed, version
), key AS (
    INSERT INTO idempotency_keys (key, fingerprint, todo_id) SELECT $3, $4, id FROM todo
), event AS (
    INSERT INTO events (id, kind, todo_id, version, title, completed, traceparent)
    SELECT gen_random_uuid(), 'todo.created', id, version, title, completed, $2 FROM todo
    RETURNING position, transaction_id, todo_id, id
), waiting AS (
    INSERT INTO outbox (position, transaction_id) SELECT position, transaction_id FROM event
)
SELECT todo_id, id, NULL FROM event UNION ALL SELECT todo_id, NULL, fingerprint FROM known;

PREPARE lock_todo (bigint) AS
SELECT id, title, completed, version FROM todos WHERE id = $1 FOR UPDATE;

PREPARE append_events (json, text) AS
WITH event AS (
    INSERT INTO events (id, kind, todo_id, version, title, completed, traceparent)
    SELECT id, kind, todo_id, version, title, completed, $2
    FROM json_to_recordset($1)
        AS e (id uuid, kind text, todo_id bigint, version bigint, title text, completed boolean)
    ORDER BY version
    RETURNING position, transaction_id
)
INSERT INTO outbox (position, transaction_id) SELECT position, transaction_id FROM event;
"""
_CREATE = "EXECUTE create_todo (%s, %s)"
_CREATE_ONCE = "EXECUTE create_todo_once (%s, %s, %s, %s)"
_LOCK = "BEGIN; EXECUTE lock_todo (%s)"
_APPEND = "EXECUTE append_events (%(events)s, %(traceparent)s);"
_UPDATE = """
UPDATE todos SET title = %(title)s, completed = %(completed)s, version = %(version)s
WHERE id = %(id)s;
"""
_DELETE = "DELETE FROM todos WHERE id = %(id)s;"
_AFTER = """
SELECT id, title, completed, version FROM todos WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
"""
_NEWEST = """
SELECT * FROM (
    SELECT id, title, completed, version FROM todos ORDER BY id DESC LIMIT %(limit)s
) AS newest ORDER BY id
"""


_COUNT = """
SELECT (SELECT count(*) FROM (SELECT FROM {table} LIMIT %(most)s) AS counted),
       (SELECT reltuples::bigint FROM pg_class WHERE oid = %(table)s::regclass)
"""


class PostgresTodoStore:
    """The store in PostgreSQL."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    def create(self, title: str, traceparent: str, key: str | None, fingerprint: str) -> Created:
        """Write a new todo and its event, or find what the same key wrote before.

        Args:
            title: a valid title.
            traceparent: the W3C context of the command.
            key: the Idempotency-Key, if there is one.
            fingerprint: what the key stands for.
        """
        with self._postgres.cursor() as cursor:
            if key is None:
                row = _one(cursor, _CREATE, (title, traceparent))
            else:
                values = (title, traceparent, key, fingerprint)
                try:
                    row = _one(cursor, _CREATE_ONCE, values)
                except UniqueViolation:
                    # The same key was under way in another transaction, committed since.
                    row = _one(cursor, _CREATE_ONCE, values)
        todo_id, event_id, used_for = row
        if used_for is not None:
            return Created(todo_id, used_for, None)
        todo = Todo(todo_id, title, completed=False, version=1)
        return Created(todo_id, None, Written(event_id, Happened(CREATED, todo)))

    def change(
        self, todo_id: int, decide: Callable[[Todo], Sequence[Happened]], traceparent: str
    ) -> tuple[Todo, list[Written]] | None:
        """Change a todo under its row lock.

        Args:
            todo_id: which one.
            decide: what the command causes, given the todo as it is; what it raises undoes all.
            traceparent: the W3C context of the command.

        Returns:
            The todo after the change and the events written; None where there is no such todo.
        """
        with self._postgres.cursor() as cursor:
            cursor.execute(_LOCK, (todo_id,))
            row = cursor.fetchone()
            if row is None:
                cursor.execute("ROLLBACK")
                return None
            before = Todo(*row)
            written = [Written(str(uuid4()), happened) for happened in decide(before)]
            if not written:
                cursor.execute("ROLLBACK")
                return before, []
            after = written[-1].happened
            last = _DELETE if after.kind == DELETED else _UPDATE
            events = json.dumps([_row_of(each) for each in written])
            values = {**vars(after.todo), "events": events, "traceparent": traceparent}
            cursor.execute(_APPEND + last + "COMMIT", values)
            return after.todo, written

    def holds(self) -> dict[str, int]:
        """Return how many rows each table has now; of large tables the planner's estimate."""
        with self._postgres.cursor() as cursor:
            return {table: _count(cursor, table) for table in ("todos", "outbox", "events")}

    def window(self, after: int | None, limit: int) -> list[dict[str, Any]]:
        """Return rows in id order.

        Args:
            after: only those with a larger id; None for the newest.
            limit: how many at the most.
        """
        with self._postgres.cursor() as cursor:
            cursor.execute(_NEWEST if after is None else _AFTER, {"after": after, "limit": limit})
            names = ("id", "title", "completed", "version")
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def cloud_event(self, todo_id: int, version: int) -> str | None:
        """Return the event that made a version of a todo, as it travels; None where none did."""
        with self._postgres.cursor() as cursor:
            cursor.execute(
                "SELECT cloud_event FROM cloud_events WHERE todo_id = %s AND version = %s",
                (todo_id, version),
            )
            row = cursor.fetchone()
        return row[0] if row else None


def _count(cursor: Cursor, table: str) -> int:
    # Counting a million rows several times a second would be the page's load, not the room's.
    values = {"table": table, "most": COUNTED}
    count, estimate = _one(cursor, _COUNT.format(table=table), values)
    return int(count if count < COUNTED else max(estimate, count))


def _row_of(written: Written) -> dict[str, Any]:
    todo = written.happened.todo
    return {
        "id": written.event_id,
        "kind": written.happened.kind,
        "todo_id": todo.id,
        "version": todo.version,
        "title": todo.title,
        "completed": todo.completed,
    }


def _one(cursor: Cursor, statement: str, values: Sequence[Any] | dict[str, Any]) -> tuple[Any, ...]:
    cursor.execute(statement, values)
    row = cursor.fetchone()
    if row is None:
        raise LookupError(statement)
    return row
