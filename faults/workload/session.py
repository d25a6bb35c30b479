"""One client: what it does, one thing after the other, and what it does when no answer comes."""

import random
import threading
from dataclasses import dataclass, field
from typing import Any

import requests

from chassis.sessions import direct_session
from faults.history import Recorder

# A client of these services gives up then, and asks again.
ANSWER_WITHIN_S = 3.0
# How long a read with a token may wait for what it names.
WAIT_S = 1
# How often a client asks again for what got no answer, and how long it waits before that.
TRIES = 60
AGAIN_AFTER_S = 0.2
# Of ten things that a client does.
CREATE, CHANGE, DELETE = 3, 6, 7
# So many todos can be named by the tokens of one read.
TOKENS = 100


@dataclass(frozen=True)
class Services:
    """Where the services are.

    Attributes:
        commands, queries: the addresses.
        after: the newest todo before the run; what is up to it is not ours.
    """

    commands: str
    queries: str
    after: int


@dataclass
class Shared:
    """The todos of a run, which any client may change, and the end of it."""

    over: threading.Event = field(default_factory=threading.Event)
    todos: list[int] = field(default_factory=list)


class Session:
    """One client.

    Args:
        name: its name in the history.
        services: whom it asks.
        shared: the todos that there are.
        history: keeps what it does.
        seed: decides what it does.
        tokens: whether its reads carry the tokens of its own writes.
    """

    def __init__(
        self,
        name: str,
        services: Services,
        shared: Shared,
        history: Recorder,
        *,
        seed: int,
        tokens: bool,
    ) -> None:
        self._name = name
        self._services = services
        self._shared = shared
        self._history = history
        self._chance = random.Random(seed)
        self._with_tokens = tokens
        self._http = direct_session()
        self._written: dict[int, int] = {}
        self._mine: list[int] = []
        self._titles = 0

    def run(self) -> None:
        """Do one thing after the other, until the run is over."""
        while not self._shared.over.is_set():
            number = self._chance.randrange(10)
            if number < CREATE or not self._mine:
                self._create()
            elif number < CHANGE:
                self._change()
            elif number < DELETE:
                self._delete()
            else:
                self._read()
            # Reads and writes meet in time, and two cores have others to serve.
            self._shared.over.wait(self._chance.uniform(0.02, 0.12))
        self._http.close()

    def _create(self) -> None:
        title = self._title()
        asked = {"title": title, "key": title}
        body, headers = {"title": title}, {"Idempotency-Key": title}
        for _ in range(TRIES):
            found = self._command("create", asked, "POST", "/todos", body, headers)
            if found:
                self._mine.append(found)
                self._shared.todos.append(found)
            if found is not None:
                return
            if self._gives_up():
                return

    def _change(self) -> None:
        of_all = self._chance.random() < 0.3
        todo_id = self._chance.choice(self._shared.todos if of_all else self._mine)
        change = {"title": self._title(), "completed": self._chance.random() < 0.5}
        for _ in range(TRIES):
            asked = {"id": todo_id, **change}
            # To set what is there already writes nothing, so it can be asked again.
            if self._command("change", asked, "PATCH", f"/todos/{todo_id}", change) is not None:
                return
            if self._gives_up():
                return

    def _delete(self) -> None:
        todo_id = self._mine.pop(self._chance.randrange(len(self._mine)))
        for _ in range(TRIES):
            path = f"/todos/{todo_id}"
            if self._command("delete", {"id": todo_id}, "DELETE", path, None) is not None:
                return
            if self._gives_up():
                return

    def _read(self) -> None:
        written = list(self._written.items())[-TOKENS:] if self._with_tokens else []
        of = self._chance.choice(self._shared.todos) if self._chance.random() < 0.5 else None
        path = "/todos" if of is None else f"/todos/{of}"
        query = {"after": str(self._services.after)} if of is None else {}
        headers = {"Prefer": f"wait={WAIT_S}"} if written else {}
        if written:
            headers["Consistency-Token"] = ",".join(f"{it}.{version}" for it, version in written)
        attempt = self._history.invoke(
            self._name, "read", of=of, after=self._services.after, tokens=written
        )
        try:
            answer = self._http.get(
                self._services.queries + path,
                params=query,
                headers=headers,
                timeout=ANSWER_WITHIN_S,
            )
            if of is not None and answer.status_code == 404:
                todos: list[dict[str, Any]] = []
            elif answer.status_code == 200:
                body = answer.json()
                todos = body if of is None else [body]
            else:
                self._history.end(attempt, "fail", status=answer.status_code)
                return
        except (requests.RequestException, ValueError) as error:
            self._history.end(attempt, "fail", error=type(error).__name__)
            return
        rows = [[it["id"], it["title"], it["completed"]] for it in todos]
        self._history.end(attempt, "ok", todos=rows)

    def _command(
        self,
        what: str,
        asked: dict[str, Any],
        method: str,
        path: str,
        body: dict[str, Any] | None,
        headers: dict[str, str] | None = None,
    ) -> int | None:
        """Send a command once; return the todo's id, 0 if it is refused, or None for no answer."""
        attempt = self._history.invoke(self._name, what, **asked)
        try:
            answer = self._http.request(
                method,
                self._services.commands + path,
                json=body,
                headers=headers,
                timeout=ANSWER_WITHIN_S,
            )
        except requests.RequestException as error:
            self._history.end(attempt, "info", error=type(error).__name__)
            return None
        if answer.status_code >= 500:
            # The service may not know itself: its answer may be that the outcome is unknown.
            self._history.end(attempt, "info", status=answer.status_code)
            return None
        if not answer.ok:
            self._history.end(attempt, "fail", status=answer.status_code)
            return 0
        todo_id, version = map(int, answer.headers["Consistency-Token"].split("."))
        self._history.end(attempt, "ok", id=todo_id, version=version)
        self._written.pop(todo_id, None)
        self._written[todo_id] = version
        return todo_id

    def _title(self) -> str:
        self._titles += 1
        return f"{self._name}.{self._services.after}.{self._titles}"

    def _gives_up(self) -> bool:
        self._http.close()
        return self._shared.over.wait(AGAIN_AFTER_S)
