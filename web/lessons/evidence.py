"""What a fact may look at: what one run has left in stores, queues and traces. Pure.

Whatever cannot be known raises Unknown, with the reason: a store does not answer, a trace has not
come. So a fact is what was measured, or it is said why there is no such thing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from web.background.looks import Look
from web.journeys.contract import HopRule
from web.journeys.faults import Firing
from web.journeys.journey import Journey
from web.lessons.run import Run, Sent

# A number, a text, a truth; a list for a curve, whose parts may be unknown.
Value = bool | int | float | str | Sequence[float | None]


class Unknown(Exception):
    """It cannot be known now.

    Args:
        why: the reason, in a sentence.
        at_least: a number that it has certainly reached, if it is one.
    """

    def __init__(self, why: str, at_least: float | None = None) -> None:
        super().__init__(why)
        self.why, self.at_least = why, at_least


@dataclass(frozen=True)
class Measured:
    """What was measured.

    Args:
        value: the value; None if it is not known.
        why: why it is not.
        at_least: a number that it has certainly reached, though it is not known how much it is.
    """

    value: Value | None
    why: str | None = None
    at_least: float | None = None


@dataclass(frozen=True)
class Todo:
    """A todo as a store has it.

    Args:
        id: its id.
        title: its title.
        completed: whether it is done.
        version: its version; None where the store does not show it.
        deleted: whether this is a tombstone: what is left of a todo that is no longer there.
    """

    id: int
    title: str
    completed: bool
    version: int | None = None
    deleted: bool = False


@dataclass(frozen=True)
class Logged:
    """An event in PostgreSQL's log.

    Args:
        kind: what happened: `created`, `renamed`, `completed`, `reopened` or `deleted`.
        todo_id: to which todo.
        version: the todo's version after it.
        title, completed: its state after it.
    """

    kind: str
    todo_id: int
    version: int
    title: str
    completed: bool


@dataclass(frozen=True)
class Letter:
    """A dead letter.

    Args:
        todo_id: the todo of its event; None if that cannot be read.
        reason: why it was parked.
    """

    todo_id: int | None
    reason: str


class Stores(Protocol):
    """What stores and queues hold now. Each is asked for once; each may raise Unknown."""

    def rows(self) -> Mapping[int, Todo]:
        """Return the todos in PostgreSQL, by their ids."""

    def documents(self, model: str) -> Mapping[int, Todo]:
        """Return the todos in a read model, `todos` or `replica`; tombstones where it has them."""

    def log(self) -> Sequence[Logged]:
        """Return the events in PostgreSQL's log, in its order, before any open transaction."""

    def is_log_whole(self) -> bool:
        """Return whether no transaction was open when the log was read."""

    def counted(self) -> Mapping[str, int]:
        """Return what the counter has counted: `created`, `completed`, `deleted`, `events`."""

    def holds(self, process: str) -> Mapping[str, Any]:
        """Return what a process says that its store or queue holds."""

    def letters(self) -> Sequence[Letter]:
        """Return the dead letters."""


def _no_injection(_journey: Journey, _from_ns: int, _to_ns: int) -> int:
    return 0


