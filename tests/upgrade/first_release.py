"""The first release's command service and relay, as PostgreSQL sees them: their very statements."""

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812, it is a class

SCHEMA = Path(__file__).with_name("first_release.sql").read_text(encoding="utf-8")
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
OPTIONS = "-c timezone=UTC -c statement_timeout=10s -c lock_timeout=5s"

CREATE = """
WITH known AS (
    SELECT todo_id, fingerprint FROM idempotency_keys WHERE key = %(key)s
), todo AS (
    INSERT INTO todos (title) SELECT %(title)s WHERE NOT EXISTS (SELECT FROM known)
    RETURNING id, title, completed, version
), key AS (
    INSERT INTO idempotency_keys (key, fingerprint, todo_id)
    SELECT %(key)s, %(fingerprint)s, id FROM todo WHERE %(key)s IS NOT NULL
), event AS (
    INSERT INTO events (id, kind, todo_id, version, title, completed, traceparent)
    SELECT %(event_id)s, %(kind)s, id, version, title, completed, %(traceparent)s FROM todo
    RETURNING position
), waiting AS (
    INSERT INTO outbox (position) SELECT position FROM event
)
SELECT id, NULL FROM todo UNION ALL SELECT todo_id, fingerprint FROM known
"""
LOCK = """
BEGIN;
SELECT id, title, completed, version FROM todos WHERE id = %s FOR UPDATE
"""
APPEND = """
WITH event AS (
    INSERT INTO events (id, kind, todo_id, version, title, completed, traceparent)
    SELECT id, kind, todo_id, version, title, completed, %(traceparent)s
    FROM json_to_recordset(%(events)s)
        AS e (id uuid, kind text, todo_id bigint, version bigint, title text, completed boolean)
    ORDER BY version
    RETURNING position
)
INSERT INTO outbox (position) SELECT position FROM event;
"""
UPDATE = """
UPDATE todos SET title = %(title)s, completed = %(completed)s, version = %(version)s
WHERE id = %(id)s;
"""
OLDEST = """
SELECT position, e.id, kind, todo_id, title, completed, version, time, traceparent
FROM (SELECT position FROM outbox ORDER BY position LIMIT %s) AS oldest
JOIN events e USING (position)
ORDER BY position
"""
REMOVE = "DELETE FROM outbox WHERE position = ANY(%s)"
LEAD = "SELECT pg_try_advisory_lock(hashtext('eventually.relay'))"


class FirstRelease:
    """Its command service and its relay at work on one database.

    `acknowledged` is the version of each todo that a client was told of, and `published` has the id
    of each event that was handed over, once for each time.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.acknowledged: dict[int, int] = {}
        self.published: list[str] = []
        self.failures: list[str] = []
        self._stop = threading.Event()

    def make_tables(self) -> None:
        with self._connected() as cursor:
            cursor.execute(SCHEMA)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Have three clients send commands, and the relay publish."""
        parts = [*[self._send_commands] * 3, self._relay]
        threads = [threading.Thread(target=self._guarded, args=(part,)) for part in parts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _guarded(self, part: Any) -> None:
        try:
            part()
        except psycopg2.Error as error:
            self.failures.append(str(error))

    def _send_commands(self) -> None:
        with self._connected() as cursor:
            while not self._stop.is_set():
                key = str(uuid4())
                todo_id = self._create(cursor, key)
                assert self._create(cursor, key) == todo_id, "a retry creates nothing"
                self.acknowledged[todo_id] = 1
                self._complete(cursor, todo_id)
                self.acknowledged[todo_id] = 2

    def _create(self, cursor: Cursor, key: str) -> int:
        values = {
            "title": "Of the first release",
            "key": key,
            "fingerprint": "the same",
            "event_id": str(uuid4()),
            "kind": "todo.created",
            "traceparent": TRACEPARENT,
        }
        cursor.execute(CREATE, values)
        [(todo_id, _fingerprint)] = cursor.fetchall()
        return int(todo_id)

    def _complete(self, cursor: Cursor, todo_id: int) -> None:
        cursor.execute(LOCK, (todo_id,))
        [(_id, title, _completed, version)] = cursor.fetchall()
        todo = {"title": title, "completed": True, "version": version + 1}
        event = {"id": str(uuid4()), "kind": "todo.completed", "todo_id": todo_id, **todo}
        values = {**todo, "id": todo_id, "traceparent": TRACEPARENT, "events": json.dumps([event])}
        cursor.execute(APPEND + UPDATE + "COMMIT", values)

    def _relay(self) -> None:
        with self._connected() as cursor:
            cursor.execute(LEAD)
            assert cursor.fetchall() == [(True,)], "the only relay leads"
            while not self._stop.is_set():
                cursor.execute(OLDEST, (20,))
                found = cursor.fetchall()
                self.published += [str(row[1]) for row in found]
                cursor.execute(REMOVE, ([row[0] for row in found],))
                self._stop.wait(0.002)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Cursor]:
        with contextlib.closing(psycopg2.connect(self._url, options=OPTIONS)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
