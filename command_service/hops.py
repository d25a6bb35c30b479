"""What the command service and the relay record: spans, log lines and metrics.

contracts/hops.yaml defines the spans' names and attributes.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import prometheus_client
from opentelemetry.sdk.trace import Event as SpanEvent
from opentelemetry.trace import SpanKind, Tracer
from opentelemetry.util.types import AttributeValue
from prometheus_client import CollectorRegistry, Gauge, Histogram

from chassis.clock import Clock
from chassis.errors import ServerUnavailable
from chassis.publisher import Outgoing
from chassis.telemetry.finished import FinishedSpans
from chassis.telemetry.hops import Hop, HopRecorder
from chassis.telemetry.messaging_metrics import batch_sizes, messaging_seconds
from chassis.telemetry.requests import request_span
from command_service.commands import Accepted, ChangeTodo, Command, CreateTodo, DeleteTodo
from command_service.events import EXCHANGE, Event, Written, type_of
from command_service.todo import KINDS

_VERBS = {CreateTodo: "INSERT", ChangeTodo: "UPDATE", DeleteTodo: "DELETE"}
_TODOS = {"db.system.name": "postgresql", "db.collection.name": "todos"}
COMMITTED = {
    command: Hop(f"{verb} todos", SpanKind.CLIENT, {**_TODOS, "db.operation.name": verb})
    for command, verb in _VERBS.items()
}
EVENT_WRITTEN = "event written"
_OUTBOX = {"db.system.name": "postgresql", "db.collection.name": "outbox"}
PICKED_UP = Hop("SELECT outbox", SpanKind.CLIENT, _OUTBOX)
_EXCHANGE = {
    "messaging.system": "rabbitmq",
    "messaging.operation.type": "send",
    "messaging.destination.name": EXCHANGE,
}
CONFIRMED = Hop(f"send {EXCHANGE}", SpanKind.PRODUCER, _EXCHANGE)

log = logging.getLogger(__name__)


class Transaction:
    """A command's transaction, while it is under way."""

    written: Sequence[Written] = ()

    def wrote(self, accepted: Accepted) -> Accepted:
        """Note what the transaction has written, and pass it on."""
        self.written = accepted.written
        return accepted


class CommandHops:
    """Records the transaction of each command."""

    def __init__(self, tracer: Tracer, clock: Clock, registry: CollectorRegistry) -> None:
        self._spans = FinishedSpans(tracer)
        self._clock = clock
        self._seconds = Histogram(
            "command_transaction_seconds", "Time of a command's transaction.", registry=registry
        )
        events = prometheus_client.Counter(
            "events_written", "Events committed.", ["kind"], registry=registry
        )
        self._events = {kind: events.labels(kind) for kind in KINDS}

    @contextmanager
    def committing(self, command: Command) -> Iterator[Transaction]:
        """Record the transaction that the block carries out."""
        transaction, hop = Transaction(), COMMITTED[type(command)]
        start_ns = time.monotonic_ns()
        try:
            yield transaction
        except ServerUnavailable as error:
            self._record(hop, start_ns, time.monotonic_ns(), (), error.reason)
            raise
        committed_ns = time.monotonic_ns()
        self._seconds.observe((committed_ns - start_ns) / 1e9)
        for written in transaction.written:
            self._events[written.happened.kind].inc()
        self._record(hop, start_ns, committed_ns, transaction.written)

    def _record(
        self, hop: Hop, start_ns: int, end_ns: int, events: Sequence[Written], error: str = ""
    ) -> None:
        asked = request_span()
        # Only sampled commands are logged line by line: under load, all the lines would cost more
        # than the commands do.
        if not asked.is_recording():
            return
        offset_ns, took_ms = self._clock.offset_ns(), (end_ns - start_ns) / 1e6
        for written in events:
            kind, todo = written.happened.kind, written.happened.todo
            line = 'committed todo %d v%d %s "%s" in %.1f ms'
            log.info(line, todo.id, todo.version, kind, todo.title, took_ms)
        self._spans.add(
            hop.span, hop.kind, asked.get_span_context(),
            start_ns + offset_ns, end_ns + offset_ns, hop.attributes,
            events=[SpanEvent(EVENT_WRITTEN, _state_in(it), end_ns + offset_ns) for it in events],
            error=error,
        )  # fmt: skip


