"""8. First seen: which read was the first to show a version of a todo. Pure.

A read tells title and completion and no version, so the version that it shows is inferred. The
read model never goes back (the projector's guard), hence for a version v a read shows v or later
- if it began after v was projected, or
- if no version below v can explain what it shows: each is known and differs, is superseded, or
  the state has just changed as an event between it and v changes it.
A version is seen by the first read for which that is certain. Where it is not, nothing is said.
Clocks: a version cannot be shown before its commit began, so all times are of one host's clock.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Title and completion; None where there is no such todo.
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
        todos: what it shows; None where nothing changed since the last read of this range.
    """

    asked_ns: int
    ended_ns: int
    after: int
    upto: int | None
    todos: Mapping[int, tuple[str, bool]] | None

    def covers(self, todo_id: int) -> bool:
        """Return whether the read would show this todo, were it there."""
        return self.after < todo_id and (self.upto is None or todo_id <= self.upto)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one read showed of one todo."""

    asked_ns: int
    ended_ns: int
    state: State


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of one version of a todo.

    Args:
        version: its number.
        type: the type of the event that made it, such as `todo.renamed.v1`.
        state: the todo after the event.
        written_ns: when its commit began; None where the event's state is not known yet.
        projected_ns: when it was in the read model for certain; None where that is not known.
    """

    version: int
    type: str
    state: State
    written_ns: int | None
    projected_ns: int | None


def first_sights(versions: Sequence[Version], sights: Sequence[Sight]) -> dict[int, Sight]:
    """Return the first sight of each version for which it is certain, by version.

    Args:
        versions: what is known of one todo.
        sights: its reads in order: each change, and each first read after a projection.
    """
    known = {version.version: version for version in versions if version.written_ns is not None}
    found: dict[int, Sight] = {}
    reached, before = 0, ABSENT
    for sight in sights:
        projected = (
            version.version
            for version in versions
            if version.projected_ns is not None and version.projected_ns <= sight.asked_ns
        )
        floor = max(reached, max(projected, default=0))
        shown = _lowest_that_explains(sight, known, floor, before)
        if shown is None:
            # Something else is shown: perhaps a version that nobody told of. What was projected
            # is behind us, but which read was its first cannot be told.
            reached = floor
        else:
            for version in versions:
                if reached < version.version <= shown:
                    found[version.version] = sight
            reached = shown
        before = sight.state
    return found


def _lowest_that_explains(
    sight: Sight, known: Mapping[int, Version], floor: int, before: State
) -> int | None:
    """Return the lowest version that the sight can be of; None where no known one fits."""
    if floor == 0 and sight.state == ABSENT:
        return 0
    fitting = [
        version.version
        for version in known.values()
        if version.version >= floor
        and version.state == sight.state
        and (version.written_ns or 0) <= sight.ended_ns
    ]
    if not fitting:
        return None
    lowest = min(fitting)
    for number in range(lowest, max(floor, 1) - 1, -1):
        if number not in known:
            return floor
        if _changes(known[number], before):
            return lowest
    return lowest


def _changes(version: Version, before: State) -> bool:
    """Return whether this event can have followed upon that state."""
    if before is None:
        return version.version == 1
    if version.state is None:
        return True
    same_title = version.state[0] == before[0]
    same_completion = version.state[1] == before[1]
    if version.type.startswith("todo.renamed."):
        return same_completion and not same_title
    return same_title and not same_completion


class _Track:
    """The sights of one todo: one for each change."""

    __slots__ = ("forgotten_ns", "sights")

    def __init__(self, forgotten_ns: int) -> None:
        self.sights: list[Sight] = []
        self.forgotten_ns = forgotten_ns


class ReadHistory:
    """The recent reads, so that what the traces tell later still finds its first read.

    Args:
        reads: how many reads are remembered at least; the changes that they showed, too.
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
        """Add a read, later than all before, and return the ids of the todos that changed."""
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

    def can_tell(self, todo_id: int, version: Version) -> bool:
        """Return whether the reads that may have been the first to show a version are known."""
        track = self._tracks.get(todo_id)
        forgotten_ns = track.forgotten_ns if track else self._todos_forgotten_ns
        if version.projected_ns is not None and version.projected_ns <= self._reads_forgotten_ns:
            return False
        return version.written_ns is None or version.written_ns > forgotten_ns
