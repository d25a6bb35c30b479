"""The sagas' table: what was begun, how far it got, and how it ended.

Each step is noted once it is certain, so that whoever comes after a crash knows what there is to
undo. Source of the word: Garcia-Molina and Salem, Sagas, 1987, https://doi.org/10.1145/38713.38742
"""

from dataclasses import dataclass
from typing import Literal

from chassis.postgres import Postgres

# Two are open, and two are ends.
State = Literal["begun", "half", "done", "undone"]


@dataclass(frozen=True)
class Saga:
    """Two todos that are to be created both, or not at all.

    Args:
        id: its number.
        first, second: their titles.
        first_id: the first todo, once it is there.
        is_late: whether its time is over.
    """

    id: int
    first: str
    second: str
    first_id: int | None = None
    is_late: bool = False


class Sagas:
    """The sagas in PostgreSQL. Everything raises ServerUnavailable.

    Args:
        postgres: where they are.
        timeout_s: how long one may take, in seconds.
    """

    def __init__(self, postgres: Postgres, timeout_s: int) -> None:
        self._postgres = postgres
        self._timeout_s = timeout_s

    def begin(self, first: str, second: str, *, for_ever: bool) -> Saga:
        """Note that one begins.

        Args:
            first, second: the titles of its todos.
            for_ever: whether it may take as long as it takes.
        """
        timeout_s = None if for_ever else self._timeout_s
        with self._postgres.cursor() as cursor:
            cursor.execute(
                "INSERT INTO sagas (first, second, deadline) "
                "VALUES (%s, %s, now() + %s * interval '1 s') RETURNING id",
                (first, second, timeout_s),
            )
            [(saga_id,)] = cursor.fetchall()
        return Saga(saga_id, first, second)

    def note(self, saga: Saga, state: State, **todos: int) -> None:
        """Note how far one has got.

        Args:
            saga: it.
            state: how it stands now.
            todos: `first_id` or `second_id`, if such a todo is there now.
        """
        with self._postgres.cursor() as cursor:
            cursor.execute(
                "UPDATE sagas SET state = %(state)s, first_id = coalesce(%(first_id)s, first_id), "
                "second_id = coalesce(%(second_id)s, second_id) WHERE id = %(id)s",
                {"first_id": None, "second_id": None, **todos, "state": state, "id": saga.id},
            )

    def open(self) -> list[Saga]:
        """Return those that have not ended, oldest first."""
        with self._postgres.cursor() as cursor:
            cursor.execute(
                "SELECT id, first, second, first_id, coalesce(deadline <= now(), false) "
                "FROM sagas WHERE state IN ('begun', 'half') ORDER BY id"
            )
            return [Saga(*row) for row in cursor.fetchall()]
