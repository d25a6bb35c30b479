"""The write store: a command's todo, events, outbox rows and key, all in one transaction."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from psycopg2.errors import UniqueViolation
from psycopg2.extensions import cursor as Cursor  # noqa: N812, it is a class

from chassis.postgres import Postgres
from command_service.commands import CreatedBefore, Key, NoSuchTodo
from command_service.events import Written
from command_service.todo import DELETED, Happened, NewTodo, Todo

# What both creations share: the event of the new todo, and its row in the outbox.
_EVENT_OF_TODO = """event AS (
    INSERT INTO events (id, kind, todo_id, version, title, completed, traceparent)
    SELECT gen_random_uuid(), $4, id, version, title, completed, $5 FROM todo
    RETURNING position, transaction_id, todo_id, id
), waiting AS (
    INSERT INTO outbox (position, transaction_id) SELECT position, transaction_id FROM event
)
SELECT todo_id, id, NULL FROM event"""

# Prepared once per connection, so that PostgreSQL does not plan them for every command.
# A creation is one statement: one transaction and one round trip. Which events a change causes
# depends on the state, so a change takes two: the first takes the row's lock, the second writes
# and commits.
PREPARED = f"""
PREPARE create_todo (text, boolean, bigint, text, text) AS
WITH todo AS (
    INSERT INTO todos (title, completed, version) VALUES ($1, $2, $3)
    RETURNING id, title, completed, version
), {_EVENT_OF_TODO};

PREPARE create_todo_once (text, boolean, bigint, text, text, text, text) AS
WITH known AS (
    SELECT todo_id, fingerprint FROM idempotency_keys WHERE key = $6
), todo AS (
    INSERT INTO todos (title, completed, version)
    SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM known)
    RETURNING id, title, completed, version
), key AS (
    INSERT INTO idempotency_keys (key, fingerprint, todo_id) SELECT $6, $7, id FROM todo
), {_EVENT_OF_TODO} UNION ALL SELECT todo_id, NULL, fingerprint FROM known;

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
"""  # noqa: S608, both parts are written here
CREATE = "EXECUTE create_todo (%s, %s, %s, %s, %s)"
_CREATE_ONCE = "EXECUTE create_todo_once (%s, %s, %s, %s, %s, %s, %s)"
_LOCK = "BEGIN; EXECUTE lock_todo (%s)"
_APPEND = "EXECUTE append_events (%(events)s, %(traceparent)s);"
_UPDATE = """
UPDATE todos SET title = %(title)s, completed = %(completed)s, version = %(version)s
WHERE id = %(id)s;
"""
_DELETE = "DELETE FROM todos WHERE id = %(id)s;"


class PostgresTodoStore:
    """The store in PostgreSQL."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    def add(self, new: NewTodo, traceparent: str, key: Key | None) -> Written | CreatedBefore:
        """Write a new todo and its event, unless the same key has done so before."""
        with self._postgres.cursor() as cursor:
            try:
                return self._add(cursor, new, traceparent, key)
            except UniqueViolation:
                # The same key was under way in another transaction, which has committed since.
                return self._add(cursor, new, traceparent, key)

    @contextmanager
    def locked(self, todo_id: int) -> Iterator["LockedRow"]:
        """Lock a todo's row; what was not written when the block ends is rolled back.

        Raises NoSuchTodo.
        """
        with self._postgres.cursor() as cursor:
            yield LockedRow(cursor, self._lock(cursor, todo_id))

    def _add(
        self, cursor: Cursor, new: NewTodo, traceparent: str, key: Key | None
    ) -> Written | CreatedBefore:
        values = values_of(new, traceparent)
        if key is None:
            row = _one(cursor, CREATE, values)
        else:
            row = _one(cursor, _CREATE_ONCE, (*values, key.text, key.fingerprint))
        todo_id, event_id, fingerprint = row
        if fingerprint is not None:
            return CreatedBefore(todo_id, fingerprint)
        return Written(event_id, new.with_id(todo_id))

    def _lock(self, cursor: Cursor, todo_id: int) -> Todo:
        cursor.execute(_LOCK, (todo_id,))
        row = cursor.fetchone()
        if row is None:
            raise NoSuchTodo(todo_id)
        return Todo(*row)


class LockedRow:
    """A todo whose row is locked in a transaction of ours."""

    def __init__(self, cursor: Cursor, todo: Todo) -> None:
        self._cursor = cursor
        self.todo = todo

    def write(self, happened: Sequence[Happened], traceparent: str) -> list[Written]:
        """Write the todo's new state and its events, and commit, in one round trip.

        If nothing has happened, nothing is written.
        """
        return self._write(happened, traceparent, then="COMMIT")

    def _write(self, happened: Sequence[Happened], traceparent: str, then: str) -> list[Written]:
        written = [Written(str(uuid4()), each) for each in happened]
        if written:
            after = happened[-1]
            last = _DELETE if after.kind == DELETED else _UPDATE
            events = json.dumps([_row_of(each) for each in written])
            values = {**vars(after.todo), "events": events, "traceparent": traceparent}
            self._cursor.execute(_APPEND + last + then, values)
        return written


def values_of(new: NewTodo, traceparent: str) -> tuple[Any, ...]:
    """Return the values that CREATE takes."""
    return (str(new.title), new.completed, new.version, new.kind, traceparent)


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


def _one(cursor: Cursor, statement: str, values: Sequence[Any]) -> tuple[Any, ...]:
    cursor.execute(statement, values)
    row = cursor.fetchone()
    if row is None:
        raise LookupError(statement)
    return row
