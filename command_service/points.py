"""The points at which the lab can stop the write side, and what is there as it matches it."""

import json
from collections.abc import Iterable, Iterator

from chassis.lab.match import Subject
from chassis.lab.points import Point
from command_service.events import Event
from command_service.hops import identity

BEFORE_COMMIT = Point("before-commit", "in the open transaction, before it commits")
AFTER_COMMIT = Point("after-commit", "after the commit, before the answer")
BEFORE_PUBLISH = Point("before-publish", "with the events in hand, before they are published")
AFTER_PUBLISH = Point("after-publish", "after the broker's confirm, before the row is removed")


def subjects(events: Iterable[Event]) -> Iterator[Subject]:
    """Yield what the lab may match by, for each event on its way out."""
    for event in events:
        title = json.loads(event.cloud_event)["data"]["title"]
        yield Subject(event.todo_id, title, traceparent=event.traceparent, named=identity(event))
