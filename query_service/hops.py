"""What the projector records of each event: spans, log lines and metrics.

The names here are a contract with whatever receives the traces (contracts/hops.yaml). The query
service has no hops of its own: its requests are traced by the chassis.
"""

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import prometheus_client
from opentelemetry.trace import SpanKind, Tracer
from opentelemetry.util.types import AttributeValue
from prometheus_client import CollectorRegistry, Histogram

from chassis.clock import Clock
from chassis.telemetry.hops import Hop, HopRecorder
from chassis.telemetry.messaging_metrics import batch_sizes, messaging_seconds
from query_service.deliveries import Delivery
from query_service.idempotence import ALREADY_APPLIED, PROJECTED, REFUSED, Verdict
from query_service.topology import QUEUE

RETRIED: Final = "retried"
DEAD_LETTERED: Final = "dead-lettered"
Outcome = Literal["projected", "already-applied", "retried", "dead-lettered"]
_OUTCOMES: Mapping[Verdict | None, Outcome] = {
    PROJECTED: PROJECTED,
    ALREADY_APPLIED: ALREADY_APPLIED,
    REFUSED: DEAD_LETTERED,
}


# From what is quicker than anybody sees to what only a pile-up takes.
_LAGS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300)

log = logging.getLogger(__name__)


class ProjectorHops:
    """Records what becomes of events between a queue and its read model, batch by batch."""

    def __init__(
        self, tracer: Tracer, clock: Clock, registry: CollectorRegistry, queue: str = QUEUE
    ) -> None:
        self._recorder = HopRecorder(tracer, clock, identity)
        self._delivered, self._processed = _hop("receive", queue), _hop("process", queue)
        self._outcomes = prometheus_client.Counter(
            "events_projected", "Events by what became of them.", ["outcome"], registry=registry
        )
        self._retries = prometheus_client.Counter(
            "events_retried", "Attempts that failed and were not the last.", registry=registry
        )
        self._seconds = messaging_seconds(
            "process", "Time from taking an event in hand to its ack.", queue, registry
        )
        self._batches = batch_sizes("projection", "Events projected at a time.", registry)
        self._lags = Histogram(
            "projection_lag_seconds",
            "Time from a command to its event's being in the read model.",
            buckets=_LAGS_S,
            registry=registry,
        )
        self._clock = clock
        self._taken_ns = self._projected_ns = self._parked_ns = 0

    def delivered(self, delivery: Delivery) -> None:
        """Record that a message has arrived."""
        self._recorder.record(
            self._delivered, delivery, delivery.delivered_ns, delivery.delivered_ns
        )

    def taken(self) -> None:
        """Note that a batch is taken in hand."""
        self._taken_ns = time.monotonic_ns()

    def retried(self, delivery: Delivery, began_ns: int) -> None:
        """Record an attempt that failed and is not the last, and when it began, in steady ns."""
        self._retries.inc()
        self._record(delivery, RETRIED, began_ns, time.monotonic_ns())
        log.warning("%s %s: %s", RETRIED, _name(delivery), delivery.reason)

    def projected(self) -> None:
        """Note that the read model now has the whole batch, except the poison."""
        self._projected_ns = time.monotonic_ns()

    def parked(self) -> None:
        """Note that the poison is in the dead-letter queue."""
        self._parked_ns = time.monotonic_ns()

    def acked(self, batch: Sequence[Delivery]) -> None:
        """Record what became of each message of a batch, now that the broker forgets it."""
        acked_ns = time.monotonic_ns()
        self._measure(batch, acked_ns)
        outcomes = [_OUTCOMES[delivery.verdict] for delivery in batch]
        for outcome, count in Counter(outcomes).items():
            self._outcomes.labels(outcome).inc(count)
        for delivery, outcome in zip(batch, outcomes, strict=True):
            poison = outcome == DEAD_LETTERED
            moment = (outcome, self._parked_ns if poison else self._projected_ns)
            recorded = self._record(delivery, outcome, self._taken_ns, acked_ns, moment)
            if poison:
                log.warning("%s %s: %s", outcome, _name(delivery), delivery.reason)
            elif recorded:
                took_ms = (self._projected_ns - self._taken_ns) / 1e6
                log.info("%s %s in %.1f ms", outcome, _name(delivery), took_ms)

    def _measure(self, batch: Sequence[Delivery], acked_ns: int) -> None:
        self._batches.observe(len(batch))
        took_s = (acked_ns - self._taken_ns) / 1e9
        projected_s = (self._projected_ns + self._clock.offset_ns()) / 1e9
        for delivery in batch:
            self._seconds.observe(took_s)
            event = delivery.event
            if delivery.verdict == PROJECTED and event is not None and event.time is not None:
                # The two clocks may disagree.
                self._lags.observe(max(0.0, projected_s - event.time.timestamp()))

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
        return self._recorder.record(
            self._processed, delivery, start_ns, end_ns, said, moment=moment
        )


def _hop(operation: str, queue: str) -> Hop:
    said = {
        "messaging.system": "rabbitmq",
        "messaging.destination.name": queue,
        "messaging.operation.type": operation,
    }
    return Hop(f"{operation} {queue}", SpanKind.CONSUMER, said)


def identity(delivery: Delivery) -> dict[str, str | int | bool]:
    """Return what names the event in the traces, as far as it is known."""
    event, again = delivery.event, {"eventually.redelivered": delivery.redelivered}
    if event is None:
        return {"cloudevents.event_id": str(delivery.properties.message_id), **again}
    return {
        "cloudevents.event_id": event.id,
        "cloudevents.event_type": delivery.type,
        "todo.id": event.todo.id,
        "todo.version": event.todo.version,
        **again,
    }


def _name(delivery: Delivery) -> str:
    event = delivery.event
    if event is None:
        return str(delivery.properties.message_id)
    return f"todo {event.todo.id} v{event.todo.version} {event.type}"
