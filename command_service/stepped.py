"""Commands in steps, while the lab watches a point in them: the same statements, one by one.

Usually a command's last statement commits, in the same round trip. A step before the commit needs
a transaction that is open: it has taken its place in the log, and it holds its locks.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from psycopg2.errors import UniqueViolation
from psycopg2.extensions import cursor as Cursor  # noqa: N812, it is a class

from chassis.postgres import Postgres
from command_service.commands import CreatedBefore, Key
from command_service.events import Written
from command_service.store import LockedRow, PostgresTodoStore
from command_service.todo import Happened, NewTodo, Todo

# Called with what a transaction has written; commits it, and returns what it has written then.
Commit = Callable[[Cursor, Sequence[Written]], list[Written]]


class SteppedTodoStore(PostgresTodoStore):
    """The store in PostgreSQL, in which each commit is a step of its own.

    Args:
        postgres: the connections.
        commit: the step.
    """

    def __init__(self, postgres: Postgres, commit: Commit) -> None:
        super().__init__(postgres)
        self._commit = commit

    def add(self, new: NewTodo, traceparent: str, key: Key | None) -> Written | CreatedBefore:
        """Write a new todo and its event, unless the same key has done so before."""
        with self._postgres.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                added = self._add(cursor, new, traceparent, key)
            except UniqueViolation:
                # The same key was under way in another transaction, which has committed since.
                cursor.execute("ROLLBACK; BEGIN")
                added = self._add(cursor, new, traceparent, key)
            if isinstance(added, Written):
                [added] = self._commit(cursor, [added])
            return added

    @contextmanager
    def locked(self, todo_id: int) -> Iterator[LockedRow]:
        """Lock a todo's row; what was not written when the block ends is rolled back.

        Raises NoSuchTodo.
        """
        with self._postgres.cursor() as cursor:
            todo = self._lock(cursor, todo_id)
            yield SteppedRow(cursor, todo, self._commit)


class SteppedRow(LockedRow):
    """A todo whose row is locked, and whose commit is a step of its own."""

    def __init__(self, cursor: Cursor, todo: Todo, commit: Commit) -> None:
        super().__init__(cursor, todo)
        self._commit = commit

    def write(self, happened: Sequence[Happened], traceparent: str) -> list[Written]:
        """Write the todo's new state and its events, and take the step."""
        written = self._write(happened, traceparent, then="")
        return self._commit(self._cursor, written) if written else written