@dataclass(frozen=True)
class Evidence:
    """What is known of one run.

    Args:
        run: what was sent and read.
        now_ms: when this is, by web's own time.
        stores: what stores and queues hold.
        hops: the contract's hops, by their names.
        events_before: how many events the log had when the run began; None if nobody could say.
        all_journeys: the journeys that began since then, of whatever todo.
        all_firings: likewise, what the lab's switches did.
        probes: the probe reads since then, as they are sent to the page.
        looks: what the processes said that they held, in the order in which they answered.
        injected_ns: how much of a time of a journey the lab held it up (decision 40).
    """

    run: Run
    now_ms: float
    stores: Stores
    hops: Mapping[str, HopRule]
    events_before: int | None = None
    all_journeys: Sequence[Journey] = ()
    all_firings: Sequence[Firing] = ()
    probes: Sequence[Mapping[str, Any]] = ()
    looks: Sequence[Look] = ()
    injected_ns: Callable[[Journey, int, int], int] = field(default=_no_injection)

    @cached_property
    def written(self) -> frozenset[int]:
        """The ids of the todos that this run wrote.

        An answer names one. Without an answer, the trace of the command does; and a creation of
        which there is neither is looked for by its title.
        """
        return frozenset(self._of_commands(self.run.sent))

    def ids(self, of: str | None) -> frozenset[int]:
        """Return the ids of the todos that a lesson calls so; of all that the run wrote, if None.

        Several, if a client had to ask again and both tries were carried out.
        """
        if of is None:
            return self.written
        named = self._of_commands(it for it in self.run.sent if it.alias == of)
        return frozenset(named | ({self.run.todos[of]} if of in self.run.todos else set()))

    def one(self, of: str | None) -> int:
        """Return the id of the todo that a lesson calls so. Raises Unknown if it is not one."""
        if of in self.run.todos:
            return self.run.todos[of or ""]
        ids = self.ids(of)
        if len(ids) == 1:
            return next(iter(ids))
        named = f"called {of} " if of else ""
        raise Unknown(
            f"{_counted(len(ids), 'todo')} {named}{'is' if len(ids) == 1 else 'are'} known."
        )

    def journeys(self, of: str | None) -> list[Journey]:
        """Return the journeys of this run's events. Raises Unknown if one of them has no trace."""
        ids = self.ids(of)
        found = [it for it in self.all_journeys if it.todo_id in ids]
        known = {(it.todo_id, it.version) for it in found}
        lacking = [key for key in self.answered_versions(ids) if key not in known]
        if lacking:
            todo_id, version = lacking[0]
            more = f", and {len(lacking) - 1} more" if len(lacking) > 1 else ""
            raise Unknown(f"There is no trace of version {version} of todo {todo_id}{more}.")
        return found

    def answered_versions(self, ids: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield what answers said that was written: the todo and its version."""
        wanted = set(ids)
        for sent in self.run.sent:
            if sent.todo_id in wanted and sent.version is not None and _is_success(sent):
                yield sent.todo_id or 0, sent.version

    @property
    def firings(self) -> list[Firing]:
        """Return what the lab's switches did in this run, but for other people's todos."""
        ids = self.of_interest
        return [it for it in self.all_firings if it.todo_id is None or it.todo_id in ids]

    @cached_property
    def of_interest(self) -> frozenset[int]:
        """The ids of the todos that this run wrote, or that it found."""
        return self.written | frozenset(self.run.todos.values())

    @property
    def began_ns(self) -> int:
        """When the run began, in ns since the epoch."""
        return round(self.run.began_ms * 1e6)

    def _of_commands(self, sent: Iterable[Sent]) -> set[int]:
        commands = list(sent)
        ids = {it.todo_id for it in commands if it.todo_id is not None}
        traces = {it.trace_id for it in commands if it.todo_id is None and it.trace_id}
        told = [(it.trace_id, it.todo_id) for it in self.all_journeys]
        told += [(it.trace_id, it.todo_id) for it in self.all_firings]
        of_trace = {
            trace_id: todo_id
            for trace_id, todo_id in told
            if trace_id in traces and todo_id is not None
        }
        ids |= set(of_trace.values())
        lost = {
            str((it.body or {}).get("title"))
            for it in commands
            if it.method == "POST" and _may_be_written(it) and it.trace_id not in of_trace
        }
        return ids | (self._titled(lost) if lost else set())

    def _titled(self, titles: set[str]) -> set[int]:
        """Return the todos that came into being in this run with one of these titles."""
        log = self.stores.log()
        known = {it.todo_id for it in log[: self.events_before or 0]}
        known |= {it.todo_id for it in self.run.sent if it.todo_id is not None}
        known |= set(self.run.given.values())
        new = {it.todo_id for it in log if it.kind == "created" and it.title in titles}
        # The log ends before the oldest transaction that is still open.
        for held in (self.stores.rows(), self.stores.documents("todos")):
            new |= {it.id for it in held.values() if it.title in titles}
        return new - known


def _is_success(sent: Sent) -> bool:
    return sent.status is not None and 200 <= sent.status < 300


def _may_be_written(sent: Sent) -> bool:
    """Return whether a command may have been carried out though no answer says so."""
    is_over = sent.ended_ms is not None
    return is_over and sent.todo_id is None and (sent.status is None or sent.status >= 500)


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"
