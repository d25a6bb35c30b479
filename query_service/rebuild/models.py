"""The read models that can be rebuilt, as the rebuild sees them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from pymongo.database import Database

from chassis import mongo
from chassis.errors import ServerUnavailable
from query_service import counts, read_model
from query_service.counting import INBOX, KINDS
from query_service.counts import Counts
from query_service.events import TimedEvent, TodoEvent, parse_event, parse_timed_event
from query_service.idempotence import is_first_version, newest_per_todo
from query_service.projections import Document, document_after
from query_service.read_model import ReadModel

# In one command, which may hold 16 MiB: a title of 200 characters has up to 800 bytes.
INSERTED = 10_000

E = TypeVar("E", bound=TodoEvent)


class Model(ABC, Generic[E]):
    """One collection of a read model.

    Args:
        database: where it is.
        collection: its name.

    Attributes:
        collection: where it is when it is read.
        name: what the rebuild calls it.
        parts: what the rebuild calls its documents.
        holds: what the rebuild calls that which `size` counts.
    """

    collection: ClassVar[str]
    name: ClassVar[str]
    parts: ClassVar[str]
    holds: ClassVar[str]

    @abstractmethod
    def __init__(self, database: Database[Document], collection: str) -> None: ...

    @staticmethod
    @abstractmethod
    def parse(body: bytes) -> E:
        """Return the event in a line of the log. Raises BadEvent."""

    @abstractmethod
    def fill(self, events: list[E]) -> None:
        """Apply the next events of the log; all before them have been. Raises ServerUnavailable."""

    @abstractmethod
    def apply(self, events: Sequence[E]) -> None:
        """Apply events, some of which may have been applied before. Raises ServerUnavailable."""

    @abstractmethod
    def size(self) -> int:
        """Return how much it holds."""

    @abstractmethod
    def todos(self) -> int:
        """Return how many todos there are by it."""

    @staticmethod
    @abstractmethod
    def name_of(its_id: Any) -> str:
        """Return the name of a document."""

    @staticmethod
    @abstractmethod
    def words(document: Document) -> str:
        """Return what a document says."""


class Todos(Model[TodoEvent]):
    """The todos."""

    collection = read_model.COLLECTION
    name = "read model"
    parts = holds = "todos"
    parse = staticmethod(parse_event)

    def __init__(self, database: Database[Document], collection: str) -> None:
        self._todos = database[collection]
        self._read_model = ReadModel(database, collection)

    def fill(self, events: list[TodoEvent]) -> None:
        """Apply the next events of the log."""
        # A todo whose first event is among these cannot be there yet: it could not be changed
        # before its creation had committed, so the log has that first.
        born = {event.todo.id for event in events if is_first_version(event)}
        newest = newest_per_todo(events)
        new = [document_after(each.type, each.todo) for each in newest if each.todo.id in born]
        changed = [each for each in newest if each.todo.id not in born]
        for start in range(0, len(new), INSERTED):
            self.insert(new[start : start + INSERTED])
        if changed:
            self._read_model.fill(changed)

    def apply(self, events: Sequence[TodoEvent]) -> None:
        """Apply events, some of them perhaps again."""
        self._read_model.fill(events)

    def insert(self, documents: list[Document]) -> None:
        """Insert documents that are not there. Raises ServerUnavailable."""
        # The command itself: insert_many would look at each document in Python first, which takes
        # four times as long as encoding it.
        with mongo.translated():
            answer = self._todos.database.command(
                "insert",
                self._todos.name,
                documents=documents,
                ordered=False,
                writeConcern=self._todos.write_concern.document,
            )
        for refused in (*answer.get("writeErrors", ()), answer.get("writeConcernError")):
            if refused:
                raise ServerUnavailable(mongo.SERVER, refused["errmsg"])

    def size(self) -> int:
        """Return how many todos there are."""
        with mongo.translated():
            return self._todos.count_documents({"deleted": {"$ne": True}})

    def todos(self) -> int:
        """Return how many todos there are."""
        return self.size()

    @staticmethod
    def name_of(its_id: int) -> str:
        """Return the name of a document."""
        return f"todo {its_id}"

    @staticmethod
    def words(document: Document) -> str:
        """Return what a document says."""
        if document.get("deleted"):
            return f"deleted (v{document['version']})"
        state = "done" if document["completed"] else "to do"
        return f'"{document["title"]}", {state} (v{document["version"]})'


class ReplicaTodos(Todos):
    """The todos of the replica: after its rebuild it has also what it would have applied later."""

    collection = read_model.REPLICA
    name = "replica"


class CountsBySecond(Model[TimedEvent]):
    """The counts."""

    collection = counts.COLLECTION
    name = "counting read model"
    parts = "seconds"
    holds = "events"
    parse = staticmethod(parse_timed_event)

    def __init__(self, database: Database[Document], collection: str) -> None:
        self._counts = Counts(database, collection)

    def fill(self, events: list[TimedEvent]) -> None:
        """Apply the next events of the log."""
        self._counts.fill(events)

    def apply(self, events: Sequence[TimedEvent]) -> None:
        """Apply events, some of them perhaps again."""
        self._counts.fill(events)

    def size(self) -> int:
        """Return how many events were counted."""
        totals = self._counts.totals()
        return sum(totals[kind] for kind in KINDS)

    def todos(self) -> int:
        """Return how many todos there are."""
        totals = self._counts.totals()
        return totals["created"] - totals["deleted"]

    @staticmethod
    def name_of(its_id: datetime) -> str:
        """Return the name of a document."""
        return f"{its_id.isoformat()}Z"

    @staticmethod
    def words(document: Document) -> str:
        """Return what a document says."""
        said = ", ".join(f"{document[kind]} {kind}" for kind in KINDS if document[kind])
        ids = len(set(document[INBOX]))
        return f"{said} ({ids} {'event' if ids == 1 else 'events'})"


MODELS: dict[str, type[Model[Any]]] = {
    "todos": Todos,
    "counts": CountsBySecond,
    "replica": ReplicaTodos,
}
