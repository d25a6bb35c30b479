"""5. The read model in MongoDB: written by the projector, read by the query service."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from bson import Binary
from bson.errors import InvalidDocument
from pymongo import InsertOne, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from chassis.errors import first_line
from chassis.mongo import translated
from query_service.projections import TodoEvent, document_after

COLLECTION = "todos"
# Up to here documents are counted, above they are estimated.
COUNTED = 20_000
_DUPLICATE_KEY = 11000
_LIVE = {"deleted": {"$exists": False}}

Document = dict[str, Any]


@dataclass(frozen=True)
class Applied:
    """What became of each event of a bulk.

    Args:
        ignored: ids of the events that were no news, since their version or a later one is there.
        refused: ids of the events whose write the server refused, with its reason.
    """

    ignored: frozenset[str]
    refused: Mapping[str, str]


class ReadModel:
    """The todos as they are read.

    Args:
        database: where they are.
        collection: a rebuild fills another collection than the one that is read.
    """

    def __init__(self, database: Database[Document], collection: str = COLLECTION) -> None:
        self._todos = database[collection]

    def apply(self, events: Sequence[TodoEvent]) -> Applied:
        """Apply events, at most one per todo, in one unordered bulk that is journaled.

        Raises ServerUnavailable where nothing is known of what was written: apply them again.
        """
        batch = Binary.from_uuid(uuid4())
        refused: dict[str, str] = {}
        there: set[str] = set()
        with translated():
            try:
                result = self._todos.bulk_write(
                    [_write(event, batch) for event in events], ordered=False
                )
                written = result.inserted_count + result.upserted_count + result.modified_count
            except BulkWriteError as error:
                there, refused = _known_and_refused(error, events)
                counted = error.details
                written = counted["nInserted"] + counted["nUpserted"] + counted["nModified"]
            except (InvalidDocument, OverflowError) as error:
                # The driver sent nothing: one of them cannot be written, which one shows alone.
                return Applied(frozenset(), {event.id: first_line(error) for event in events})
            ignored = frozenset(there)
            if written + len(refused) + len(ignored) < len(events):
                ignored = self._not_in(batch, events) - refused.keys()
        return Applied(ignored, refused)

    def page(self, completed: bool | None, after: int, limit: int) -> list[Document]:
        """Return todos in id order.

        Args:
            completed: only those that are done, or are not; None for both.
            after: only those with a larger id.
            limit: how many at the most.
        """
        wanted: Document = {"_id": {"$gt": after}, **_LIVE}
        if completed is not None:
            wanted["completed"] = completed
        with translated():
            found = self._todos.find(wanted, _SHOWN).sort("_id", 1).limit(limit)
            return [_shown(document) for document in found]

    def one(self, todo_id: int) -> tuple[Document, int] | None:
        """Return a todo and its version, or None where there is none."""
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
            limit: how many at the most.
        """
        wanted: Document = {} if after is None else {"_id": {"$gt": after}}
        order = -1 if after is None else 1
        with translated():
            found = list(self._todos.find(wanted, _COMPARED).sort("_id", order).limit(limit))
        return [{"id": document.pop("_id"), **document} for document in found[::order]]

    def document(self, todo_id: int) -> Document | None:
        """Return the whole document of a todo, or its tombstone; None where there is neither."""
        with translated():
            return self._todos.find_one({"_id": todo_id})

    def holds(self) -> dict[str, int | None]:
        """Return how many todos and tombstones there are; of many, about how many documents."""
        with translated():
            about = self._todos.estimated_document_count()
            if about > COUNTED:
                return {"todos": about, "tombstones": None}
            # The estimate is wrong after an unclean stop, so a small collection is counted.
            tombstones = self._todos.count_documents({"deleted": True})
            return {"todos": self._todos.count_documents(_LIVE), "tombstones": tombstones}

    def _not_in(self, batch: Binary, events: Sequence[TodoEvent]) -> frozenset[str]:
        todo_ids = [event.todo_id for event in events]
        found = self._todos.find({"_id": {"$in": todo_ids}, "batch": batch}, {"_id": 1})
        written = {document["_id"] for document in found}
        return frozenset(event.id for event in events if event.todo_id not in written)


def _write(event: TodoEvent, batch: Binary) -> InsertOne[Document] | UpdateOne:
    after = {**document_after(event), "batch": batch}
    # To a first event whatever is there already has a version that is not older: so it is
    # inserted, or is no news. A plain insert is less work for MongoDB than the guarded write.
    return InsertOne(after) if event.version == 1 else guarded(after)


def guarded(after: Document) -> UpdateOne:
    """Return the write that puts a document in the place of an older version, or of none.

    Args:
        after: the document, with its `_id` and its `version`.
    """
    # The guard is a pipeline and no filter: with an upsert, a filter on the version does not
    # find the newer document and tries to insert a second one, which is a duplicate key.
    # $literal, since a title may begin with a dollar sign and would be taken for a field.
    older = {"$lt": [{"$ifNull": ["$version", 0]}, after["version"]]}
    return UpdateOne(
        {"_id": after["_id"]},
        [{"$replaceWith": {"$cond": [older, {"$literal": after}, "$$ROOT"]}}],
        upsert=True,
    )


def _known_and_refused(
    error: BulkWriteError, events: Sequence[TodoEvent]
) -> tuple[set[str], dict[str, str]]:
    """Tell the events that were no news from those that the server would not write."""
    if error.details.get("writeConcernErrors") or not error.details["writeErrors"]:
        raise error
    known: set[str] = set()
    refused: dict[str, str] = {}
    for refusal in error.details["writeErrors"]:
        event = events[refusal["index"]]
        if refusal["code"] == _DUPLICATE_KEY and event.version == 1:
            known.add(event.id)
        else:
            refused[event.id] = refusal["errmsg"][:200]
    return known, refused


_SHOWN = {"title": 1, "completed": 1}
_COMPARED = {**_SHOWN, "version": 1, "deleted": 1}


def _shown(document: Document) -> Document:
    return {
        "id": document["_id"],
        "title": document["title"],
        "completed": document["completed"],
    }
