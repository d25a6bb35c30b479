"""What an action of a lesson asks of the stack: its words and its requests. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from web.lessons.evidence import Measured
from web.lessons.judging import said
from web.lessons.lesson import Action, Condition, Fact, Protection

JSON = {"Content-Type": "application/json"}
COMMANDS, QUERIES, WEB = "command-service", "query-service", "web"
# As long as a read with a token is ready to wait, in seconds.
TOKEN_WAIT_S = 20
# Of all todos that were written, the last ones: a header has its limits.
MOST_TOKENS = 50
_HOW_SAID = {
    "is": "is",
    "is-not": "is not",
    "at-least": "is at least",
    "at-most": "is at most",
    "more-than": "is more than",
    "less-than": "is less than",
}


@dataclass(frozen=True)
class Request:
    """A request to a process.

    Args:
        process: who is asked; `web` for what needs the host key.
        method, path, headers, body: the request.
        needs_key: whether it needs the host key.
        tries: how often it is sent if no answer comes.
        wait_s: for how long an answer is waited for; None for the usual time.
    """

    process: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    needs_key: bool = False
    tries: int = 1
    wait_s: float | None = None


@dataclass(frozen=True)
class Known:
    """What a request may need of what has happened in its run.

    Args:
        run: an id of the run, which makes its keys its own.
        number: the place of the action in the run, from 0.
        todos: the ids of the todos, by the names that the lesson gives them.
        tokens: the newest consistency token of each todo that the run wrote, the last at the end.
        versions: the version that a reader has read, by reader and todo.
        protections: how the commands and reads are protected.
    """

    run: str
    number: int
    todos: Mapping[str, int] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    versions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    protections: frozenset[Protection] = frozenset()

    def todo(self, alias: str) -> str:
        """Return a todo's id; `$alias` while it has none."""
        found = self.todos.get(alias)
        return f"${alias}" if found is None else str(found)


def request_of(action: Action, known: Known) -> Request | None:
    """Return what an action asks; None for one that only waits."""
    make = _MAKERS.get(action.verb)
    return make(action, known) if make else None


def says(action: Action, facts: Mapping[str, Fact]) -> str:
    """Return what an action does, in a few words.

    Args:
        action: the action.
        facts: what the lesson measures, by name, for those that wait.
    """
    what, options = action.what, action.options
    if action.verb in {"set", "clear"}:
        place, _, switch = str(what).partition("/")
        to = ", ".join(f"{name} {value}" for name, value in options.get("with", {}).items())
        todo = options.get("todo")
        only = f", only {str(todo).removeprefix('$')}" if todo is not None else ""
        state = "on" if action.verb == "set" else "off"
        return f"{place}: {switch} {state}{f' ({to})' if to else ''}{only}"
    if action.verb in {"release", "kill"}:
        return f"{what}: {action.verb} what is held"
    if action.verb == "change":
        completed = options.get("completed")
        done = None if completed is None else "completed" if completed else "not completed"
        title = f"titled “{options['title']}”" if "title" in options else None
        return f"Change {what}: {', '.join(it for it in (title, done) if it)}"
    if action.verb == "wait":
        return f"Wait until: {_condition_says(what, facts)}"
    return _SAID[action.verb](what)


def _condition_says(condition: Condition, facts: Mapping[str, Fact]) -> str:
    """Return what is waited for: `Milk in MongoDB is 1 todo`."""
    fact, comparison = facts[condition.fact], condition.comparison
    if comparison.how == "same-as":
        return f"{fact.says}, the same as {facts[str(comparison.value)].says}"
    wanted = said(fact, Measured(comparison.value))
    return f"{fact.says} {_HOW_SAID[comparison.how]} {wanted}"


def _burst_says(load: Mapping[str, int]) -> str:
    if "count" in load:
        return f"Create {load['count']} todos at once"
    return f"Create {load['per_second']} todos a second for {load['seconds']} s"


