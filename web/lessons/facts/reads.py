"""What a run's reads showed, and which guarantees they broke."""

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from web.lessons.evidence import Evidence, Logged, Unknown, Value
from web.lessons.facts.sessions import (
    Shown,
    Write,
    monotonic_reads,
    monotonic_writes,
    read_your_writes,
    writes_follow_reads,
)
from web.lessons.run import Seen

# A page that has as many says nothing of the todos beyond it.
PAGE = 1_000
State = tuple[str, bool] | None


def reads(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how many reads were answered, how long that took, or how many broke a guarantee.

    `stale` and `read-your-writes`: lacked something that had been acknowledged before they were
    asked. `went-back`: showed something older than the read before them. The others: see
    sessions.py.
    """
    what, of = asks["reads"], asks.get("of")
    everyone = [it for it in evidence.run.reads if _is_answered(it)]
    answered = [it for it in everyone if of in {None, it.name}]
    if what == "count":
        return len(answered)
    if what in _TIMES:
        if not answered:
            raise Unknown("No read was answered yet.")
        return round(_TIMES[what]([it.ended_ms - it.asked_ms for it in answered]), 3)
    states, sent_ms = _states(evidence), _sent_ms(evidence)
    shown = {id(it): _shown(it, states, sent_ms) for it in everyone}
    judged = _BREAKS[what]
    return _tally(judged([shown[id(it)] for it in answered], list(shown.values()), evidence))


_TIMES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "median-ms": statistics.median,
    "most-ms": max,
}
Judged = Iterator[bool | None]


def _of_own_writes(own: Sequence[Shown], _all: Sequence[Shown], evidence: Evidence) -> Judged:
    writes = _writes(evidence)
    return (read_your_writes(it, writes) for it in own)


def _went_back(own: Sequence[Shown], _all: Sequence[Shown], _evidence: Evidence) -> Judged:
    for it in own:
        before = _earlier(it, own)
        yield it.is_before(before[-1]) if before else False


def _of_reads(own: Sequence[Shown], _all: Sequence[Shown], _evidence: Evidence) -> Judged:
    return (monotonic_reads(it, _earlier(it, own)) for it in own)


def _of_writes(own: Sequence[Shown], _all: Sequence[Shown], evidence: Evidence) -> Judged:
    writes = _writes(evidence)
    return (monotonic_writes(it, writes) for it in own)


def _of_writes_after_reads(
    own: Sequence[Shown], everyone: Sequence[Shown], evidence: Evidence
) -> Judged:
    writes = _writes(evidence)
    return (writes_follow_reads(it, writes, own) for it in everyone)


_BREAKS: Mapping[str, Callable[[Sequence[Shown], Sequence[Shown], Evidence], Judged]] = {
    "stale": _of_own_writes,
    "read-your-writes": _of_own_writes,
    "went-back": _went_back,
    "monotonic-reads": _of_reads,
    "monotonic-writes": _of_writes,
    "writes-follow-reads": _of_writes_after_reads,
}


def _tally(judged: Iterable[bool | None]) -> int:
    found = list(judged)
    if unclear := found.count(None):
        why = f"What was shown fits several versions in {unclear} of {len(found)} reads."
        raise Unknown(why, found.count(True))
    return found.count(True)


def _earlier(read: Shown, reads: Sequence[Shown]) -> list[Shown]:
    """Return the reads of the same reader that were answered before this one was asked."""
    found = [it for it in reads if it.reader == read.reader and it.ended_ms <= read.asked_ms]
    return sorted(found, key=lambda it: it.asked_ms)


def _writes(evidence: Evidence) -> list[Write]:
    return [
        Write(it.todo_id, it.version, it.asked_ms, it.ended_ms)
        for it in evidence.run.sent
        if it.todo_id is not None and it.version is not None and it.ended_ms is not None
    ]


def _is_answered(read: Seen) -> bool:
    # That a todo is not there is an answer, too.
    return read.status == 200 or (read.status == 404 and read.of is not None)


def _sent_ms(evidence: Evidence) -> dict[tuple[int, int], float]:
    return {(it.todo_id, it.version): it.asked_ms for it in _writes(evidence)}


def _states(evidence: Evidence) -> dict[int, list[tuple[int, State]]]:
    """Return each version of the run's todos, and its state, by the log."""
    states: dict[int, list[tuple[int, State]]] = {it: [(0, None)] for it in evidence.of_interest}
    for event in evidence.stores.log():
        if event.todo_id in states:
            states[event.todo_id].append((event.version, _state(event)))
    return states


def _shown(
    read: Seen,
    states: Mapping[int, Sequence[tuple[int, State]]],
    sent_ms: Mapping[tuple[int, int], float],
) -> Shown:
    """Return which version of each todo a read can have shown."""
    last = max(read.todos) if len(read.todos) >= PAGE else None
    lowest, highest, looks = dict[int, int](), dict[int, int](), dict[int, object]()
    for todo_id, known in states.items():
        if (last is not None and todo_id > last) or read.of not in {None, todo_id}:
            continue
        todo = read.todos.get(todo_id)
        look = None if todo is None else (todo["title"], todo["completed"])
        versions = [
            version
            for version, state in known
            # What was sent after the answer cannot have been in it.
            if state == look and sent_ms.get((todo_id, version), 0.0) <= read.ended_ms
        ]
        if versions:
            lowest[todo_id], highest[todo_id] = min(versions), max(versions)
            looks[todo_id] = look
    return Shown(read.name, read.asked_ms, read.ended_ms, lowest, highest, looks, read.of)


def _state(event: Logged) -> State:
    return None if event.kind == "deleted" else (event.title, event.completed)
