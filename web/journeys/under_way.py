"""Under way: the todos whose newest state no read has shown yet. Pure."""

from collections.abc import Iterator
from itertools import islice

from web.journeys.journey import Hop
from web.journeys.reads import Read


class TodosUnderWay:
    """Knows which todos are under way, and which reads have to be examined for them."""

    def __init__(self) -> None:
        # Todos that are readable, and since when: the first read that begins later has to be
        # examined, whatever it shows.
        self._readable_ns: dict[int, int] = {}
        # Todos under way, and their latest hop, in the order in which we heard of them.
        self._latest_ns: dict[int, int] = {}

    def add(self, todo_id: int, hop: Hop) -> None:
        """Note that this happened to an event of the todo that no read has shown."""
        self._latest_ns[todo_id] = max(hop.at_ns, self._latest_ns.pop(todo_id, 0))

    def add_readable(self, todo_id: int, since_ns: int) -> None:
        """Note that the read model has had a version of the todo since then."""
        self._readable_ns[todo_id] = max(since_ns, self._readable_ns.get(todo_id, 0))

    def awaits_read(self, todo_id: int) -> bool:
        """Return whether a read yet to come has to be examined."""
        return todo_id in self._readable_ns

    def met_by(self, read: Read) -> set[int]:
        """Return the readable todos that a read covers; those it began late enough for are met."""
        covered = {todo_id for todo_id in self._readable_ns if read.covers(todo_id)}
        for todo_id in covered:
            if self._readable_ns[todo_id] <= read.asked_ns:
                del self._readable_ns[todo_id]
        return covered

    def end(self, todo_id: int) -> None:
        """Note that reads have shown all that is known of the todo."""
        self._latest_ns.pop(todo_id, None)

    def forget(self, todo_id: int) -> None:
        """Forget a todo that has no journeys left."""
        self._readable_ns.pop(todo_id, None)
        self.end(todo_id)

    def newest(self, upto: int, limit: int, since_ns: int) -> list[int]:
        """Return todos that are under way, the latest news first; see `Journeys.under_way`."""
        return list(islice(self._matching(upto, since_ns), limit))

    def _matching(self, upto: int, since_ns: int) -> Iterator[int]:
        for todo_id, at_ns in reversed(self._latest_ns.items()):
            if todo_id <= upto and at_ns >= since_ns:
                yield todo_id
