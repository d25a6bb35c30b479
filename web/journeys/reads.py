"""Reads: what the query service answered, and what it showed of each todo. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Title and completion; None if there is no such todo.
State = tuple[str, bool] | None
ABSENT: State = None


@dataclass(frozen=True, slots=True)
class Read:
    """One answer of the query service, about all ids above `after` up to `upto`.

    Args:
        asked_ns: when the request was sent, in ns since the epoch.
        ended_ns: when its answer was there.
        after: the highest id below what the read covers.
        upto: the highest id that it covers; None for all.
        todos: what it shows; None if nothing changed since the last read of this range.
    """

    asked_ns: int
    ended_ns: int
    after: int
    upto: int | None
    todos: Mapping[int, tuple[str, bool]] | None

    def covers(self, todo_id: int) -> bool:
        """Return whether the read would show this todo, if it existed."""
        return self.after < todo_id and (self.upto is None or todo_id <= self.upto)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one read showed of one todo."""

    asked_ns: int
    ended_ns: int
    state: State


class _Track:
    """The sights of one todo: one for each change."""

    __slots__ = ("forgotten_ns", "sights")

    def __init__(self, forgotten_ns: int) -> None:
        self.sights: list[Sight] = []
        self.forgotten_ns = forgotten_ns


class ReadHistory:
    """The recent reads, so that a trace that comes later still finds its first read.

    Args:
        reads: how many reads are remembered, at least, with the changes that they showed.
        todos: how many todos are remembered beyond those that are there.
    """

    def __init__(self, reads: int = 400, todos: int = 6_000) -> None:
        self._most_reads = reads
        self._most_todos = todos
        self._reads: list[Read] = []
        self._tracks: dict[int, _Track] = {}
        self._present: set[int] = set()
        self._reads_forgotten_ns = 0
        self._todos_forgotten_ns = 0

    def add(self, read: Read) -> set[int]:
        """Add a read, the latest so far, and return the ids of the todos that changed."""
        if self._reads and read.asked_ns <= self._reads[-1].asked_ns:
            return set()
        # What it shows goes to the tracks: kept here, it would keep every answer alive.
        self._reads.append(Read(read.asked_ns, read.ended_ns, read.after, read.upto, None))
        self._forget()
        if read.todos is None:
            return set()
        changed: set[int] = set()
        for todo_id, state in read.todos.items():
            track = self._tracks.get(todo_id)
            if track is None or track.sights[-1].state != state:
                changed.add(todo_id)
        changed.update(i for i in self._present if i not in read.todos and read.covers(i))
        for todo_id in changed:
            self._append(todo_id, Sight(read.asked_ns, read.ended_ns, read.todos.get(todo_id)))
        return changed

    def _append(self, todo_id: int, sight: Sight) -> None:
        track = self._tracks.pop(todo_id, None) or _Track(self._todos_forgotten_ns)
        self._tracks[todo_id] = track
        track.sights.append(sight)
        while len(track.sights) > 1 and track.sights[1].asked_ns <= self._reads_forgotten_ns:
            track.forgotten_ns = track.sights.pop(0).asked_ns
        if sight.state == ABSENT:
            self._present.discard(todo_id)
        else:
            self._present.add(todo_id)

    def _forget(self) -> None:
        if len(self._reads) >= 2 * self._most_reads:
            self._reads_forgotten_ns = self._reads[-self._most_reads - 1].asked_ns
            del self._reads[: -self._most_reads]
        if len(self._tracks) > self._most_todos + 1000:
            # The tracks are in the order of their last change, and the oldest go.
            for todo_id in list(self._tracks)[: -self._most_todos]:
                self._todos_forgotten_ns = self._tracks.pop(todo_id).sights[-1].asked_ns
                self._present.discard(todo_id)

    def sights(self, todo_id: int, projections_ns: Iterable[int]) -> list[Sight]:
        """Return what was shown of a todo: each change, and the first read after each time."""
        track = self._tracks.get(todo_id)
        changes = track.sights if track else []
        found = {sight.asked_ns: sight for sight in changes}
        for time_ns in projections_ns:
            read = self._first_read(todo_id, time_ns)
            if read and read.asked_ns not in found:
                index = bisect_left(changes, read.asked_ns, key=lambda sight: sight.asked_ns)
                state = changes[index - 1].state if index else ABSENT
                found[read.asked_ns] = Sight(read.asked_ns, read.ended_ns, state)
        return [found[asked_ns] for asked_ns in sorted(found)]

    def _first_read(self, todo_id: int, time_ns: int) -> Read | None:
        first = bisect_left(self._reads, time_ns, key=lambda read: read.asked_ns)
        return next((read for read in self._reads[first:] if read.covers(todo_id)), None)

    def can_tell(self, todo_id: int, written_ns: int | None, readable_ns: int | None) -> bool:
        """Return whether the reads that may have been the first to show a version are known.

        Args:
            todo_id: the todo.
            written_ns: when the version's commit began; None if that is not known.
            readable_ns: when it was certainly in the read model; None if that is not known.
        """
        track = self._tracks.get(todo_id)
        forgotten_ns = track.forgotten_ns if track else self._todos_forgotten_ns
        if readable_ns is not None and readable_ns <= self._reads_forgotten_ns:
            return False
        return written_ns is None or written_ns > forgotten_ns
