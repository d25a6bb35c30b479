"""The shadow: a new read model, filled from the log beside the old one and renamed over it."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from pymongo.collection import Collection
from pymongo.database import Database

from chassis import mongo
from chassis.backoff import Backoff
from chassis.errors import ServerUnavailable
from query_service.events import TodoEvent
from query_service.idempotence import Applied, is_first_version, newest_per_todo
from query_service.projections import Document, document_after
from query_service.read_model import COLLECTION, ReadModel
from query_service.rebuild.comparison import differences
from query_service.rebuild.feed import Feed, FeedUnavailable
from query_service.rebuild.progress import Progress, say

SHADOW = "todos.rebuild"
# In one command, which may hold 16 MiB: a title of 200 characters has up to 800 bytes.
INSERTED = 10_000


class IncompleteLog(Exception):
    """The log gives fewer todos than the write side has; the text says how many."""


class Shadow:
    """The collection that will become the read model; until then, the old one stays as it was."""

    def __init__(self, database: Database[Document], feed: Feed) -> None:
        self._database = database
        self._shadow = database[SHADOW]
        self._feed = feed
        self.switched = False

    def fill(self) -> None:
        """Fill the shadow from the log, and show how far it is. Raises IncompleteLog."""
        with mongo.translated():
            self._shadow.drop()
            # An empty log makes an empty read model, and a missing collection cannot be renamed.
            self._database.create_collection(SHADOW)
        progress = Progress()
        # One chunk is written while the next is read; only these two are in memory.
        with ThreadPoolExecutor(max_workers=1) as writer:
            written: Future[None] | None = None
            for events in self._feed.chunks():
                if written:
                    written.result()
                written = writer.submit(self._write, events)
                progress.show(self._feed.read, self._feed.length)
            if written:
                written.result()
        self._catch_up(ReadModel(self._database, SHADOW))
        progress.end(self._feed.read)
        self._check()

    def _check(self) -> None:
        """Compare the number of todos with the write side's, however much comes meanwhile."""
        wanted = self._feed.todos()
        # Whatever the count includes is in the shadow after this, unless it was deleted since.
        deleted = self._catch_up(ReadModel(self._database, SHADOW))
        found = _count(self._shadow)
        if found < wanted - deleted:
            words = f"The log gives {found} todos, and the write side has {wanted}"
            raise IncompleteLog(f"{words}. Part of the log is missing.")

    def switch(self) -> str:
        """Replace the read model with the shadow, without losing what came meanwhile.

        Returns how many todos there were, and are, in words.
        """
        before, after = _count(self._database[COLLECTION]), _count(self._shadow)
        with mongo.translated():
            self._shadow.rename(COLLECTION, dropTarget=True)
        self.switched = True
        # Only the log still has what the projector has applied to the old one since the last
        # look, so this is tried until it succeeds.
        backoff = Backoff()
        while True:
            try:
                self._catch_up(ReadModel(self._database))
            except (FeedUnavailable, ServerUnavailable) as error:
                say(f"Switched; waiting to catch up: {error}")
                time.sleep(backoff.next_s())
            else:
                return f"{after} todos, where there were {before}"

    def differences(self) -> Iterator[str]:
        """Yield a line for each todo in which the shadow and the read model differ."""
        return differences(_in_order(self._shadow), _in_order(self._database[COLLECTION]))

    def discard(self) -> None:
        """Drop the shadow."""
        with mongo.translated():
            self._shadow.drop()

    def _write(self, events: list[TodoEvent]) -> None:
        # A todo whose first event is in this chunk cannot be in the shadow yet: it could not be
        # changed before its creation had committed, so the log has that first.
        born = {event.todo.id for event in events if is_first_version(event)}
        newest = newest_per_todo(events)
        new = [document_after(each.type, each.todo) for each in newest if each.todo.id in born]
        changed = [each for each in newest if each.todo.id not in born]
        for start in range(0, len(new), INSERTED):
            self._insert(new[start : start + INSERTED])
        if changed:
            _insist(ReadModel(self._database, SHADOW).apply(changed))

    def _insert(self, documents: list[Document]) -> None:
        # The command itself: insert_many would look at each document in Python first, which takes
        # four times as long as encoding it.
        with mongo.translated():
            answer = self._database.command(
                "insert",
                SHADOW,
                documents=documents,
                ordered=False,
                writeConcern=self._shadow.write_concern.document,
            )
        for refused in (*answer.get("writeErrors", ()), answer.get("writeConcernError")):
            if refused:
                raise ServerUnavailable(mongo.SERVER, refused["errmsg"])

    def _catch_up(self, read_model: ReadModel) -> int:
        """Apply all that was committed when this was called, however much comes meanwhile.

        Returns how many deletions were among it.
        """
        deleted = 0
        goal: int | None = None
        while goal is None or self._feed.settled_before < goal:
            for events in self._feed.chunks():
                _insist(read_model.apply(newest_per_todo(events)))
                deleted += sum(event.type == "todo.deleted.v1" for event in events)
            if goal is None:
                goal = self._feed.next_transaction
            elif self._feed.settled_before < goal:
                time.sleep(0.02)
        return deleted


def _count(collection: Collection[Document]) -> int:
    with mongo.translated():
        return collection.count_documents({"deleted": {"$ne": True}})


def _insist(applied: Applied) -> None:
    """Raise ServerUnavailable if MongoDB refused a document: half a read model is none."""
    for reason in applied.refused.values():
        raise ServerUnavailable(mongo.SERVER, reason)


def _in_order(collection: Collection[Document]) -> Iterator[Document]:
    with mongo.translated():
        yield from collection.find({}, {"batch": False}).sort("_id", 1)
