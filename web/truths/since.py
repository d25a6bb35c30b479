"""Since when todos differ: from the answer to the oldest write that MongoDB lacks. Pure."""

from collections.abc import Collection, Iterator

from web.journeys.journey import Journey, ms
from web.journeys.journeys import Journeys
from web.room.messages import Message


class Since:
    """Knows since when each todo that differs has done so.

    Args:
        journeys: what is known of the todos' events.
    """

    def __init__(self, journeys: Journeys) -> None:
        self._journeys = journeys
        # By todo: the version that MongoDB had, and since when that was too little.
        self._known: dict[int, tuple[int, float]] = {}

    def of(
        self, todo_id: int, row: Message | None, document: Message | None, at_ms: float
    ) -> float:
        """Return since when a todo differs, in ms since the epoch.

        If no journey tells, it is since web noticed. It does not become later while MongoDB goes
        without the write, even if the journey is forgotten.

        Args:
            todo_id: the todo.
            row: what PostgreSQL has of it.
            document: what MongoDB has of it.
            at_ms: when they were asked.
        """
        has = document["version"] if document else 0
        known = self._known.get(todo_id)
        earlier = [known[1]] if known and known[0] == has else []
        lacked = self._acknowledged(todo_id, above=has, upto=row["version"] if row else None)
        since_ms = min([at_ms, *earlier, *lacked])
        self._known[todo_id] = has, since_ms
        return since_ms

    def keep_only(self, differing: Collection[int]) -> None:
        """Forget all todos but these."""
        for todo_id in self._known.keys() - set(differing):
            del self._known[todo_id]

    def _acknowledged(self, todo_id: int, above: int, upto: int | None) -> Iterator[float]:
        for journey in self._journeys.of_todo(todo_id):
            version = journey.version or 0
            if version > above and (upto is None or version <= upto):
                yield from _acknowledged_ms(journey)


def _acknowledged_ms(journey: Journey) -> Iterator[float]:
    hop = journey.first_that_means("acknowledged") or journey.first_that_means("written")
    if hop:
        yield ms(hop.at_ns)
