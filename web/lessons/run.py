"""A run of a lesson's actions: what was sent and read, and what became of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sent:
    """A command of the run, sent once.

    Args:
        number: which one it was, from 1; a client that asks again sends another.
        method, path, body, headers: the request.
        alias: what the lesson calls its todo; "" if it does not.
        asked_ms: when it was sent, by web's own time.
        ended_ms: when the answer was there, or nothing more was waited for; None until then.
        status: the HTTP status; None without an answer.
        why: why there was no answer.
        todo_id, version: what the answer says that was written.
        trace_id: the trace that its journey has.
        by: the action that sent it, in the order of the run, from 0.
    """

    number: int
    method: str
    path: str
    body: Mapping[str, Any] | None
    headers: Mapping[str, str]
    alias: str
    asked_ms: float
    ended_ms: float | None = None
    status: int | None = None
    why: str = ""
    todo_id: int | None = None
    version: int | None = None
    trace_id: str = ""
    by: int = 0


@dataclass(frozen=True)
class Seen:
    """A read of the run.

    Args:
        name: what the lesson calls the reader.
        model: which read model was asked for: `todos`, `replica` or `by-turns`.
        answered_by: which one answered; "" if that is not known.
        asked_ms, ended_ms: when.
        status: the HTTP status; None without an answer.
        todos: what it showed: each todo, as in the answer, by its id.
        token: the token that it was sent with, if any.
        of: the todo that was asked for; None if the list was.
    """

    name: str
    model: str
    answered_by: str
    asked_ms: float
    ended_ms: float
    status: int | None
    todos: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    token: str = ""
    of: int | None = None


@dataclass(eq=False)
class Run:
    """What one run of the actions has come to so far. Only the thread that acts adds to it.

    Args:
        began_ms: when it began; what came before was there already.
        given: the todos of the known start, by the names that the lesson gives them.
        over_ms: when everything of it had been done; None until then.
        todos: those of `given`, and those that the run created, by name.
        sent: the commands, in the order in which they were sent.
        reads: the reads, likewise.
    """

    began_ms: float
    given: Mapping[str, int] = field(default_factory=dict)
    over_ms: float | None = None
    todos: dict[str, int] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    reads: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.todos = {**self.given, **self.todos}

    @property
    def written(self) -> set[int]:
        """The ids of the todos that commands of this run wrote, as far as an answer said so."""
        return {it.todo_id for it in self.sent if it.todo_id is not None}
