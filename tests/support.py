"""What tests share: a client of both services, and waiting with a deadline."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

import psycopg2
import requests
from pymongo import MongoClient

from stack.local import LocalStack
from stack.programs import ROOT

T = TypeVar("T")
JSON = {"Content-Type": "application/json"}


def until(condition: Callable[[], T], within_s: float = 20.0) -> T:
    """Poll until the condition is true, and return its value. Fails at the deadline."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            value = condition()
            failure: Exception | None = None
        except (AssertionError, requests.RequestException, psycopg2.Error) as error:
            failure = error
        else:
            if value:
                return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s") from failure
        time.sleep(0.02)


@dataclass
class Client:
    """A client of the two services, as a user with curl would be."""

    stack: LocalStack
    session: requests.Session = field(default_factory=requests.Session)

    def post(self, title: str, **headers: str) -> requests.Response:
        return self.command("POST", "/todos", {"title": title}, **headers)

    def patch(self, todo_id: int, **change: Any) -> requests.Response:
        return self.command("PATCH", f"/todos/{todo_id}", change)

    def delete(self, todo_id: int) -> requests.Response:
        return self.command("DELETE", f"/todos/{todo_id}", None)

    def command(self, method: str, path: str, body: Any, **headers: str) -> requests.Response:
        """Send a command; underscores in the names of headers stand for hyphens."""
        return self.session.request(
            method,
            self.stack.urls.command_service + path,
            json=body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            timeout=30,
        )

    def get(self, path: str = "/todos", **headers: str) -> requests.Response:
        return self.session.get(
            self.stack.urls.query_service + path,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            timeout=30,
        )

    def read_after(self, *answers: requests.Response) -> list[dict[str, Any]]:
        """Read the newest todos, with these commands' effects in them."""
        token = ",".join(answer.headers["Consistency-Token"] for answer in answers)
        after = max(0, min(answer.json()["id"] for answer in answers) - 1)
        answer = self.get(f"/todos?after={after}", Consistency_Token=token, Prefer="wait=10")
        assert answer.status_code == 200, answer.text
        todos: list[dict[str, Any]] = answer.json()
        return todos


def rows(stack: LocalStack, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run one statement in the write store, and return its rows."""
    connection = psycopg2.connect(stack.urls.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def write_side(stack: LocalStack) -> dict[int, tuple[str, bool, int]]:
    """Return what PostgreSQL holds: title, state and version by id."""
    found = rows(stack, "SELECT id, title, completed, version FROM todos")
    return {todo_id: (title, completed, version) for todo_id, title, completed, version in found}


def read_side(stack: LocalStack) -> dict[int, tuple[str, bool, int]]:
    """Return what MongoDB holds: title, state and version by id, without tombstones."""
    return todos_in(stack.urls.mongodb_url)


def todos_in(mongodb_url: str) -> dict[int, tuple[str, bool, int]]:
    """Return what a read model holds: title, state and version by id, without tombstones."""
    with MongoClient[dict[str, Any]](mongodb_url) as client:
        found = client.get_default_database()["todos"].find({"deleted": {"$exists": False}})
        return {
            document["_id"]: (document["title"], document["completed"], document["version"])
            for document in found
        }


def agree(stack: LocalStack) -> bool:
    """Return whether nothing is under way and both sides hold the same."""
    backlog = rows(stack, "SELECT count(*) FROM outbox")[0][0]
    return backlog == 0 and write_side(stack) == read_side(stack)


@contextmanager
def another(
    stack: LocalStack,
    module: str,
    name: str,
    port: int,
    further: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[subprocess.Popen[bytes]]:
    """Run one more process of a kind beside the supervised one; its log is in the stack's."""
    settings = stack.environment(name) | {"OPS_PORT": str(port), "PORT": str(port)}
    with (stack.log_folder / f"another-{name}.log").open("ab") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, **settings, **further},
            stderr=told,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
