"""5. The projector: RabbitMQ to the read model.

Takes what has arrived, folds it to the newest event per todo, writes that in one bulk, and acks
when MongoDB has journaled it. Whatever dies in between, the messages come again, and applying
them again changes nothing.
"""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pika
import prometheus_client
from opentelemetry.trace import SpanKind, Tracer
from opentelemetry.util.types import AttributeValue
from pika.adapters.blocking_connection import BlockingChannel
from prometheus_client import CollectorRegistry

from chassis import mongo
from chassis.backoff import Backoff
from chassis.errors import ServerUnavailable
from chassis.lab import Lab
from chassis.process import running
from chassis.rabbitmq import SERVER, QueueDepths, connection_parameters, translated
from chassis.settings import Environment
from chassis.switches import Pause, Slow
from chassis.telemetry.hops import Hop, HopRecorder
from query_service.deliveries import PREFETCH, Delivery, Session
from query_service.events import BadEvent, TodoEvent, parse_event
from query_service.idempotence import (
    ALREADY_APPLIED,
    PROJECTED,
    REFUSED,
    Applied,
    newest_per_todo,
    verdicts,
)
from query_service.read_model import ReadModel
from query_service.settings import Settings
from query_service.topology import DEAD_LETTERS, QUEUE

MOST_ATTEMPTS = 5

RETRIED = "retried"
DEAD_LETTERED = "dead-lettered"


def _hop(operation: str) -> Hop:
    said = {
        "messaging.system": "rabbitmq",
        "messaging.destination.name": QUEUE,
        "messaging.operation.type": operation,
    }
    return Hop(f"{operation} {QUEUE}", SpanKind.CONSUMER, said)


RECEIVED = _hop("receive")
PROCESSED = _hop("process")

log = logging.getLogger(__name__)


class Stopping(Exception):
    """The process is to end; what is in hand goes back to the queue."""


