"""Counting: a projection in which an event that comes twice counts twice. No I/O.

Each second has a document with what happened in it, and with the ids of the events that were
counted there: the inbox. Both are in one document, since one document is what MongoDB writes
atomically. An event says itself to which second it belongs, so a duplicate meets the ids that were
counted before it, whenever it comes; and a second is short, so there are few.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from query_service.events import TimedEvent
from query_service.idempotence import ALREADY_APPLIED, PROJECTED, REFUSED, Fate
from query_service.projections import Document, EventType

Kind = Literal["created", "completed", "deleted"]
COUNTED: Mapping[EventType, Kind] = {
    "todo.created.v1": "created",
    "todo.completed.v1": "completed",
    "todo.deleted.v1": "deleted",
}
KINDS: tuple[Kind, ...] = tuple(COUNTED.values())
INBOX = "counted"


def by_second(events: Iterable[TimedEvent]) -> dict[datetime, list[TimedEvent]]:
    """Return the events that are counted, by the second in which they happened."""
    seconds = defaultdict[datetime, list[TimedEvent]](list)
    for event in events:
        if event.type in COUNTED:
            seconds[event.second].append(event)
    return dict(seconds)


def document_of(second: datetime, events: Sequence[TimedEvent]) -> Document:
    """Return the document of a second in which each of these events happened, once.

    It is the same in whatever order they come, and however often.
    """
    ids = _ids_by_kind({event.id: event for event in events}.values())
    counts: Document = {kind: len(ids[kind]) for kind in KINDS}
    return {"_id": second, **counts, INBOX: sorted(each for kind in KINDS for each in ids[kind])}


def counting(events: Sequence[TimedEvent], *, inbox: bool) -> list[dict[str, Any]]:
    """Return the update that counts events of one second, as an aggregation pipeline.

    Args:
        events: the events.
        inbox: whether events whose ids are known do not count. The ids are noted in any case, so
            that the inbox knows all that was counted when it is switched on again.
    """
    known = {"$ifNull": [f"${INBOX}", []]}

    def news(ids: Sequence[str]) -> dict[str, Any]:
        # $literal, because an id that begins with a dollar sign would be taken for a field.
        literal = {"$literal": ids}
        return {"$setDifference": [literal, known]} if inbox else literal

    # All of it sees the document as it was before.
    after: dict[str, Any] = {
        kind: {"$add": [{"$ifNull": [f"${kind}", 0]}, {"$size": news(ids)}]}
        for kind, ids in _ids_by_kind(events).items()
    }
    noted = {"$concatArrays": [known, news([event.id for event in events])]}
    # In their own order, so that the document does not depend on that of their arrival.
    return [{"$set": {**after, INBOX: {"$sortArray": {"input": noted, "sortBy": 1}}}}]


def fates(
    events: Sequence[TimedEvent],
    known: Collection[str],
    refused: Mapping[datetime, str],
    *,
    inbox: bool,
) -> list[Fate]:
    """Return what became of each event of a batch.

    Args:
        events: the batch.
        known: the ids that had been counted before.
        refused: why MongoDB would not write a second.
        inbox: whether events whose ids are known do not count.
    """
    judged, seen = list[Fate](), set(known)
    for event in events:
        if event.second in refused:
            judged.append(Fate(REFUSED, refused[event.second]))
        else:
            judged.append(Fate(ALREADY_APPLIED if inbox and event.id in seen else PROJECTED))
        seen.add(event.id)
    return judged


def _ids_by_kind(events: Iterable[TimedEvent]) -> dict[Kind, list[str]]:
    ids: dict[Kind, list[str]] = {kind: [] for kind in KINDS}
    for event in events:
        ids[COUNTED[event.type]].append(event.id)
    return ids
