"""The write side's known start: its tables as they were at a moment, kept beside them.

A lesson goes back there. Only ids go on: an id that was handed out is never handed out again, so no
token, no `If-Match` and no browser that remembers one can take another todo for its own.
"""

from typing import Any

from flask import Flask, Response, request
from psycopg2.extensions import cursor as Cursor  # noqa: N812, it is a class

from chassis.postgres import Postgres
from chassis.problems import Problem, json_response, wrong_shape

# Some seconds are enough for a million events, and a command must not wait for ever. The pipeline's
# plans are for single rows (docs/decisions/0011); these statements are about whole tables.
_BEGIN = """
BEGIN;
SET LOCAL statement_timeout = '60s';
SET LOCAL enable_seqscan = on;
"""
_LOCK = "LOCK TABLE todos, events, outbox, idempotency_keys IN EXCLUSIVE MODE;"
_TAKE = """
CREATE SCHEMA IF NOT EXISTS known_start;
DROP TABLE IF EXISTS
    known_start.todos, known_start.events, known_start.idempotency_keys, known_start.taken;
CREATE TABLE known_start.todos AS TABLE todos;
CREATE TABLE known_start.events AS TABLE events;
CREATE TABLE known_start.idempotency_keys AS TABLE idempotency_keys;
CREATE TABLE known_start.taken AS
SELECT %(name)s::text AS name, now() AS at, pg_current_snapshot()::text AS snapshot,
       (SELECT count(*) FROM todos) AS todos, (SELECT count(*) FROM events) AS events;
ANALYZE known_start.events, known_start.todos, known_start.idempotency_keys;
"""
_TAKEN = """
SELECT name, extract(epoch FROM at) * 1000, snapshot, todos, events FROM known_start.taken
"""
_RETIRE_IDS = "INSERT INTO retired_ids (upto) SELECT max(todo_id) FROM events HAVING count(*) > 0;"
# What is as it was stays where it is, so going back costs what has happened since.
_RESTORE = f"""
{_RETIRE_IDS}
DELETE FROM outbox;
DELETE FROM sagas;
DELETE FROM events AS now WHERE NOT EXISTS (
    SELECT FROM known_start.events AS kept WHERE kept.id = now.id
);
INSERT INTO events OVERRIDING SYSTEM VALUE
SELECT * FROM known_start.events AS kept WHERE NOT EXISTS (
    SELECT FROM events AS now WHERE now.id = kept.id
);
DELETE FROM todos AS now WHERE NOT EXISTS (
    SELECT FROM known_start.todos AS kept WHERE ROW(kept.*) = ROW(now.*)
);
INSERT INTO todos SELECT * FROM known_start.todos ON CONFLICT (id) DO NOTHING;
DELETE FROM idempotency_keys AS now WHERE NOT EXISTS (
    SELECT FROM known_start.idempotency_keys AS kept WHERE ROW(kept.*) = ROW(now.*)
);
INSERT INTO idempotency_keys
SELECT * FROM known_start.idempotency_keys ON CONFLICT (key) DO NOTHING;
"""  # noqa: S608, both parts are written here
_COUNTS = """
SELECT (SELECT count(*) FROM todos), (SELECT count(*) FROM events),
       (SELECT count(*) FROM outbox), (SELECT count(*) FROM idempotency_keys)
"""
_COUNTED = ("todos", "events", "outbox", "idempotency_keys")
_EMPTY = f"{_RETIRE_IDS} TRUNCATE todos, events, outbox, idempotency_keys, sagas;"


class KnownStart:
    """Takes the known start, and goes back to it."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    def taken(self) -> dict[str, Any] | None:
        """Return what there is to go back to, if anything."""
        with self._postgres.cursor() as cursor:
            return _taken(cursor)

    def counts(self) -> dict[str, int]:
        """Return how many rows each table has now."""
        with self._postgres.cursor() as cursor:
            return _counts(cursor)

    def take(self, name: str) -> dict[str, Any]:
        """Keep the tables as they are, under a name that the read side's have, too.

        Commands wait meanwhile. Raises Problem if an event waits to be published.
        """
        with self._postgres.cursor() as cursor:
            cursor.execute(_BEGIN + _LOCK)
            if waiting := _counts(cursor)["outbox"]:
                raise _not_quiet(f"{waiting} events wait in the outbox.")
            cursor.execute(_TAKE, {"name": name})
            taken = _taken(cursor)
            cursor.execute("COMMIT")
        assert taken is not None
        return taken

    def restore(self, name: str) -> dict[str, int]:
        """Make the tables what they were, and return how many rows each had before that.

        Commands wait meanwhile, and are then carried out on what was restored. Raises Problem.
        """
        with self._postgres.cursor() as cursor:
            taken = _taken(cursor)
            if taken is None or taken["name"] != name:
                raise _none_of_that_name()
            cursor.execute(_BEGIN + _LOCK)
            before = _counts(cursor)
            cursor.execute(_RESTORE + "COMMIT")
        return before

    def empty(self) -> dict[str, int]:
        """Remove all rows of the tables, and return how many each had."""
        with self._postgres.cursor() as cursor:
            cursor.execute(_BEGIN + _LOCK)
            before = _counts(cursor)
            cursor.execute(_EMPTY + "COMMIT")
        return before


def add_known_start(app: Flask, known_start: KnownStart) -> None:
    """Give the app the routes of the known start, and the one that empties the tables."""

    @app.get("/lab/known-start")
    def show_known_start() -> Response:
        return json_response({"known_start": known_start.taken(), "now": known_start.counts()})

    @app.put("/lab/known-start")
    def take_known_start() -> Response:
        return json_response(known_start.take(_name()))

    @app.post("/lab/known-start/restore")
    def restore_known_start() -> Response:
        return json_response({"before": known_start.restore(_name())})

    @app.post("/lab/reset")
    def reset_all() -> Response:
        return json_response({"removed": known_start.empty()})


def _taken(cursor: Cursor) -> dict[str, Any] | None:
    cursor.execute("SELECT to_regclass('known_start.taken') IS NOT NULL")
    if cursor.fetchone() != (True,):
        return None
    cursor.execute(_TAKEN)
    row = cursor.fetchone()
    if row is None:
        return None
    name, at_ms, snapshot, todos, events = row
    return {
        "name": name,
        "at_ms": float(at_ms),
        "snapshot": snapshot,
        "todos": todos,
        "events": events,
    }


def _counts(cursor: Cursor) -> dict[str, int]:
    cursor.execute(_COUNTS)
    [counts] = cursor.fetchall()
    return dict(zip(_COUNTED, counts, strict=True))


def _name() -> str:
    body = request.get_json(silent=True)
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not name:
        raise wrong_shape('Send {"name": "…"}.')
    return name


def _not_quiet(detail: str) -> Problem:
    return Problem(409, "not-quiet", "Something is under way.", detail)


def _none_of_that_name() -> Problem:
    detail = "It was never taken, or only one side has it. Take it again."
    return Problem(404, "no-known-start", "There is no known start.", detail)
