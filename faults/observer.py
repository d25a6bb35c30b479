"""Looks at everything from outside: the stores, the log, the wire, a rebuild, and the healing."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pika
import psycopg2
import requests
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from chassis.rabbitmq import FAILURES
from chassis.sessions import direct_session
from faults.history import Recorder
from stack.local import LocalStack
from stack.programs import ROOT

NAME = "observer"
EXCHANGE = "todo.events"
# A busy machine gets there too. A run that is not quiet by then is judged as it is.
QUIET_WITHIN_S = 90.0
HEALED_WITHIN_S = 90.0
REBUILT_WITHIN_S = 120.0
POLL_S = 0.05
# One try of the canary.
TRY_S = 1.0

# What the stores raise while they are away.
_AWAY = (psycopg2.Error, PyMongoError, requests.RequestException, *FAILURES)

TODOS: Final = "SELECT id, title, completed, version FROM todos WHERE id > %s ORDER BY id"
LOG: Final = """
    SELECT todo_id, version, CASE WHEN kind LIKE '%%.deleted' THEN NULL ELSE title END, completed
    FROM events WHERE todo_id > %s ORDER BY todo_id, version
"""


@dataclass
class Observer:
    """Looks at a stack.

    Args:
        stack: the stack.
        history: keeps what is seen.
    """

    stack: LocalStack
    history: Recorder
    after: int = field(init=False)

    def __post_init__(self) -> None:
        self.after = int(self._rows("SELECT coalesce(max(id), 0) FROM todos")[0][0])
        logged = self._rows("SELECT coalesce(max(todo_id), 0) FROM events")[0][0]
        self.after = max(self.after, int(logged))

    @contextmanager
    def tapped(self) -> Iterator[str]:
        """Have a queue of our own get every event meanwhile; give its name."""
        name = f"faults.{self.after}"
        with self._channel() as channel:
            channel.queue_declare(name, durable=True)
            channel.queue_bind(name, EXCHANGE, "#")
        try:
            yield name
        finally:
            with self._channel() as channel:
                channel.queue_delete(name)

    def heal(self, causes: str) -> None:
        """Wait until a new todo can be written and read, and record how long that took."""
        attempt = self.history.invoke(NAME, "heal", after=causes)
        began_s = time.monotonic()
        deadline_s = began_s + HEALED_WITHIN_S
        key = f"{NAME}.{self.after}.{attempt}"
        with direct_session() as http:
            while time.monotonic() < deadline_s:
                if self._written_and_read(http, key):
                    took_s = round(time.monotonic() - began_s, 3)
                    self.history.end(attempt, "ok", took_s=took_s)
                    return
                time.sleep(POLL_S)
        self.history.end(attempt, "info", why=f"not within {HEALED_WITHIN_S:.0f} s")

    def wait_for_quiet(self) -> None:
        """Wait until nothing is under way and both stores agree, if it gets there in time."""
        deadline_s = time.monotonic() + QUIET_WITHIN_S
        while time.monotonic() < deadline_s:
            try:
                if self._is_quiet():
                    return
            except _AWAY:
                pass
            time.sleep(POLL_S * 4)

    def look(self, tap: str) -> None:
        """Look at everything, and at what a rebuild gives."""
        self._look("write-side", lambda: [list(it) for it in self._rows(TODOS, self.after)])
        self._look("log", lambda: [list(it) for it in self._rows(LOG, self.after)])
        self._look("read-side", self._read_side)
        self._look("wire", lambda: self._wire(tap))
        self._look("rebuilt", self._rebuilt)

    def _look(self, at: str, found: Any) -> None:
        attempt = self.history.invoke(NAME, "look", at=at)
        try:
            self.history.end(attempt, "ok", found=found())
        except (*_AWAY, subprocess.SubprocessError) as error:
            self.history.end(attempt, "fail", why=f"{type(error).__name__}: {error}")

    def _written_and_read(self, http: requests.Session, key: str) -> bool:
        attempt = self.history.invoke(NAME, "create", title=key, key=key)
        try:
            answer = http.post(
                f"{self.stack.urls.command_service}/todos",
                json={"title": key},
                headers={"Idempotency-Key": key},
                timeout=TRY_S,
            )
        except requests.RequestException as error:
            self.history.end(attempt, "info", error=type(error).__name__)
            return False
        if answer.status_code != 201:
            kind: Any = "info" if answer.status_code >= 500 else "fail"
            self.history.end(attempt, kind, status=answer.status_code)
            return False
        token = answer.headers["Consistency-Token"]
        todo_id, version = map(int, token.split("."))
        self.history.end(attempt, "ok", id=todo_id, version=version)
        headers = {"Consistency-Token": token, "Prefer": "wait=1"}
        url = f"{self.stack.urls.query_service}/todos/{todo_id}"
        try:
            return http.get(url, headers=headers, timeout=TRY_S * 2).status_code == 200
        except requests.RequestException:
            return False

    def _is_quiet(self) -> bool:
        if self._rows("SELECT count(*) FROM outbox")[0][0]:
            return False
        written = {it[0]: it for it in self._rows(TODOS, self.after)}
        held = {it[0]: tuple(it) for it in self._read_side() if it[1] is not None}
        return written == held

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.stack.urls.database_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def _read_side(self) -> list[list[Any]]:
        with MongoClient[dict[str, Any]](self.stack.urls.mongodb_url) as client:
            found = (
                client.get_default_database()["todos"]
                .find({"_id": {"$gt": self.after}})
                .sort("_id")
            )
            return [
                [it["_id"], it.get("title"), it.get("completed"), it["version"]] for it in found
            ]

    def _wire(self, tap: str) -> list[list[Any]]:
        came: Counter[str] = Counter()
        with self._channel() as channel:
            while True:
                method, properties, _body = channel.basic_get(tap, auto_ack=True)
                if method is None:
                    return [[event_id, count] for event_id, count in sorted(came.items())]
                came[str(properties.message_id)] += 1

    def _rebuilt(self) -> list[list[Any]]:
        urls = self.stack.urls
        settings = {
            **self.stack.environment("query-service"),
            "MONGODB_URL": urls.mongodb_url,
            "COMMAND_SERVICE_URL": urls.command_service,
        }
        subprocess.run(
            [sys.executable, "-m", "query_service.rebuild"],
            cwd=ROOT,
            env={**os.environ, **settings},
            capture_output=True,
            check=True,
            timeout=REBUILT_WITHIN_S,
        )
        return self._read_side()

    @contextmanager
    def _channel(self) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
        connection = pika.BlockingConnection(pika.URLParameters(self.stack.urls.rabbitmq_url))
        try:
            yield connection.channel()
        finally:
            connection.close()
