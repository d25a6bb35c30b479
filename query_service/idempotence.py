"""Idempotence: an event that comes again, or late, changes nothing. No I/O.

The newest version of a todo wins, whatever the order in which its events arrive and however often.
Only the newest event per todo in a batch is written, and only over an older version or none; the
outcome of the write shows which events were already applied.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from query_service.events import TodoEvent
from query_service.projections import Document

PROJECTED: Final = "projected"
ALREADY_APPLIED: Final = "already-applied"
REFUSED: Final = "refused"
Verdict = Literal["projected", "already-applied", "refused"]


class Fate(NamedTuple):
    """What became of one event, and why it was refused."""

    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class Applied:
    """What became of a write of events, at most one per todo.

    Args:
        known: the todos whose event was no news: that version or a later one was there.
        refused: the todos whose event MongoDB would not write, with its reason.
    """

    known: frozenset[int]
    refused: Mapping[int, str]


def newest_per_todo(events: Iterable[TodoEvent]) -> list[TodoEvent]:
    """Fold a batch: only the newest event of each todo has to be written."""
    newest: dict[int, TodoEvent] = {}
    for event in events:
        todo = event.todo
        known = newest.get(todo.id)
        if known is None or known.todo.version < todo.version:
            newest[todo.id] = event
    return list(newest.values())


def is_first_version(event: TodoEvent) -> bool:
    """Return whether nothing older can be there, so that a plain insert is guard enough.

    It inserts the document or fails, and is less work for MongoDB than the guarded update.
    """
    return event.todo.version == 1


def replace_if_older(document: Document) -> list[dict[str, Any]]:
    """Return the guarded update: the pipeline that puts a document over an older one, or none."""
    # A pipeline, not a filter: with an upsert, a filter on the version would not match a newer
    # document and would try to insert a second one, which is a duplicate key.
    # $literal, because a title that begins with a dollar sign would be taken for a field.
    older = {"$lt": [{"$ifNull": ["$version", 0]}, document["version"]]}
    return [{"$replaceWith": {"$cond": [older, {"$literal": document}, "$$ROOT"]}}]


def fates(events: Iterable[TodoEvent], applied: Applied) -> list[Fate]:
    """Return what became of each event of a batch, given the write of the newest per todo."""
    events = list(events)
    refused = applied.refused
    judged = zip(events, verdicts(events, applied), strict=True)
    return [Fate(verdict, refused.get(event.todo.id, "")) for event, verdict in judged]


def verdicts(events: Iterable[TodoEvent], applied: Applied) -> Iterator[Verdict]:
    """Yield the verdict on each event of a batch, given the write of the newest per todo."""
    known, refused, seen = applied.known, applied.refused, set[str]()
    for event in events:
        # Each event carries the whole state, so the older ones share the fate of the newest.
        if event.todo.id in refused:
            yield REFUSED
        elif event.todo.id in known or event.id in seen:
            yield ALREADY_APPLIED
        else:
            yield PROJECTED
        seen.add(event.id)
