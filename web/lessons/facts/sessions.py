"""The session guarantees, held against reads as they were answered.

A session is what one client does, one after the other: here, all commands of a run, and the reads
of one reader. Each guarantee is about which writes a read shows. It is promised to a session, and a
system without tokens breaks it now and then, though every read model by itself goes forward.

Source: Terry, Demers, Petersen, Spreitzer, Theimer, Welch: "Session Guarantees for Weakly
Consistent Replicated Data", PDIS 1994. There, DB(S, t) are the writes that server S has at time t;
here, a read shows of each todo one version, and has all writes up to that one.

An answer shows a todo's title and completion, and the version is found in the log. If several fit,
a read may or may not break a guarantee: each test says True, False, or None for that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Write:
    """A command that was answered: it wrote this version of a todo.

    Args:
        todo_id, version: what it wrote.
        asked_ms: when it was sent.
        ended_ms: when its answer was there.
    """

    todo_id: int
    version: int
    asked_ms: float
    ended_ms: float


@dataclass(frozen=True)
class Shown:
    """A read, and which version of each todo it can have shown; 0 is that there was none yet.

    Args:
        reader: whose read it was.
        asked_ms: when it was sent.
        ended_ms: when its answer was there.
        lowest: by todo, the lowest version that it can be.
        highest: likewise, the highest.
        looks: by todo, what was shown, by which two reads are seen to be the same.
        of: the todo that was asked for; None for all.
    """

    reader: str
    asked_ms: float
    ended_ms: float
    lowest: Mapping[int, int]
    highest: Mapping[int, int]
    looks: Mapping[int, object]
    of: int | None = None

    def relevant(self, writes: Iterable[Write]) -> list[Write]:
        """Return the writes that may be seen in it."""
        return [it for it in writes if self.of in {None, it.todo_id}]

    def has(self, write: Write) -> bool | None:
        """Return whether it shows a write or a later one of the todo; None if that is not clear."""
        if write.todo_id not in self.lowest:
            return None
        if self.lowest[write.todo_id] >= write.version:
            return True
        return False if self.highest[write.todo_id] < write.version else None

    def is_before(self, other: "Shown") -> bool | None:
        """Return whether it shows something older than another read does."""
        found = [self._is_older(other, it) for it in self.lowest.keys() & other.lowest.keys()]
        return True if True in found else None if None in found else False

    def _is_older(self, other: "Shown", todo_id: int) -> bool | None:
        if self.highest[todo_id] < other.lowest[todo_id]:
            return True
        is_same = self.looks[todo_id] == other.looks[todo_id]
        return False if is_same or self.lowest[todo_id] >= other.highest[todo_id] else None


def read_your_writes(read: Shown, writes: Iterable[Write]) -> bool | None:
    """Return whether a read breaks it: it lacks a write that was answered before it was asked.

    "If Read R follows Write W in a session and R is performed at server S at time t, then W is
    included in DB(S, t)."
    """
    has = [read.has(it) for it in read.relevant(writes) if it.ended_ms <= read.asked_ms]
    return True if False in has else None if None in has else False


def monotonic_reads(read: Shown, earlier: Iterable[Shown]) -> bool | None:
    """Return whether a read breaks it: it lacks what any earlier read of the session had shown.

    "If Read R1 occurs before R2 in a session and R1 accesses server S1 at time t1 and R2 accesses
    server S2 at time t2, then RelevantWrites(S1, t1, R1) is a subset of DB(S2, t2)."
    """
    found = [read.is_before(it) for it in earlier if it.ended_ms <= read.asked_ms]
    return True if True in found else None if None in found else False


def monotonic_writes(read: Shown, writes: Sequence[Write]) -> bool | None:
    """Return whether a read shows it broken: it has a write, and lacks one from before that.

    "If Write W1 precedes Write W2 in a session, then, for any server S2, if W2 in DB(S2) then W1 is
    also in DB(S2) and WriteOrder(W1, W2)."
    """
    has = [(write, read.has(write)) for write in read.relevant(writes)]
    lacked_ms = [write.ended_ms for write, it in has if it is False]
    shown_ms = [write.asked_ms for write, it in has if it is True]
    if lacked_ms and shown_ms and min(lacked_ms) <= max(shown_ms):
        return True
    lacked_ms += [write.ended_ms for write, it in has if it is None]
    shown_ms += [write.asked_ms for write, it in has if it is None]
    return None if lacked_ms and shown_ms and min(lacked_ms) <= max(shown_ms) else False


def writes_follow_reads(
    read: Shown, writes: Sequence[Write], of_session: Sequence[Shown]
) -> bool | None:
    """Return whether a read shows it broken: it has a write, and lacks what its writer had read.

    "If Read R1 precedes Write W2 in a session and R1 is performed at server S1 at time t1, then,
    for any server S2, if W2 is in DB(S2), then any W1 in RelevantWrites(S1, t1, R1) is also in
    DB(S2) and WriteOrder(W1, W2)."

    Args:
        read: any read, whoever asked.
        writes: the writes of the session.
        of_session: the reads of the session.
    """
    has = [(write, read.has(write)) for write in read.relevant(writes)]
    surely = [write.asked_ms for write, it in has if it is True]
    perhaps = [write.asked_ms for write, it in has if it is not False]
    before = [read.is_before(it) for it in of_session if it.ended_ms <= max(surely, default=0.0)]
    if True in before:
        return True
    may_be = [read.is_before(it) for it in of_session if it.ended_ms <= max(perhaps, default=0.0)]
    return None if None in may_be or True in may_be else False