class SendingHops:
    """Records what becomes of events that are sent to the broker."""

    def __init__(self, tracer: Tracer, clock: Clock, registry: CollectorRegistry) -> None:
        self._recorder = HopRecorder(tracer, clock, identity)
        self._published = prometheus_client.Counter(
            "events_published", "Events by the broker's answer.", ["outcome"], registry=registry
        )
        self._seconds = messaging_seconds(
            "client_operation", "Time from a message to the broker's answer.", EXCHANGE, registry
        )

    def settled(self, sent: Sequence[tuple[Event, Outgoing]]) -> None:
        """Record the broker's answer to each message."""
        outcomes = Counter(_outcome(message) for _, message in sent)
        for outcome, count in outcomes.items():
            self._published.labels(outcome).inc(count)
        for event, message in sent:
            self._settled(event, message)

    def _settled(self, event: Event, message: Outgoing) -> None:
        end_ns = message.settled_ns or time.monotonic_ns()
        start_ns = message.sent_ns or end_ns
        self._seconds.observe((end_ns - start_ns) / 1e9)
        said: dict[str, AttributeValue] = {
            "messaging.rabbitmq.destination.routing_key": event.kind,
            "messaging.message.id": event.id,
        }
        if message.is_unconfirmed:
            said["eventually.unconfirmed"] = True
        if self._recorder.record(CONFIRMED, event, start_ns, end_ns, said, message.error):
            outcome, took_ms = _outcome(message), (end_ns - start_ns) / 1e6
            line = "%s todo %d v%d %s in %.1f ms"
            log.info(line, outcome, event.todo_id, event.version, event.kind, took_ms)


def _outcome(message: Outgoing) -> str:
    return message.error or ("unconfirmed" if message.is_unconfirmed else "confirmed")


class RelayHops(SendingHops):
    """Records what becomes of events between the outbox and the broker."""

    def __init__(self, tracer: Tracer, clock: Clock, registry: CollectorRegistry) -> None:
        super().__init__(tracer, clock, registry)
        self._leader = Gauge("relay_leader", "1 while this relay leads.", registry=registry)
        self._batches = batch_sizes("relay", "Events taken from the outbox at a time.", registry)

    def leads(self, *, leads: bool) -> None:
        """Record whether this relay leads."""
        self._leader.set(leads)

    def picked_up(self, events: Sequence[Event]) -> None:
        """Record that the relay has just read these events from the outbox."""
        if events:
            self._batches.observe(len(events))
        size = {"db.operation.batch.size": len(events)}
        self._recorder.record_batch(PICKED_UP, events, time.monotonic_ns(), size)


def identity(event: Event) -> dict[str, str | int | bool]:
    """Return what names the event in the traces."""
    return named(event.id, event.kind, event.todo_id, event.version, event.schema_version)


def _state_in(written: Written) -> dict[str, AttributeValue]:
    kind, todo = written.happened.kind, written.happened.todo
    identity = named(written.event_id, kind, todo.id, todo.version, written.schema_version)
    return {**identity, "todo.title": todo.title, "todo.completed": todo.completed}


def named(
    event_id: str, kind: str, todo_id: int, version: int, schema_version: int = 1
) -> dict[str, str | int | bool]:
    """Return what names an event of this kind in the traces."""
    return {
        "cloudevents.event_id": event_id,
        "cloudevents.event_type": type_of(kind, schema_version),
        "todo.id": todo_id,
        "todo.version": version,
    }
