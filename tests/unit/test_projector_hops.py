"""The projector's records of a batch, and what it leaves out."""

import itertools
import json
import logging
import time

import pika
import pytest

from query_service.deliveries import Delivery
from query_service.hops import ProjectorHops
from query_service.idempotence import ALREADY_APPLIED, PROJECTED, REFUSED, Verdict
from tests.support.clocks import Machine
from tests.support.recorded import Recorded


def recording() -> Recorded[ProjectorHops]:
    return Recorded(ProjectorHops, "events_projected_total", Machine(0, 0).clock())


def delivery(verdict: Verdict | None, *, sampled: bool = True, readable: bool = True) -> Delivery:
    traceparent = f"00-{'ab' * 16}-{'cd' * 8}-{'01' if sampled else '00'}"
    data = {"id": 7, "title": "Learn CQRS", "completed": False, "version": 2}
    event = {"specversion": "1.0", "type": "todo.renamed.v1", "id": "an-id", "data": data}
    body = json.dumps(event | {"traceparent": traceparent}).encode() if readable else b"no event"
    properties = pika.BasicProperties(message_id="m", headers={"traceparent": traceparent})
    delivered = Delivery(1, "todo.renamed", properties, body, redelivered=False)
    delivered.read()
    if readable:
        delivered.verdict = verdict
    return delivered


def settle(recorded: Recorded[ProjectorHops], *batch: Delivery) -> None:
    recorded.hops.taken()
    recorded.hops.projected()
    recorded.hops.parked()
    recorded.hops.acked(batch)


@pytest.mark.parametrize(
    ("delivered", "outcome"),
    [
        (delivery(PROJECTED), "projected"),
        (delivery(ALREADY_APPLIED), "already-applied"),
        (delivery(REFUSED), "dead-lettered"),
        (delivery(None, readable=False), "dead-lettered"),
    ],
)
def test_the_span_records_the_outcome_of_a_message_and_its_time(
    delivered: Delivery, outcome: str
) -> None:
    recorded = recording()
    settle(recorded, delivered)
    [span] = recorded.spans
    assert span.name == "process todo.projector"
    assert span.attributes is not None
    assert span.attributes["eventually.outcome"] == outcome
    [moment] = span.events
    assert moment.name == outcome
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.start_time <= moment.timestamp <= span.end_time


def test_poison_is_certain_once_parked_and_other_events_before_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recorded, batch = recording(), (delivery(PROJECTED), delivery(REFUSED))
    taken_ns, projected_ns, parked_ns, acked_ns = range(1, 5)
    monkeypatch.setattr(time, "monotonic_ns", itertools.count(taken_ns).__next__)
    settle(recorded, *batch)
    monkeypatch.undo()
    assert [
        (span.start_time, span.events[0].timestamp, span.end_time) for span in recorded.spans
    ] == [(taken_ns, projected_ns, acked_ns), (taken_ns, parked_ns, acked_ns)]


def test_an_unsampled_event_is_counted_and_not_recorded(caplog: pytest.LogCaptureFixture) -> None:
    recorded = recording()
    unsampled = delivery(PROJECTED, sampled=False)
    with caplog.at_level(logging.INFO):
        recorded.hops.delivered(unsampled)
        settle(recorded, unsampled, unsampled, delivery(ALREADY_APPLIED, sampled=False))
    assert not recorded.spans
    assert not caplog.messages
    assert (recorded.counted("projected"), recorded.counted("already-applied")) == (2, 1)


def test_a_dead_letter_is_logged_even_if_it_is_not_sampled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorded, bad = recording(), delivery(None, sampled=False, readable=False)
    settle(recorded, bad)
    assert [message.split(":")[0] for message in caplog.messages] == ["dead-lettered m"]
    assert recorded.counted("dead-lettered") == 1


def test_a_failed_attempt_has_a_span_without_a_moment_of_certainty() -> None:
    recorded, refused = recording(), delivery(REFUSED)
    refused.attempts, refused.reason = 3, "no"
    recorded.hops.retried(refused, began_ns=1)
    [span] = recorded.spans
    assert span.attributes is not None
    said = {key: value for key, value in span.attributes.items() if key.startswith("eventually")}
    assert said == {
        "eventually.outcome": "retried",
        "eventually.attempt": 3,
        "eventually.reason": "no",
        "eventually.redelivered": False,
    }
    assert not span.events
    assert recorded.counted("retried") is None
