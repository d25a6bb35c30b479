"""5. The projection's rules: what an event means for the read model. No I/O.

An event carries the whole state after it, and its version. A document is replaced only by a
newer version, and a deletion leaves a tombstone that has a version too. So any order and any
number of deliveries gives the same read model.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec

EventType = Literal[
    "todo.created.v1",
    "todo.renamed.v1",
    "todo.completed.v1",
    "todo.reopened.v1",
    "todo.deleted.v1",
]
_DELETED = "todo.deleted.v1"


class BadEvent(ValueError):
    """A message that is no event this projection understands; says why."""


class TodoEvent(msgspec.Struct, frozen=True):
    """What the read model needs of an event.

    Args:
        id: the event's id.
        type: its CloudEvents type, such as `todo.created.v1`.
        todo_id: whose event it is.
        version: the todo's version after it, counted from 1.
        title: the title after it.
        completed: whether the todo is done after it.
        traceparent: the W3C context of the command.
        position: its place in the write side's log.
    """

    id: str
    type: str
    todo_id: int
    version: int
    title: str
    completed: bool
    traceparent: str = ""
    position: str = ""


# What BSON can hold.
_Positive = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class _Data(msgspec.Struct):
    id: _Positive
    title: str
    completed: bool
    version: _Positive


class _CloudEvent(msgspec.Struct):
    specversion: Literal["1.0"]
    id: str
    type: EventType
    data: _Data
    traceparent: str = ""
    position: str = ""


_DECODER = msgspec.json.Decoder(_CloudEvent)


def parse_event(body: bytes) -> TodoEvent:
    """Return the event in a message. Raises BadEvent.

    What is not known is ignored, so that whoever writes events may add to them.
    """
    try:
        event = _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise BadEvent(f"not one of our CloudEvents: {error}") from error
    except (ValueError, RecursionError) as error:
        raise BadEvent(f"not JSON: {str(error)[:100]}") from error
    data = event.data
    return TodoEvent(
        event.id,
        event.type,
        data.id,
        data.version,
        data.title,
        data.completed,
        event.traceparent,
        event.position,
    )


def document_after(event: TodoEvent) -> dict[str, Any]:
    """Return the document that the read model holds once the event is applied."""
    if event.type == _DELETED:
        return {"_id": event.todo_id, "version": event.version, "deleted": True}
    return {
        "_id": event.todo_id,
        "title": event.title,
        "completed": event.completed,
        "version": event.version,
    }


def newest_per_todo(events: Iterable[TodoEvent]) -> list[TodoEvent]:
    """Fold a batch: of each todo only the newest event has to be written."""
    newest: dict[int, TodoEvent] = {}
    for event in events:
        known = newest.get(event.todo_id)
        if known is None or known.version < event.version:
            newest[event.todo_id] = event
    return list(newest.values())
