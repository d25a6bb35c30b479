"""The read model in MongoDB: written by the projector, read by the query service."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from bson import Binary
from bson.errors import InvalidDocument
from pymongo import InsertOne, ReplaceOne, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError, WriteError

from chassis.errors import first_line
from chassis.mongo import insist, refusals, translated
from query_service.events import TodoEvent
from query_service.idempotence import (
    PROJECTED,
    REFUSED,
    Applied,
    Fate,
    fates,
    is_first_version,
    newest_per_todo,
    replace_if_older,
)
from query_service.projections import DELETED, Document, document_after

COLLECTION = "todos"
# A second one, which is kept on demand.
REPLICA = "replica"
# Up to this many documents are counted; beyond it the number is an estimate.
COUNTED = 20_000
_DUPLICATE_KEY = 11000
_Errors = Sequence[Mapping[str, Any]]
_LIVE = {"deleted": {"$exists": False}}
_COUNTS = [{"$group": {"_id": {"$ifNull": ["$deleted", False]}, "count": {"$sum": 1}}}]


class ReadModel:
    """The todos as they are read.

    Args:
        database: the database they are in.
        collection: their collection; a rebuild fills one that is not being read.
    """

    def __init__(self, database: Database[Document], collection: str = COLLECTION) -> None:
        self._todos = database[collection]

    def project(self, events: Sequence[TodoEvent]) -> list[Fate]:
        """Apply events, and return what became of each. Raises ServerUnavailable, as `apply`."""
        return fates(events, self.apply(newest_per_todo(events)))

    def apply(self, events: Sequence[TodoEvent]) -> Applied:
        """Apply events, at most one per todo, in one unordered write that is journaled.

        Raises ServerUnavailable if the outcome is unknown: then apply them again.
        """
        batch = Binary.from_uuid(uuid4())
        write = self._write_one if len(events) == 1 else self._write_many
        with translated():
            try:
                written, errors = write(events, batch)
            except (InvalidDocument, OverflowError) as error:
                # The driver sent none: it cannot encode one of them. Single tries show which.
                return Applied(frozenset(), {event.todo.id: first_line(error) for event in events})
            known, refused = _sorted_out(errors, events)
            if written + len(refused) + len(known) < len(events):
                known = self._not_written(batch, events) - refused.keys()
        return Applied(frozenset(known), refused)

    def fill(self, events: Sequence[TodoEvent]) -> None:
        """Apply events that the log has, each of them for certain. Raises ServerUnavailable."""
        insist(self.apply(newest_per_todo(events)).refused)

    def overwrite(self, events: Sequence[TodoEvent]) -> list[Fate]:
        """Write the last event of each todo over what is there, whatever its version, and journal.

        What the lab does in place of `project` while the guard is off. Raises ServerUnavailable.
        """
        last = list({event.todo.id: event for event in events}.values())
        batch = Binary.from_uuid(uuid4())
        after = [_document(event, batch) for event in last]
        writes = [ReplaceOne({"_id": document["_id"]}, document, upsert=True) for document in after]
        errors: _Errors = ()
        with translated():
            try:
                self._todos.bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                errors = refusals(error)
            except (InvalidDocument, OverflowError) as error:
                return [Fate(REFUSED, first_line(error)) for _event in events]
        refused = {last[error["index"]].todo.id: error["errmsg"][:200] for error in errors}
        return [
            Fate(REFUSED, refused[todo_id]) if todo_id in refused else Fate(PROJECTED)
            for todo_id in (event.todo.id for event in events)
        ]

    def bury(self, events: Sequence[TodoEvent]) -> None:
        """Remove the tombstones of these events, as if none were ever left.

        Raises ServerUnavailable: then they are applied again.
        """
        gone = [event.todo.id for event in events if event.type == DELETED]
        if gone:
            with translated():
                self._todos.delete_many({"_id": {"$in": gone}, "deleted": True})

    def page(self, completed: bool | None, after: int, limit: int) -> list[Document]:
        """Return todos in id order.

        Args:
            completed: only those that are done, or are not; None for both.
            after: only those with a larger id.
            limit: how many at most.
        """
        wanted: Document = {"_id": {"$gt": after}, **_LIVE}
        if completed is not None:
            wanted["completed"] = completed
        with translated():
            found = self._todos.find(wanted, _SHOWN).sort("_id", 1).limit(limit)
            return [_shown(document) for document in found]

    def one(self, todo_id: int) -> tuple[Document, int] | None:
        """Return a todo and its version, or None if there is none."""
        with translated():
            document = self._todos.find_one({"_id": todo_id, **_LIVE})
        return None if document is None else (_shown(document), document["version"])

    def versions(self, todo_ids: Iterable[int]) -> dict[int, int]:
        """Return the versions that the read model holds, tombstones included."""
        with translated():
            found = self._todos.find({"_id": {"$in": list(todo_ids)}}, {"version": 1})
            return {document["_id"]: document["version"] for document in found}

    def window(self, after: int | None, limit: int) -> list[Document]:
        """Return documents in id order, tombstones included.

        Args:
            after: only those with a larger id; None for the newest.
            limit: how many at most.
        """
        wanted: Document = {} if after is None else {"_id": {"$gt": after}}
        order = -1 if after is None else 1
        with translated():
            found = list(self._todos.find(wanted, _COMPARED).sort("_id", order).limit(limit))
        return [{"id": document.pop("_id"), **document} for document in found[::order]]

    def document(self, todo_id: int) -> Document | None:
        """Return the whole document of a todo or its tombstone, or None if there is neither."""
        with translated():
            return self._todos.find_one({"_id": todo_id})

    def holds(self) -> dict[str, int | None]:
        """Return how many todos and tombstones there are; if many, an estimate of both together."""
        with translated():
            about = self._todos.estimated_document_count()
            if about > COUNTED:
                return {"todos": about, "tombstones": None}
            # The estimate is wrong after an unclean stop, so a small collection is counted.
            counts = {it["_id"]: it["count"] for it in self._todos.aggregate(_COUNTS)}
        return {"todos": counts.get(False, 0), "tombstones": counts.get(True, 0)}

    def _write_many(self, events: Sequence[TodoEvent], batch: Binary) -> tuple[int, _Errors]:
        """Return how many documents were written, and MongoDB's errors by the event's index."""
        writes = [_write(event, _document(event, batch)) for event in events]
        result: Mapping[str, Any]
        try:
            result = self._todos.bulk_write(writes, ordered=False).bulk_api_result
        except BulkWriteError as error:
            refusals(error)
            result = error.details
        written = result["nInserted"] + result["nUpserted"] + result["nModified"]
        return written, result["writeErrors"]

    def _write_one(self, events: Sequence[TodoEvent], batch: Binary) -> tuple[int, _Errors]:
        """Do the same for a single event, with a tenth less work of the driver."""
        [event] = events
        after = _document(event, batch)
        try:
            if is_first_version(event):
                self._todos.insert_one(after)
                return 1, ()
            update = replace_if_older(after)
            result = self._todos.update_one({"_id": after["_id"]}, update, upsert=True)
        except WriteError as error:
            return 0, [error.details or {}]
        return result.modified_count + (result.upserted_id is not None), ()

    def _not_written(self, batch: Binary, events: Sequence[TodoEvent]) -> set[int]:
        """Return the todos that this batch did not write, since as new a version was there."""
        todo_ids = {event.todo.id for event in events}
        found = self._todos.find({"_id": {"$in": list(todo_ids)}, "batch": batch}, {"_id": 1})
        return todo_ids - {document["_id"] for document in found}


def _document(event: TodoEvent, batch: Binary) -> Document:
    return {**document_after(event.type, event.todo), "batch": batch}


def _write(event: TodoEvent, after: Document) -> InsertOne[Document] | UpdateOne:
    return InsertOne(after) if is_first_version(event) else guarded_write(after)


def guarded_write(after: Document) -> UpdateOne:
    """Return the write that replaces an older version with a document, or inserts it."""
    return UpdateOne({"_id": after["_id"]}, replace_if_older(after), upsert=True)


def _sorted_out(
    errors: Iterable[Mapping[str, Any]], events: Sequence[TodoEvent]
) -> tuple[set[int], dict[int, str]]:
    """Separate the todos already known from those that the server refused to write."""
    known: set[int] = set()
    refused: dict[int, str] = {}
    for error in errors:
        event = events[error["index"]]
        if error["code"] == _DUPLICATE_KEY and is_first_version(event):
            known.add(event.todo.id)
        else:
            refused[event.todo.id] = error["errmsg"][:200]
    return known, refused


_SHOWN = {"title": 1, "completed": 1}
_COMPARED = {**_SHOWN, "version": 1, "deleted": 1}


def _shown(document: Document) -> Document:
    return {
        "id": document["_id"],
        "title": document["title"],
        "completed": document["completed"],
    }
