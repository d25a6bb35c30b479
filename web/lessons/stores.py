"""What stores and queues hold, by the routes of the processes, each asked once when it is wanted.

`web` touches no store itself.
"""

import json
import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from chassis.errors import ServerUnavailable
from web.brief_cache import BriefCache
from web.gateway import UNTRACED, Answer, Gateway
from web.lessons.evidence import Letter, Logged, Todo, Unknown

T = TypeVar("T")

# As many as one answer may have, and as many as a lesson may be about.
AT_ONCE = 1_000
MOST_TODOS = 20_000
TIMEOUT_S = 6.0
# Only one at a time can look at the letters, and whoever looks has them in hand.
LETTERS_KEPT_FOR_S = 1.0

# Before which transaction the log ends, and the first that has not begun.
_LOG_HEADERS = ("Log-Settled-Before", "Log-Next-Transaction")

log = logging.getLogger(__name__)


class Log:
    """PostgreSQL's log of events, read on from where it was read last.

    Args:
        gateway: the way to the command service.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._position = ""
        self._events: list[Logged] = []
        # Whether no transaction was open when it was read last.
        self.is_whole = True

    def read(self) -> Sequence[Logged]:
        """Return all events. Raises Unknown."""
        after = f"?after={quote(self._position)}" if self._position else ""
        answer = _asked(self._gateway, "command-service", f"/events{after}")
        ends, next_one = (int(answer.headers[it]) for it in _LOG_HEADERS)
        self.is_whole = ends >= next_one
        for line in answer.body.splitlines():
            event = json.loads(line)
            self._events.append(_logged(event))
            self._position = event["position"]
        return self._events


class LiveStores:
    """The stores as they are now; each is asked at most once.

    Args:
        gateway: the way to the processes.
        log: the log of events.
        letters: what lay among the dead letters a moment ago.
    """

    def __init__(self, gateway: Gateway, log: Log, letters: BriefCache[Answer]) -> None:
        self._gateway = gateway
        self._log = log
        self._letters = letters
        self._known: dict[Hashable, Any] = {}

    def rows(self) -> Mapping[int, Todo]:
        """Return the todos in PostgreSQL, by their ids. Raises Unknown."""
        return self._once("rows", lambda: self._windows("command-service"))

    def documents(self, model: str) -> Mapping[int, Todo]:
        """Return the todos in a read model; tombstones where it has them. Raises Unknown."""
        if model == "todos":
            return self._once(model, lambda: self._windows("query-service"))
        return self._once(model, lambda: self._pages(model))

    def log(self) -> Sequence[Logged]:
        """Return all events in PostgreSQL's log, in its order. Raises Unknown."""
        return self._once("log", self._log.read)

    def is_log_whole(self) -> bool:
        """Return whether no transaction was open when the log was read."""
        return self._log.is_whole

    def counted(self) -> Mapping[str, int]:
        """Return what the counter has counted. Raises Unknown."""
        return self.holds("counter")

    def holds(self, process: str) -> Mapping[str, Any]:
        """Return what a process says that its store or queue holds. Raises Unknown."""

        def asked() -> Mapping[str, Any]:
            held = _json(self._gateway, process, "/lab").get("holds")
            if not held:
                raise Unknown(f"{process} does not say what there is.")
            return dict(held)

        return self._once(("holds", process), asked)

    def letters(self) -> Sequence[Letter]:
        """Return the dead letters. Raises Unknown."""

        def asked() -> Sequence[Letter]:
            path = "/lab/dead-letters"
            answer = self._letters.get(path, lambda: _asked(self._gateway, "projector", path))
            told = json.loads(answer.body)
            return [Letter(it.get("todo_id"), it["reason"]) for it in told["letters"]]

        return self._once("letters", asked)

    def _once(self, key: Hashable, ask: Callable[[], T]) -> T:
        """Ask once, and give the same answer, or the same reason why there is none, after that."""
        if key not in self._known:
            try:
                self._known[key] = ask()
            except Unknown as unknown:
                self._known[key] = unknown
            except (ValueError, LookupError, TypeError):
                log.exception("what was asked for %s was not answered as it should be", key)
                self._known[key] = Unknown("It was not answered as it should be.")
        known = self._known[key]
        if isinstance(known, Unknown):
            raise known
        found: T = known
        return found

    def _windows(self, process: str) -> dict[int, Todo]:
        return self._walk(lambda after: self._window(process, after))

    def _window(self, process: str, after: int) -> list[Any]:
        path = f"/lab/todos?limit={AT_ONCE}&after={after}"
        return list(_json(self._gateway, process, path)["todos"])

    def _pages(self, model: str) -> dict[int, Todo]:
        def page(after: int) -> list[Any]:
            path, headers = f"/todos?limit={AT_ONCE}&after={after}", {"Read-Model": model}
            return list(json.loads(_asked(self._gateway, "query-service", path, headers).body))

        return self._walk(page)

    def _walk(self, page: Callable[[int], list[Any]]) -> dict[int, Todo]:
        """Return all todos, page by page."""
        todos: dict[int, Todo] = {}
        after = 0
        while True:
            told = page(after)
            todos.update((it["id"], _todo(it)) for it in told)
            if len(told) < AT_ONCE:
                return todos
            if len(todos) >= MOST_TODOS:
                raise Unknown(f"There are more than {MOST_TODOS:,} todos.")
            after = told[-1]["id"]


def _asked(
    gateway: Gateway, process: str, path: str, headers: Mapping[str, str] | None = None
) -> Answer:
    try:
        answer = gateway.ask(
            process, "GET", path, headers={**UNTRACED, **(headers or {})}, timeout_s=TIMEOUT_S
        )
    except ServerUnavailable as error:
        raise Unknown(f"{process}: {error.reason}.") from error
    except KeyError:
        raise Unknown(f"web does not know where {process} is.") from None
    if answer.status != 200:
        raise Unknown(f"{process} answers {answer.status}.")
    return answer


def _json(gateway: Gateway, process: str, path: str) -> Any:
    return json.loads(_asked(gateway, process, path).body)


def _todo(told: Mapping[str, Any]) -> Todo:
    return Todo(
        told["id"],
        # A tombstone has neither.
        told.get("title", ""),
        told.get("completed", False),
        told.get("version"),
        deleted=bool(told.get("deleted")),
    )


def _logged(event: Mapping[str, Any]) -> Logged:
    data = event["data"]
    # Version 2 of an event has the title under another name.
    title = data.get("title", data.get("text", ""))
    kind = str(event["type"]).split(".")[1]
    return Logged(kind, data["id"], data["version"], title, data["completed"])
