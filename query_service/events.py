"""What a message says: one of the command service's CloudEvents, read strictly. No I/O."""

from typing import Literal

import msgspec

from query_service.projections import EventType, Todo


class BadEvent(ValueError):
    """A message that is not an event this service understands; the text says why."""


class TodoEvent(msgspec.Struct, frozen=True, gc=False, rename={"todo": "data"}):
    """What the read side needs of an event.

    Args:
        specversion: the version of CloudEvents.
        id: the event's id.
        type: what has happened.
        todo: the todo after it.
        traceparent: the W3C context of the command.
        position: its place in the log of all events; empty in a message.
    """

    specversion: Literal["1.0"]
    id: str
    type: EventType
    todo: Todo
    traceparent: str = ""
    position: str = ""


_DECODER = msgspec.json.Decoder(TodoEvent)


def parse_event(body: bytes) -> TodoEvent:
    """Return the event in a message. Raises BadEvent.

    Unknown fields are ignored, so that the command service may add some.
    """
    try:
        return _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise BadEvent(f"not one of our CloudEvents: {error}") from error
    except (ValueError, RecursionError) as error:
        raise BadEvent(f"not JSON: {str(error)[:100]}") from error
