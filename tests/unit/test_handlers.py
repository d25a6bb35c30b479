"""What each command does, on a store in memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from command_service.commands import (
    Accepted,
    ChangeTodo,
    CreatedBefore,
    CreateTodo,
    DeleteTodo,
    Key,
    KeyUsedForAnother,
    NoSuchTodo,
    VersionMismatch,
    change_todo,
    create_todo,
    delete_todo,
)
from command_service.events import Written
from command_service.todo import DELETED, Happened, NewTodo, Title, Todo

FROM = "00-ab-cd-01"
LEARN = Title("Learn CQRS")


class FakeLockedTodo:
    def __init__(self, store: "FakeStore", todo: Todo) -> None:
        self._store = store
        self.todo = todo

    def write(self, happened: Sequence[Happened], traceparent: str) -> list[Written]:
        assert self.todo.id in self._store.locks
        return [self._store.append(each, traceparent) for each in happened]


class FakeStore:
    """Keeps todos, keys and the log in memory, and knows which todos are locked."""

    def __init__(self) -> None:
        self.todos: dict[int, Todo] = {}
        self.keys: dict[str, CreatedBefore] = {}
        self.log: list[tuple[Written, str]] = []
        self.locks: set[int] = set()

    def add(self, new: NewTodo, traceparent: str, key: Key | None) -> Written | CreatedBefore:
        if key is not None and key.text in self.keys:
            return self.keys[key.text]
        happened = new.with_id(len(self.todos) + 1)
        if key is not None:
            self.keys[key.text] = CreatedBefore(happened.todo.id, key.fingerprint)
        return self.append(happened, traceparent)

    @contextmanager
    def locked(self, todo_id: int) -> Iterator[FakeLockedTodo]:
        if todo_id not in self.todos:
            raise NoSuchTodo(todo_id)
        self.locks.add(todo_id)
        try:
            yield FakeLockedTodo(self, self.todos[todo_id])
        finally:
            self.locks.remove(todo_id)

    def append(self, happened: Happened, traceparent: str) -> Written:
        written = Written(f"event {len(self.log)}", happened)
        self.log.append((written, traceparent))
        self.todos[happened.todo.id] = happened.todo
        if happened.kind == DELETED:
            del self.todos[happened.todo.id]
        return written

    def kinds(self) -> list[str]:
        return [written.happened.kind for written, _ in self.log]


@pytest.fixture
def store() -> FakeStore:
    """A store in which the todo 1, "Learn CQRS", was created."""
    store = FakeStore()
    create_todo(CreateTodo(LEARN, FROM), store)
    return store


def renaming(todo_id: int, title: str, expected: frozenset[int] | None = None) -> ChangeTodo:
    return ChangeTodo(todo_id, Title(title), None, expected, FROM)


def test_a_creation_writes_one_event_with_the_trace_of_its_command() -> None:
    store = FakeStore()
    accepted = create_todo(CreateTodo(LEARN, FROM), store)
    [(written, traceparent)] = store.log
    assert written.happened == Happened("todo.created", Todo(1, LEARN, completed=False, version=1))
    assert (accepted, traceparent) == (Accepted(1, 1, [written]), FROM)


def test_without_a_key_each_creation_makes_a_todo(store: FakeStore) -> None:
    assert create_todo(CreateTodo(LEARN, FROM), store).todo_id == 2
    assert not store.keys


def test_reusing_a_key_gives_the_same_todo_and_writes_nothing_more() -> None:
    store = FakeStore()
    first = create_todo(CreateTodo(LEARN, FROM, "a-key"), store)
    again = create_todo(CreateTodo(LEARN, FROM, "a-key"), store)
    assert (again.todo_id, again.version, list(again.written)) == (first.todo_id, 1, [])
    assert store.kinds() == ["todo.created"]


def test_a_key_that_was_used_for_another_title_is_refused() -> None:
    store = FakeStore()
    create_todo(CreateTodo(LEARN, FROM, "a-key"), store)
    with pytest.raises(KeyUsedForAnother):
        create_todo(CreateTodo(Title("Teach CQRS"), FROM, "a-key"), store)
    assert store.kinds() == ["todo.created"]


def test_a_change_writes_an_event_for_each_thing_that_changes(store: FakeStore) -> None:
    both = ChangeTodo(1, Title("Teach CQRS"), True, None, FROM)
    accepted = change_todo(both, store)
    assert store.kinds() == ["todo.created", "todo.renamed", "todo.completed"]
    assert store.todos[1] == Todo(1, "Teach CQRS", completed=True, version=3)
    assert (accepted.version, len(accepted.written)) == (3, 2)


def test_a_change_that_changes_nothing_writes_nothing(store: FakeStore) -> None:
    accepted = change_todo(ChangeTodo(1, LEARN, False, None, FROM), store)
    assert (accepted.version, list(accepted.written)) == (1, [])
    assert store.kinds() == ["todo.created"]


def test_a_deletion_is_the_last_version_of_a_todo(store: FakeStore) -> None:
    accepted = delete_todo(DeleteTodo(1, None, FROM), store)
    assert (accepted.version, store.kinds()) == (2, ["todo.created", "todo.deleted"])
    with pytest.raises(NoSuchTodo):
        delete_todo(DeleteTodo(1, None, FROM), store)


def test_a_command_for_a_missing_todo_is_refused(store: FakeStore) -> None:
    with pytest.raises(NoSuchTodo, match="No todo has the id 7"):
        change_todo(renaming(7, "Teach CQRS"), store)


def test_a_command_for_one_of_several_versions_is_accepted(store: FakeStore) -> None:
    assert change_todo(renaming(1, "Teach CQRS", frozenset({1, 9})), store).version == 2


@pytest.mark.parametrize("expected", [frozenset[int](), frozenset({2, 3})])
def test_a_command_for_another_version_is_refused_and_leaves_the_todo_unlocked(
    store: FakeStore, expected: frozenset[int]
) -> None:
    with pytest.raises(VersionMismatch, match="version is 1"):
        change_todo(renaming(1, "Teach CQRS", expected), store)
    with pytest.raises(VersionMismatch, match="version is 1"):
        delete_todo(DeleteTodo(1, expected, FROM), store)
    assert (store.kinds(), store.locks) == (["todo.created"], set())
