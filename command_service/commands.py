"""1. The commands, and what handles each: a function of the command and its dependencies."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from command_service.store import TodoStore, Written
from command_service.todo import Happened, Todo, change, delete


@dataclass(frozen=True)
class CreateTodo:
    """Make a new todo."""

    title: str
    traceparent: str
    idempotency_key: str | None = None


@dataclass(frozen=True)
class ChangeTodo:
    """Give a todo another title, or another state, or both."""

    todo_id: int
    title: str | None
    completed: bool | None
    expected_versions: frozenset[int] | None
    traceparent: str


@dataclass(frozen=True)
class DeleteTodo:
    """Delete a todo."""

    todo_id: int
    expected_versions: frozenset[int] | None
    traceparent: str


@dataclass(frozen=True)
class Accepted:
    """What became of a command: which todo, at which version, and the events it caused."""

    todo_id: int
    version: int
    written: Sequence[Written]


class NoSuchTodo(Exception):
    """There is no todo with that id, or no more."""


class VersionMismatch(Exception):
    """The todo has another version than the command was meant for."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The todo's version is {version}.")


class KeyUsedForAnother(Exception):
    """The idempotency key stands for another command."""


def create_todo(command: CreateTodo, store: TodoStore) -> Accepted:
    """Create a todo once, however often the same key asks for it. Raises KeyUsedForAnother."""
    fingerprint = sha256(command.title.encode()).hexdigest()
    created = store.create(command.title, command.traceparent, command.idempotency_key, fingerprint)
    if created.fingerprint not in {None, fingerprint}:
        raise KeyUsedForAnother
    return Accepted(created.todo_id, 1, [created.written] if created.written else [])


def change_todo(command: ChangeTodo, store: TodoStore) -> Accepted:
    """Change a todo. Raises NoSuchTodo and VersionMismatch."""

    def decide(todo: Todo) -> list[Happened]:
        _check_version(todo, command.expected_versions)
        return change(todo, command.title, command.completed)

    return _accepted(store.change(command.todo_id, decide, command.traceparent))


def delete_todo(command: DeleteTodo, store: TodoStore) -> Accepted:
    """Delete a todo. Raises NoSuchTodo and VersionMismatch."""

    def decide(todo: Todo) -> list[Happened]:
        _check_version(todo, command.expected_versions)
        return [delete(todo)]

    return _accepted(store.change(command.todo_id, decide, command.traceparent))


def _check_version(todo: Todo, expected: frozenset[int] | None) -> None:
    if expected is not None and todo.version not in expected:
        raise VersionMismatch(todo.version)


def _accepted(changed: tuple[Todo, list[Written]] | None) -> Accepted:
    if changed is None:
        raise NoSuchTodo
    todo, written = changed
    return Accepted(todo.id, todo.version, written)
