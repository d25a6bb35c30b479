"""The points at which the lab can stop the projector, and the events there as it matches them."""

from collections.abc import Iterable, Iterator

from chassis.lab.match import Subject
from chassis.lab.points import Point
from query_service.deliveries import Delivery
from query_service.hops import identity

BEFORE_WRITE = Point("before-write", "before the read model is written")
MID_BATCH = Point("mid-batch", "when half of a batch of two or more events is written")
AFTER_WRITE = Point("after-write", "after the write, before the ack")
BEFORE_SWAP = Point("before-swap", "when the new read model is whole and the old one is still read")
POINTS = (BEFORE_WRITE, MID_BATCH, AFTER_WRITE)


def subjects(deliveries: Iterable[Delivery]) -> Iterator[Subject]:
    """Yield what the lab may match by, for each message in hand."""
    for delivery in deliveries:
        yield subject(delivery)


def subject(delivery: Delivery) -> Subject:
    """Return what the lab may match a message by."""
    named, event = identity(delivery), delivery.event
    if event is None:
        return Subject(traceparent=delivery.traceparent, named=named)
    return Subject(event.todo.id, event.todo.title, traceparent=delivery.traceparent, named=named)
