"""What the relay records of a batch, and what it does not."""

import logging

import pika
import pytest

from chassis.publisher import Outgoing
from command_service.events import Event
from command_service.hops import RelayHops
from tests.support.clocks import Machine
from tests.support.recorded import Recorded


def recording() -> Recorded[RelayHops]:
    return Recorded(RelayHops, "events_published_total", Machine(0, 0).clock())


def event(number: int, *, sampled: bool = True) -> Event:
    traceparent = f"00-{number:032x}-{'cd' * 8}-{'01' if sampled else '00'}"
    return Event(number, f"id {number}", "todo.renamed", 7, number, traceparent, "{}")


def answered(error: str | None) -> Outgoing:
    properties = pika.BasicProperties()
    return Outgoing("todo.renamed", b"{}", properties, sent_ns=1, settled_ns=2, error=error)


def test_a_batch_is_one_span_that_links_to_each_sampled_event() -> None:
    recorded = recording()
    recorded.hops.picked_up([event(1), event(2, sampled=False), event(3)])
    [span] = recorded.spans
    assert span.attributes is not None
    assert span.attributes["db.operation.batch.size"] == 3
    assert [link.attributes and link.attributes["todo.version"] for link in span.links] == [1, 3]


def test_unsampled_events_are_only_counted(caplog: pytest.LogCaptureFixture) -> None:
    recorded, unsampled = recording(), event(1, sampled=False)
    with caplog.at_level(logging.INFO):
        recorded.hops.picked_up([unsampled])
        recorded.hops.settled([(unsampled, answered(None))])
    assert not recorded.spans
    assert not caplog.messages
    assert recorded.counted("confirmed") == 1


def test_each_message_has_a_span_in_the_trace_of_its_event_and_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorded = recording()
    with caplog.at_level(logging.INFO):
        recorded.hops.settled([(event(1), answered(None)), (event(2), answered("returned"))])
    confirmed, returned = recorded.spans
    assert (confirmed.start_time, confirmed.end_time) == (1, 2)
    assert confirmed.status.is_ok or confirmed.status.is_unset
    assert returned.attributes is not None
    assert returned.attributes["error.type"] == "returned"
    assert [span.context and span.context.trace_id for span in recorded.spans] == [1, 2]
    assert [line.split(" in ")[0] for line in caplog.messages] == [
        "confirmed todo 7 v1 todo.renamed",
        "returned todo 7 v2 todo.renamed",
    ]
    assert (recorded.counted("confirmed"), recorded.counted("returned")) == (1, 1)