def _read_says(read: Mapping[str, Any]) -> str:
    whom = {"todos": "", "replica": " from the replica", "by-turns": " from both by turns"}
    what = read["of"] or "the list"
    often = f" {read['times']} times" if read["times"] > 1 else ""
    return f"Read {what}{whom[read['model']]}{often}, as {read['as']}"


_SAID: Mapping[str, Callable[[Any], str]] = {
    "create": lambda title: f"Create “{title}”",
    "delete": lambda alias: f"Delete {alias}",
    "burst": _burst_says,
    "read": _read_says,
    "rebuild": lambda model: f"Rebuild the {model} from the log",
    "retry": lambda _what: "Retry all dead letters",
}


def _set(action: Action, known: Known) -> Request:
    setting: dict[str, Any] = {"on": True, **action.options.get("with", {})}
    todo = action.options.get("todo")
    if todo is not None:
        named = str(todo)
        setting["todo"] = known.todos.get(named[1:], named) if named.startswith("$") else todo
    return _switch(action, setting)


def _clear(action: Action, _known: Known) -> Request:
    return _switch(action, {"on": False})


def _switch(action: Action, setting: Mapping[str, Any]) -> Request:
    place, _, name = str(action.what).partition("/")
    return Request(WEB, "PUT", f"/lab/{place}/switches/{name}", JSON, setting, needs_key=True)


def _let_go(action: Action, _known: Known) -> Request:
    path = f"/lab/{action.what}/switches/hold/{action.verb}"
    return Request(WEB, "POST", path, needs_key=True)


def _command(
    action: Action, known: Known, method: str, path: str, body: Mapping[str, Any] | None
) -> Request:
    options = action.options
    headers = dict(JSON) if body is not None else {}
    key = options.get("key")
    if method == "POST" and key is None and "idempotency-key" in known.protections:
        key = str(known.number)
    if key is not None:
        headers["Idempotency-Key"] = f"{known.run}-{key}"
    version = known.versions.get((options.get("as-read", ""), str(action.what)))
    if version is not None and "if-match" in known.protections:
        headers["If-Match"] = f'"{version}"'
    tries, wait_s = options.get("tries", 1), options.get("wait_s")
    return Request(COMMANDS, method, path, headers, body, tries=tries, wait_s=wait_s)


def _create(action: Action, known: Known) -> Request:
    return _command(action, known, "POST", "/todos", {"title": action.what})


def _change(action: Action, known: Known) -> Request:
    fields = ("title", "completed")
    body = {name: action.options[name] for name in fields if name in action.options}
    return _command(action, known, "PATCH", f"/todos/{known.todo(action.what)}", body)


def _delete(action: Action, known: Known) -> Request:
    return _command(action, known, "DELETE", f"/todos/{known.todo(action.what)}", None)


def _burst(action: Action, _known: Known) -> Request:
    return Request(WEB, "POST", "/burst", JSON, dict(action.what), needs_key=True)


def _read(action: Action, known: Known) -> Request:
    read, headers = action.what, dict[str, str]()
    if read["model"] != "todos":
        headers["Read-Model"] = read["model"]
    if "token" in known.protections and known.tokens:
        headers["Consistency-Token"] = ",".join(known.tokens[-MOST_TOKENS:])
        headers["Prefer"] = f"wait={TOKEN_WAIT_S}"
    path = (
        f"/todos/{quote(known.todo(read['of']), safe='$')}" if read["of"] else "/todos?limit=1000"
    )
    return Request(QUERIES, "GET", path, headers)


def _rebuild(action: Action, _known: Known) -> Request:
    return Request(WEB, "POST", "/rebuild", JSON, {"model": action.what}, needs_key=True)


def _retry(_action: Action, _known: Known) -> Request:
    return Request(WEB, "POST", "/dead-letters/retry", JSON, {"ids": []}, needs_key=True)


_MAKERS: Mapping[str, Callable[[Action, Known], Request]] = {
    "set": _set,
    "clear": _clear,
    "release": _let_go,
    "kill": _let_go,
    "create": _create,
    "change": _change,
    "delete": _delete,
    "burst": _burst,
    "read": _read,
    "rebuild": _rebuild,
    "retry": _retry,
}
