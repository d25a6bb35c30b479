"""The commands, and a handler for each: a function of the command and of the store.

A handler takes the todo under its lock, lets the aggregate decide, and writes what happened.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from command_service.events import Written
from command_service.todo import Happened, NewTodo, Title, Todo, change, create, delete


@dataclass(frozen=True)
class CreateTodo:
    """Make a new todo."""

    title: Title
    traceparent: str
    idempotency_key: str | None = None


@dataclass(frozen=True)
class ChangeTodo:
    """Give a todo another title, or another state, or both."""

    todo_id: int
    title: Title | None
    completed: bool | None
    expected_versions: frozenset[int] | None
    traceparent: str


@dataclass(frozen=True)
class DeleteTodo:
    """Delete a todo."""

    todo_id: int
    expected_versions: frozenset[int] | None
    traceparent: str


Command = CreateTodo | ChangeTodo | DeleteTodo


@dataclass(frozen=True)
class Accepted:
    """What became of a command: which todo, at which version, and the events it caused."""

    todo_id: int
    version: int
    written: Sequence[Written]


class NoSuchTodo(Exception):
    """There is no todo with that id, or no longer one."""

    def __init__(self, todo_id: object) -> None:
        super().__init__(f"No todo has the id {todo_id}.")


class VersionMismatch(Exception):
    """The todo is not at the version that the command was meant for."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The todo's version is {version}.")


class KeyUsedForAnother(Exception):
    """The idempotency key stands for another command."""


@dataclass(frozen=True)
class Key:
    """An idempotency key, and the fingerprint of what it stands for."""

    text: str
    fingerprint: str


@dataclass(frozen=True)
class CreatedBefore:
    """What the same key has created before, and the fingerprint of what it stood for then."""

    todo_id: int
    fingerprint: str


class LockedTodo(Protocol):
    """A todo that nobody else can change for now."""

    @property
    def todo(self) -> Todo:
        """Return the todo as it is."""

    def write(self, happened: Sequence[Happened], traceparent: str) -> list[Written]:
        """Write the todo's new state and its events, and commit; write nothing if none happened."""


class TodoStore(Protocol):
    """What the handlers need of a store."""

    def add(self, new: NewTodo, traceparent: str, key: Key | None) -> Written | CreatedBefore:
        """Write a new todo and its event, unless the same key has done so before."""

    def locked(self, todo_id: int) -> AbstractContextManager[LockedTodo]:
        """Lock a todo; what was not written when the block ends is undone. Raises NoSuchTodo."""


def create_todo(command: CreateTodo, store: TodoStore) -> Accepted:
    """Create a todo, once for each idempotency key. Raises KeyUsedForAnother."""
    new = create(command.title)
    key = _key_of(command)
    added = store.add(new, command.traceparent, key)
    if isinstance(added, Written):
        return Accepted(added.happened.todo.id, new.version, [added])
    if key is None or added.fingerprint != key.fingerprint:
        raise KeyUsedForAnother
    return Accepted(added.todo_id, new.version, [])


def change_todo(command: ChangeTodo, store: TodoStore) -> Accepted:
    """Change a todo. Raises NoSuchTodo and VersionMismatch."""
    with store.locked(command.todo_id) as locked:
        _check_version(locked.todo, command.expected_versions)
        happened = change(locked.todo, command.title, command.completed)
        return _accepted(locked.todo, locked.write(happened, command.traceparent))


def delete_todo(command: DeleteTodo, store: TodoStore) -> Accepted:
    """Delete a todo. Raises NoSuchTodo and VersionMismatch."""
    with store.locked(command.todo_id) as locked:
        _check_version(locked.todo, command.expected_versions)
        happened = delete(locked.todo)
        return _accepted(locked.todo, locked.write([happened], command.traceparent))


def _key_of(command: CreateTodo) -> Key | None:
    if command.idempotency_key is None:
        return None
    return Key(command.idempotency_key, sha256(command.title.encode()).hexdigest())


def _check_version(todo: Todo, expected: frozenset[int] | None) -> None:
    if expected is not None and todo.version not in expected:
        raise VersionMismatch(todo.version)


def _accepted(before: Todo, written: Sequence[Written]) -> Accepted:
    todo = written[-1].happened.todo if written else before
    return Accepted(todo.id, todo.version, written)
