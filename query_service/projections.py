"""5. The projection's rules: what an event means for the read model. No I/O.

An event carries the whole state after it, and its version. A document is replaced only by a
newer version, and a deletion leaves a tombstone that has a version too. So any order and any
number of deliveries gives the same read model.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

TYPES = frozenset(
    {
        "todo.created.v1",
        "todo.renamed.v1",
        "todo.completed.v1",
        "todo.reopened.v1",
        "todo.deleted.v1",
    }
)
_DELETED = "todo.deleted.v1"
T = TypeVar("T")
_MOST = 2**63 - 1  # what BSON can hold


class BadEvent(ValueError):
    """A message that is no event this projection understands; says why."""


@dataclass(frozen=True)
class TodoEvent:
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


def parse_event(body: bytes) -> TodoEvent:
    """Return the event in a message. Raises BadEvent."""
    try:
        event = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadEvent(f"not JSON: {str(error)[:100]}") from error
    if not isinstance(event, dict) or event.get("specversion") != "1.0":
        raise BadEvent("not a CloudEvent 1.0 in JSON")
    if _field(event, "type", str) not in TYPES:
        raise BadEvent(f"unknown type: {event['type'][:60]}")
    data = event.get("data")
    if not isinstance(data, dict):
        raise BadEvent("no data")
    return TodoEvent(
        id=_text(event, "id"),
        type=event["type"],
        todo_id=_positive(data, "id"),
        version=_positive(data, "version"),
        title=_text(data, "title"),
        completed=_field(data, "completed", bool),
        traceparent=str(event.get("traceparent", "")),
        position=str(event.get("position", "")),
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


def supersedes(event: TodoEvent, document: Mapping[str, Any] | None) -> bool:
    """Return whether the event is newer than what the read model holds of its todo."""
    return document is None or document["version"] < event.version


def newest_per_todo(events: Iterable[TodoEvent]) -> list[TodoEvent]:
    """Fold a batch: of each todo only the newest event has to be written."""
    newest: dict[int, TodoEvent] = {}
    for event in events:
        known = newest.get(event.todo_id)
        if known is None or known.version < event.version:
            newest[event.todo_id] = event
    return list(newest.values())


def _field(source: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = source.get(name)
    if not isinstance(value, kind):
        raise BadEvent(f"{name} is missing or of the wrong type")
    return value


def _text(source: Mapping[str, Any], name: str) -> str:
    value = _field(source, name, str)
    # JSON can spell a lone surrogate, and neither BSON nor AMQP can hold one.
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise BadEvent(f"{name} has a lone surrogate in it")
    return value


def _positive(source: Mapping[str, Any], name: str) -> int:
    value = _field(source, name, int)
    # bool is an int in Python, and `true` is no version.
    if isinstance(value, bool) or not 1 <= value <= _MOST:
        raise BadEvent(f"{name} has to be a whole number from 1")
    return value
