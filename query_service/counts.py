"""The counts in MongoDB: how many todos were created, completed and deleted, by the second."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bson.errors import InvalidDocument
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from chassis.errors import first_line
from chassis.mongo import insist, refusals, translated
from query_service.counting import INBOX, KINDS, by_second, counting, fates
from query_service.events import TimedEvent
from query_service.idempotence import Fate
from query_service.projections import Document

COLLECTION = "counts"


class Counts:
    """The counts as they are kept and read.

    Args:
        database: the database they are in.
        collection: their collection; a rebuild fills one that is not being read.
    """

    def __init__(self, database: Database[Document], collection: str = COLLECTION) -> None:
        self._seconds = database[collection]

    def count(self, events: Sequence[TimedEvent], *, inbox: bool = True) -> list[Fate]:
        """Count events, in one unordered write that is journaled, and return what became of each.

        Args:
            events: the events.
            inbox: whether an event that was counted before does not count.

        Raises ServerUnavailable if the outcome is unknown. With the inbox, they may then be counted
        again; without it, they count twice if they had been written.
        """
        seconds = by_second(events)
        known, refused = set[str](), dict[datetime, str]()
        with translated():
            try:
                # Only for what is told of them: the write itself looks at what is known by then.
                known = self._known(seconds) if inbox else known
                refused = self._write(seconds, inbox=inbox)
            except (InvalidDocument, OverflowError) as error:
                # The driver sent none: it cannot encode one of them. Single tries show which.
                known, refused = set(), dict.fromkeys(seconds, first_line(error))
        return fates(events, known, refused, inbox=inbox)

    def fill(self, events: Sequence[TimedEvent]) -> None:
        """Count events that the log has, each of them once. Raises ServerUnavailable."""
        with translated():
            insist(self._write(by_second(events), inbox=True))

    def minutes(self, limit: int) -> list[dict[str, Any]]:
        """Return what was counted in each of the newest minutes in which anything was, in order.

        Args:
            limit: how many minutes at most.
        """
        minute = {"$dateTrunc": {"date": "$_id", "unit": "minute"}}
        sums = {kind: {"$sum": f"${kind}"} for kind in KINDS}
        newest: list[dict[str, Any]] = [
            {"$group": {"_id": minute, **sums}},
            {"$sort": {"_id": -1}},
            {"$limit": limit},
        ]
        with translated():
            found = list(self._seconds.aggregate(newest))
        return [
            {"minute": f"{each.pop('_id').isoformat()}Z", **{kind: each[kind] for kind in KINDS}}
            for each in reversed(found)
        ]

    def totals(self) -> dict[str, int]:
        """Return how much was counted of each kind, and how many different events that was."""
        sums: dict[str, Any] = {kind: {"$sum": f"${kind}"} for kind in KINDS}
        sums["events"] = {"$sum": {"$size": {"$setUnion": [f"${INBOX}", []]}}}
        with translated():
            found = list(self._seconds.aggregate([{"$group": {"_id": None, **sums}}]))
        of_all = found[0] if found else {}
        return {name: of_all.get(name, 0) for name in sums}

    def _known(self, seconds: Mapping[datetime, Sequence[TimedEvent]]) -> set[str]:
        if not seconds:
            return set()
        ids = [event.id for events in seconds.values() for event in events]
        known = {"$setIntersection": [f"${INBOX}", {"$literal": ids}]}
        wanted: list[dict[str, Any]] = [
            {"$match": {"_id": {"$in": list(seconds)}}},
            {"$project": {"known": known}},
        ]
        return {each for found in self._seconds.aggregate(wanted) for each in found["known"]}

    def _write(
        self, seconds: Mapping[datetime, Sequence[TimedEvent]], *, inbox: bool
    ) -> dict[datetime, str]:
        """Return the seconds that MongoDB would not write, with its reason."""
        writes = [
            UpdateOne({"_id": second}, counting(events, inbox=inbox), upsert=True)
            for second, events in seconds.items()
        ]
        try:
            if writes:
                self._seconds.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            named = list(seconds)
            return {named[each["index"]]: each["errmsg"][:200] for each in refusals(error)}
        return {}