class Projector:
    """Keeps the read model up to date.

    Args:
        read_model: what is written.
        parameters: where the broker is.
        tracer: where hops are told.
        lab: the switches.
        registry: the metrics.
        stop: set when the process is to end.
    """

    def __init__(
        self,
        read_model: ReadModel,
        parameters: Sequence[pika.URLParameters],
        tracer: Tracer,
        lab: Lab,
        registry: CollectorRegistry,
        stop: threading.Event,
    ) -> None:
        self._read_model = read_model
        self._parameters = parameters
        self._recorder = HopRecorder(tracer, _identity)
        self._lab = lab
        self._stop = stop
        self._outcomes = prometheus_client.Counter(
            "events_projected", "Events by what became of them.", ["outcome"], registry=registry
        )
        self._arrived: deque[Delivery] = deque()
        self._why_not = "not connected yet"
        self.in_hand = 0

    def check_broker(self) -> None:
        """Raise ServerUnavailable where there is no connection to the broker just now."""
        if self._why_not:
            raise ServerUnavailable(SERVER, self._why_not)

    def run(self) -> None:
        """Project until stopped; connect again after each loss of the broker."""
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                with translated():
                    self._consume(backoff)
            except ServerUnavailable as error:
                self._why_not = error.reason
                if backoff.begins:
                    log.warning("waiting for %s", error)
                self._stop.wait(backoff.next_s())
            except Stopping:
                return

    def _consume(self, backoff: Backoff) -> None:
        session = Session.open(self._parameters)
        try:
            log.info("connected to rabbitmq")
            self._why_not = ""
            self._arrived.clear()
            self.in_hand = 0
            consumer: str | None = None
            while not self._stop.is_set():
                with self._lab.heeding():
                    consumer = self._follow_pause(session.consuming, consumer)
                session.connection.process_data_events(time_limit=0.1)
                while self._arrived and not (self._stop.is_set() or self._lab[Pause].on):
                    self._project(session)
                    backoff.reset()
        finally:
            session.close()

    def _follow_pause(self, channel: BlockingChannel, consumer: str | None) -> str | None:
        pause = self._lab[Pause].on
        if pause and consumer is not None:
            # What was not handed over yet goes back, so that it is seen where it waits.
            channel.basic_cancel(consumer)
            consumer = None
        if not pause and consumer is None:
            consumer = str(channel.basic_consume(QUEUE, self._on_delivery))
        return consumer

    def _on_delivery(
        self, _channel: Any, method: Any, properties: pika.BasicProperties, body: bytes
    ) -> None:
        delivery = Delivery(
            method.delivery_tag, method.routing_key, properties, body, method.redelivered
        )
        try:
            delivery.event = parse_event(body)
        except BadEvent as error:
            delivery.reason = str(error)
        self._arrived.append(delivery)
        self.in_hand += 1
        at_ns = delivery.delivered_ns
        self._tell(RECEIVED, delivery, at_ns, at_ns)

    def _project(self, session: Session) -> None:
        """Take what has arrived in hand, and ack it when each event's outcome is certain."""
        size = 1 if self._lab[Slow].on else min(len(self._arrived), PREFETCH)
        batch = [self._arrived.popleft() for _ in range(size)]
        if delay_s := self._lab[Slow].delay_s:
            session.wait(delay_s)
        start_ns = time.time_ns()
        outcomes = self._apply(session, batch)
        projected_ns = time.time_ns()
        for delivery in batch:
            if outcomes[delivery.tag] == DEAD_LETTERED:
                session.park(delivery)
        done_ns = time.time_ns()
        session.ack_up_to(batch[-1])
        acked_ns = time.time_ns()
        self.in_hand -= len(batch)
        for outcome, count in Counter(outcomes.values()).items():
            self._outcomes.labels(outcome).inc(count)
        for delivery in batch:
            outcome = outcomes[delivery.tag]
            certain_ns = done_ns if outcome == DEAD_LETTERED else projected_ns
            self._tell_outcome(delivery, outcome, start_ns, certain_ns, acked_ns)

    def _apply(self, session: Session, batch: Sequence[Delivery]) -> dict[int, str]:
        """Write a batch, and return each delivery's outcome by its tag."""
        outcomes: dict[int, str] = {delivery.tag: DEAD_LETTERED for delivery in batch}
        good = [(delivery.tag, delivery) for delivery in batch if delivery.event is not None]
        events = [delivery.event for _tag, delivery in good if delivery.event is not None]
        applied = self._write(session, newest_per_todo(events))
        for (tag, delivery), event, verdict in zip(
            good, events, verdicts(events, applied), strict=True
        ):
            outcomes[tag] = (
                self._try_alone(session, delivery, event) if verdict == REFUSED else verdict
            )
        return outcomes

    def _try_alone(self, session: Session, delivery: Delivery, event: TodoEvent) -> str:
        """Try one event by itself, a bounded number of times, while the others wait acked."""
        backoff = Backoff(first_s=0.05, most_s=0.5)
        while delivery.attempts < MOST_ATTEMPTS:
            delivery.attempts += 1
            start_ns = time.time_ns()
            applied = self._write(session, [event])
            if event.todo_id in applied.known:
                return ALREADY_APPLIED
            if event.todo_id not in applied.refused:
                return PROJECTED
            delivery.reason = applied.refused[event.todo_id]
            if delivery.attempts < MOST_ATTEMPTS:
                self._tell_outcome(delivery, RETRIED, start_ns, time.time_ns())
                session.wait(backoff.next_s())
                if self._stop.is_set():
                    raise Stopping
        return DEAD_LETTERED

    def _write(self, session: Session, events: Sequence[TodoEvent]) -> Applied:
        """Apply events; while MongoDB is away, hold them, and keep the broker's heartbeat."""
        backoff = Backoff()
        while events:
            try:
                return self._read_model.apply(events)
            except ServerUnavailable as error:
                if backoff.begins:
                    log.warning("holding %d events, waiting for %s", self.in_hand, error)
                session.wait(backoff.next_s())
                if self._stop.is_set():
                    raise Stopping from error
        return Applied(frozenset(), {})

    def _tell(
        self,
        hop: Hop,
        delivery: Delivery,
        start_ns: int,
        end_ns: int,
        attributes: Mapping[str, str | int] = MappingProxyType({}),
        moment: tuple[str, int] | None = None,
    ) -> bool:
        said = {"eventually.redelivered": delivery.redelivered, **attributes}
        return self._recorder.record(hop, delivery, start_ns, end_ns, said, moment=moment)

    def _tell_outcome(
        self,
        delivery: Delivery,
        outcome: str,
        start_ns: int,
        certain_ns: int,
        acked_ns: int | None = None,
    ) -> None:
        attributes: dict[str, str | int] = {
            "eventually.outcome": outcome,
            "eventually.attempt": max(delivery.attempts, 1),
        }
        if delivery.reason:
            attributes["eventually.reason"] = delivery.reason
        recorded = self._tell(
            PROCESSED,
            delivery,
            start_ns,
            acked_ns or certain_ns,
            attributes,
            (outcome, certain_ns) if acked_ns else None,
        )
        took_ms = (certain_ns - start_ns) / 1e6
        event = delivery.event
        if outcome in {RETRIED, DEAD_LETTERED}:
            what = delivery.properties.message_id if event is None else _name(event)
            log.warning("%s %s: %s", outcome, what, delivery.reason)
        elif recorded and event is not None:
            log.info("%s %s in %.1f ms", outcome, _name(event), took_ms)


def _identity(delivery: Delivery) -> dict[str, AttributeValue]:
    """Return what names the event in the traces, as far as it is known."""
    event = delivery.event
    if event is None:
        return {"cloudevents.event_id": str(delivery.properties.message_id)}
    return {
        "cloudevents.event_id": event.id,
        "cloudevents.event_type": event.type,
        "todo.id": event.todo_id,
        "todo.version": event.version,
    }


def _name(event: TodoEvent) -> str:
    return f"todo {event.todo_id} v{event.version} {event.type}"


def main() -> None:
    """Project until SIGTERM: `python -m query_service.projector`."""
    settings = Settings.of_projector(Environment.of_process())
    with running(settings.process) as process:
        database = mongo.database(settings.mongodb_url, timeout_ms=2000)
        parameters = connection_parameters(settings.rabbitmq_url, settings.process.name)
        lab = Lab(Pause(), Slow())
        tracer = process.tracer("query_service.projector")
        projector = Projector(
            ReadModel(database), parameters, tracer, lab, process.registry, process.stop
        )
        checks = {"rabbitmq": projector.check_broker, "mongodb": lambda: mongo.check(database)}
        depths = QueueDepths(parameters, [QUEUE, DEAD_LETTERS])
        ops = process.new_app(__name__, checks, lab, lambda: _holds(depths(), projector))
        with process.serving_ops(ops):
            projector.run()


def _holds(depths: dict[str, int], projector: Projector) -> dict[str, int]:
    return {
        "queue": depths[QUEUE],
        "unacked": projector.in_hand,
        "dead_letters": depths[DEAD_LETTERS],
    }


if __name__ == "__main__":
    main()
