"""What the projector records of each event: spans, log lines and metrics.

The names here are a contract with whatever receives the traces (contracts/hops.yaml). The query
service has no hops of its own: its requests are traced by the chassis.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

import prometheus_client
from opentelemetry.trace import SpanKind, Tracer
from opentelemetry.util.types import AttributeValue
from prometheus_client import CollectorRegistry

from chassis.telemetry.hops import Hop, HopRecorder
from query_service.deliveries import Delivery
from query_service.idempotence import Verdict
from query_service.poison import is_poison
from query_service.topology import QUEUE

RETRIED: Final = "retried"
DEAD_LETTERED: Final = "dead-lettered"
Outcome = Verdict | Literal["retried", "dead-lettered"]


def _hop(operation: str) -> Hop:
    said = {
        "messaging.system": "rabbitmq",
        "messaging.destination.name": QUEUE,
        "messaging.operation.type": operation,
    }
    return Hop(f"{operation} {QUEUE}", SpanKind.CONSUMER, said)


DELIVERED = _hop("receive")
PROCESSED = _hop("process")

log = logging.getLogger(__name__)


class ProjectorHops:
    """Records what becomes of events between the queue and the read model.

    Args:
        tracer: the projector's tracer.
        registry: its metrics.
    """

    def __init__(self, tracer: Tracer, registry: CollectorRegistry) -> None:
        self._recorder = HopRecorder(tracer, _identity)
        self._outcomes = prometheus_client.Counter(
            "events_projected", "Events by what became of them.", ["outcome"], registry=registry
        )

    def delivered(self, delivery: Delivery) -> None:
        """Record that a message has arrived."""
        self._recorder.record(DELIVERED, delivery, delivery.delivered_ns, delivery.delivered_ns)

    def retried(self, delivery: Delivery, began_ns: int) -> None:
        """Record an attempt that failed and is not the last, begun at a time in ns."""
        self._record(delivery, RETRIED, began_ns, time.time_ns())
        log.warning("%s %s: %s", RETRIED, _name(delivery), delivery.reason)

    def taken(self, batch: Sequence[Delivery]) -> "BatchHops":
        """Begin to record a batch that is taken in hand."""
        return BatchHops(self, batch)

    def count(self, outcomes: Sequence[Outcome]) -> None:
        """Count events by what became of them."""
        for outcome, count in Counter(outcomes).items():
            self._outcomes.labels(outcome).inc(count)

    def settled(
        self, delivery: Delivery, outcome: Outcome, taken_ns: int, certain_ns: int, acked_ns: int
    ) -> None:
        """Record what became of a message, when that was certain, and when it was acked."""
        recorded = self._record(delivery, outcome, taken_ns, acked_ns, (outcome, certain_ns))
        if outcome == DEAD_LETTERED:
            log.warning("%s %s: %s", outcome, _name(delivery), delivery.reason)
        elif recorded:
            log.info("%s %s in %.1f ms", outcome, _name(delivery), (certain_ns - taken_ns) / 1e6)

    def _record(
        self,
        delivery: Delivery,
        outcome: Outcome,
        start_ns: int,
        end_ns: int,
        moment: tuple[str, int] | None = None,
    ) -> bool:
        said: dict[str, AttributeValue] = {
            "eventually.outcome": outcome,
            "eventually.attempt": max(delivery.attempts, 1),
        }
        if delivery.reason:
            said["eventually.reason"] = delivery.reason
        return self._recorder.record(PROCESSED, delivery, start_ns, end_ns, said, moment=moment)


class BatchHops:
    """Notes when each hop of a batch happens, and records them once the batch is acked."""

    def __init__(self, hops: ProjectorHops, batch: Sequence[Delivery]) -> None:
        self._hops = hops
        self._batch = batch
        self._taken_ns = self._projected_ns = self._parked_ns = time.time_ns()

    def projected(self) -> None:
        """Note that the read model holds what the batch says, but for the poison in it."""
        self._projected_ns = time.time_ns()

    def parked(self) -> None:
        """Note that the poison of the batch is in the dead-letter queue."""
        self._parked_ns = time.time_ns()

    def acked(self) -> None:
        """Record the batch, which the broker has been told to forget."""
        acked_ns = time.time_ns()
        outcomes = [_outcome(delivery) for delivery in self._batch]
        self._hops.count(outcomes)
        for delivery, outcome in zip(self._batch, outcomes, strict=True):
            certain_ns = self._parked_ns if outcome == DEAD_LETTERED else self._projected_ns
            self._hops.settled(delivery, outcome, self._taken_ns, certain_ns, acked_ns)


def _outcome(delivery: Delivery) -> Outcome:
    if delivery.verdict is None or is_poison(delivery):
        return DEAD_LETTERED
    return delivery.verdict


def _identity(delivery: Delivery) -> dict[str, AttributeValue]:
    """Return what names the event in the traces, as far as it is known."""
    event = delivery.event
    if event is None:
        named: dict[str, AttributeValue] = {
            "cloudevents.event_id": str(delivery.properties.message_id)
        }
    else:
        named = {
            "cloudevents.event_id": event.id,
            "cloudevents.event_type": event.type,
            "todo.id": event.todo_id,
            "todo.version": event.version,
        }
    return {**named, "eventually.redelivered": delivery.redelivered}


def _name(delivery: Delivery) -> str:
    event = delivery.event
    if event is None:
        return str(delivery.properties.message_id)
    return f"todo {event.todo_id} v{event.version} {event.type}"
