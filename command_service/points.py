"""The points at which the lab can stop the write side, and what is there as it matches it."""

import json
from collections.abc import Iterable, Iterator

from chassis.lab.match import Subject
from chassis.lab.points import Point
from command_service.events import Event, Written
from command_service.hops import identity, named

BEFORE_COMMIT = Point("before-commit", "in the open transaction, before it commits")
AFTER_COMMIT = Point("after-commit", "after the commit, before the answer")
BEFORE_PUBLISH = Point("before-publish", "with the events in hand, before they are published")
AFTER_PUBLISH = Point("after-publish", "after the broker's confirm, before the row is removed")


def subjects(events: Iterable[Event]) -> Iterator[Subject]:
    """Yield what the lab may match by, for each event on its way out."""
    for event in events:
        yield subject(event)


def subject(event: Event) -> Subject:
    """Return likewise for one."""
    data = json.loads(event.cloud_event)["data"]
    title = data["title"] if "title" in data else data["text"]
    return Subject(event.todo_id, title, traceparent=event.traceparent, named=identity(event))


def written_subjects(
    written: Iterable[Written], traceparent: str, sender: str
) -> Iterator[Subject]:
    """Yield likewise for each event that a command has written, or is about to commit.

    Args:
        written: the events.
        traceparent: the W3C context of the command.
        sender: who sent it, if that is known.
    """
    for each in written:
        kind, todo = each.happened.kind, each.happened.todo
        said = named(each.event_id, kind, todo.id, todo.version)
        yield Subject(todo.id, str(todo.title), sender, traceparent, said)
