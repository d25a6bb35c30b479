"""The projection: the kinds of events, and what each means for the read model. No I/O.

Every event carries the whole state of its todo, so one event is enough to know the document after
it. Whether that document is written is decided in `idempotence.py`.
"""

from typing import Annotated, Any, Final, Literal

import msgspec

EventType = Literal[
    "todo.created.v1",
    "todo.renamed.v1",
    "todo.completed.v1",
    "todo.reopened.v1",
    "todo.deleted.v1",
]
DELETED: Final = "todo.deleted.v1"
Document = dict[str, Any]
# As the contract says (contracts/events/); whoever sends more is not the command service.
MOST_TITLE_CHARACTERS = 200
# The largest integer in BSON.
_Positive = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class Todo(msgspec.Struct, frozen=True, gc=False):
    """The whole state of a todo after an event; its versions are counted from 1."""

    id: _Positive
    title: Annotated[str, msgspec.Meta(max_length=MOST_TITLE_CHARACTERS)]
    completed: bool
    version: _Positive


def document_after(happened: EventType, todo: Todo) -> Document:
    """Return the document that the read model holds once an event is applied."""
    match happened:
        case "todo.created.v1" | "todo.renamed.v1" | "todo.completed.v1" | "todo.reopened.v1":
            return {
                "_id": todo.id,
                "title": todo.title,
                "completed": todo.completed,
                "version": todo.version,
            }
        case "todo.deleted.v1":
            # A tombstone keeps the version, or an event that comes late would bring the todo back.
            return {"_id": todo.id, "version": todo.version, "deleted": True}
