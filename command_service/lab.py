"""The lab's look at the write side: what PostgreSQL holds now, todo by todo."""

import re
from typing import Any

from flask import Flask, Response, request

from chassis.lab.match import MAX_ID
from chassis.lab.routes import wanted_window
from chassis.postgres import Postgres
from chassis.problems import Problem, json_response
from command_service.commands import NoSuchTodo
from command_service.events import CONTENT_TYPE

# Up to this many rows are counted; beyond that, the planner's estimate is shown. Counting a million
# rows several times a second would be load from the page, not from the room.
COUNTED = 20_000

_COUNTS = """
SELECT (SELECT count(*) FROM (SELECT FROM todos LIMIT %(most)s) AS counted),
       (SELECT count(*) FROM (SELECT FROM outbox LIMIT %(most)s) AS counted),
       (SELECT count(*) FROM (SELECT FROM events LIMIT %(most)s) AS counted),
       (SELECT id::text FROM events ORDER BY transaction_id, position LIMIT 1)
"""
_ESTIMATE = "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass"
_AFTER = """
SELECT id, title, completed, version FROM todos WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
"""
_NEWEST = """
SELECT * FROM (
    SELECT id, title, completed, version FROM todos ORDER BY id DESC LIMIT %(limit)s
) AS newest ORDER BY id
"""
# Transactions commit in any order, so no position says how far the log goes; a snapshot does.
# The first comparison lets PostgreSQL go straight to the end of the log.
# A dual write (steps.py) holds its lock for as long as it may still publish or commit.
_DUAL_WRITES = "NOT pg_try_advisory_xact_lock(hashtext('eventually.dual-write'))"
_LOG = f"""
SELECT pg_current_snapshot()::text, EXISTS (SELECT FROM outbox),
       {_DUAL_WRITES},
       EXISTS (SELECT FROM events
               WHERE transaction_id >= pg_snapshot_xmin(%(since)s::pg_snapshot)
                 AND NOT pg_visible_in_snapshot(transaction_id, %(since)s::pg_snapshot))
"""  # noqa: S608, both parts are written here
_COUNTED = """
SELECT substr(kind, 6), count(*) FROM events
WHERE kind IN ('todo.created', 'todo.completed', 'todo.deleted') GROUP BY kind
"""
_SNAPSHOT = re.compile(r"[0-9]{1,19}:[0-9]{1,19}:[0-9,]{0,20000}")
_CLOUD_EVENT = "SELECT cloud_event FROM cloud_events WHERE todo_id = %s AND version = %s"


class WriteSide:
    """The write side's rows as they are, for anyone who wants to look."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    def holds(self) -> dict[str, int | str | None]:
        """Return how many rows each table has now, or about how many if there are many.

        `log` is the id of the log's first event, which names the log; None while it is empty.
        """
        with self._postgres.cursor() as cursor:
            cursor.execute(_COUNTS, {"most": COUNTED})
            [(*counts, first_event)] = cursor.fetchall()
            named = dict(zip(("todos", "outbox", "events"), counts, strict=True))
            for table in [it for it, count in named.items() if count == COUNTED]:
                cursor.execute(_ESTIMATE, (table,))
                [(estimate,)] = cursor.fetchall()
                named[table] = max(estimate, COUNTED)
        # The first event names the log: another log has another one.
        return {**named, "log": first_event}

    def window(self, after: int | None, limit: int) -> list[dict[str, Any]]:
        """Return the first todos with a larger id, or the newest, in id order."""
        with self._postgres.cursor() as cursor:
            cursor.execute(_NEWEST if after is None else _AFTER, {"after": after, "limit": limit})
            names = ("id", "title", "completed", "version")
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def cloud_event(self, todo_id: int, version: int) -> str | None:
        """Return the event that made a version of a todo, as it travels, if there is one."""
        with self._postgres.cursor() as cursor:
            cursor.execute(_CLOUD_EVENT, (todo_id, version))
            row = cursor.fetchone()
        return row[0] if row else None

    def counted(self) -> dict[str, int]:
        """Return how many todos the log says were created, completed and deleted."""
        with self._postgres.cursor() as cursor:
            cursor.execute(_COUNTED)
            return {"created": 0, "completed": 0, "deleted": 0, **dict(cursor.fetchall())}

    def log(self, since: str | None) -> dict[str, Any]:
        """Return where the log stands, and what has been written to it.

        Args:
            since: an earlier snapshot of the log, or None.

        Returns:
            `snapshot`: the log as it stands. `outbox`: whether any of its events waits there.
            `publishing`: whether a command service may be about to publish events by itself, or to
            commit what it has published (command_service/steps.py).
            `written_since`: whether it has an event that the earlier snapshot lacks.
        """
        with self._postgres.cursor() as cursor:
            # Twice: whoever was at it before the snapshot may have committed after it, and whoever
            # had committed before it may have yet to publish.
            cursor.execute(f"SELECT {_DUAL_WRITES}")
            [(publishing,)] = cursor.fetchall()
            cursor.execute(_LOG, {"since": since})
            [(snapshot, outbox, publishing_still, written_since)] = cursor.fetchall()
        return {
            "snapshot": snapshot,
            "outbox": outbox,
            "publishing": publishing or publishing_still,
            "written_since": written_since if since else None,
        }


def add_lab_routes(app: Flask, write_side: WriteSide) -> None:
    """Give the app the routes that show rows and events."""

    @app.get("/lab/todos")
    def show_todos() -> Response:
        return json_response({"todos": write_side.window(*wanted_window(request.args))})

    @app.get("/lab/todos/<int:todo_id>")
    def show_todo(todo_id: int) -> Response:
        # If no todo has this id, the window returns the next one.
        found = write_side.window(todo_id - 1, 1) if 0 < todo_id <= MAX_ID else []
        if not found or found[0]["id"] != todo_id:
            raise NoSuchTodo(todo_id)
        return json_response(found[0])

    @app.get("/lab/log")
    def show_log() -> Response:
        since = request.args.get("since")
        if since is not None and not _SNAPSHOT.fullmatch(since):
            detail = "since is a snapshot that an earlier answer gave."
            raise Problem(400, "bad-parameter", "A parameter cannot be used.", detail)
        return json_response(write_side.log(since))

    @app.get("/lab/counted")
    def show_counted() -> Response:
        return json_response(write_side.counted())

    # By todo and version, not by the event's id: the log has an index for the former only.
    @app.get("/lab/todos/<int:todo_id>/events/<int:version>")
    def show_event(todo_id: int, version: int) -> Response:
        event = write_side.cloud_event(min(todo_id, MAX_ID), min(version, MAX_ID))
        if event is None:
            raise Problem(404, "no-such-event", "There is no such event.")
        return Response(event, content_type=CONTENT_TYPE)
