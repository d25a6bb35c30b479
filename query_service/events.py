"""What a message says: one of the command service's CloudEvents, read strictly. No I/O."""

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

import msgspec

from query_service.projections import EventType, Todo

# A UUID has 36. The counts keep the ids of a second in one document, which has its limit, too.
MOST_ID_CHARACTERS = 100
_Time = Annotated[datetime, msgspec.Meta(tz=True)]


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
        time: when the command wrote it, if it says so.
    """

    specversion: Literal["1.0"]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_ID_CHARACTERS)]
    type: EventType
    todo: Todo
    traceparent: str = ""
    position: str = ""
    time: _Time | None = None


class TimedEvent(TodoEvent, frozen=True, gc=False, kw_only=True):
    """An event that has to say when the command wrote it."""

    time: _Time

    @property
    def second(self) -> datetime:
        """Return the second of its time, in UTC."""
        return self.time.astimezone(UTC).replace(microsecond=0)


E = TypeVar("E", bound=TodoEvent)
_DECODER = msgspec.json.Decoder(TodoEvent)
_TIMED_DECODER = msgspec.json.Decoder(TimedEvent)


def parse_event(body: bytes) -> TodoEvent:
    """Return the event in a message. Raises BadEvent.

    Unknown fields are ignored, so that the command service may add some.
    """
    return _read(_DECODER, body)


def parse_timed_event(body: bytes) -> TimedEvent:
    """Return the event in a message, with its time. Raises BadEvent."""
    event = _read(_TIMED_DECODER, body)
    try:
        event.second  # noqa: B018, at both ends of the calendar there is none
    except OverflowError as error:
        raise BadEvent(f"not a time in UTC: {event.time}") from error
    return event


def _read(decoder: msgspec.json.Decoder[E], body: bytes) -> E:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise BadEvent(f"not one of our CloudEvents: {error}") from error
    except (ValueError, RecursionError) as error:
        raise BadEvent(f"not JSON: {str(error)[:100]}") from error
