"""What a message says: one of the command service's CloudEvents, read strictly. No I/O."""

from typing import Annotated, Literal

import msgspec

EventType = Literal[
    "todo.created.v1",
    "todo.renamed.v1",
    "todo.completed.v1",
    "todo.reopened.v1",
    "todo.deleted.v1",
]


class BadEvent(ValueError):
    """A message that is no event this service understands; its text says why."""


class TodoEvent(msgspec.Struct, frozen=True):
    """What the read model needs of an event.

    Args:
        id: the event's id.
        type: its CloudEvents type, such as `todo.created.v1`.
        todo_id: the todo that it happened to.
        version: the todo's version after it, counted from 1.
        title: the title after it.
        completed: whether the todo is done after it.
        traceparent: the W3C context of the command.
        position: its place in the write side's log.
    """

    id: str
    type: EventType
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

    Unknown fields are ignored, so that the command service may add some.
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
