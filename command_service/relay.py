"""3. The relay: outbox to RabbitMQ.

Reads the oldest rows, publishes them in order, and removes each once the broker has confirmed
it. Whatever dies in between, the row is still there and is published again: at least once.
Source of the pattern: https://microservices.io/patterns/data/transactional-outbox.html
"""

import logging
import threading
import time
from collections import Counter
from typing import Any

import pika
import prometheus_client
from opentelemetry.trace import SpanKind, Tracer
from prometheus_client import CollectorRegistry, Gauge

from chassis import postgres, rabbitmq
from chassis.backoff import Backoff
from chassis.errors import ServerUnavailable
from chassis.http import OpsServer, new_app
from chassis.lab import Lab, add_lab
from chassis.lifecycle import stop_on_signals, take_short_turns
from chassis.log import set_up_logging
from chassis.postgres import Postgres
from chassis.rabbitmq import ConfirmingPublisher, Outgoing, connection_parameters
from chassis.settings import Environment
from chassis.telemetry import new_tracer_provider, record_batch, record_hop, sampled
from command_service.events import CONTENT_TYPE, EXCHANGE, Event, type_of
from command_service.outbox import PREPARED, Outbox
from command_service.settings import Settings
from command_service.store import SCHEMA

BATCH = 500
# An idle relay looks 50 times a second.
SHORTEST_WAIT_S = 0.001
LONGEST_WAIT_S = 0.02
STAND_BY_S = 0.25

log = logging.getLogger(__name__)


class Relay:
    """Moves events from the outbox to the broker, as long as it leads.

    Args:
        outbox: where events wait.
        publisher: where they go.
        tracer: where hops are told.
        lab: the switches.
        registry: the metrics.
        stop: set when the process is to end.
    """

    def __init__(
        self,
        outbox: Outbox,
        publisher: ConfirmingPublisher,
        tracer: Tracer,
        lab: Lab,
        registry: CollectorRegistry,
        stop: threading.Event,
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._tracer = tracer
        self._lab = lab
        self._stop = stop
        self._leader = Gauge("relay_leader", "1 while this relay leads.", registry=registry)
        self._published = prometheus_client.Counter(
            "events_published", "Events by the broker's answer.", ["outcome"], registry=registry
        )
        self.leads = False

    def run(self) -> None:
        """Lead, or stand by until it can; go on after each loss of a server."""
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                if not self.leads:
                    self._wait_for_lead()
                self._relay_until_stopped(backoff)
            except ServerUnavailable as error:
                if backoff.begins:
                    log.warning("waiting for %s", error)
                if error.server == postgres.SERVER:
                    # The lock went with the connection; another relay may lead by now.
                    self._set_leads(leads=False)
                self._stop.wait(backoff.next_s())

    def _wait_for_lead(self) -> None:
        while not self._stop.is_set():
            if self._outbox.try_to_lead():
                self._set_leads(leads=True)
                log.info("leads: this relay publishes, others stand by")
                return
            self._stop.wait(STAND_BY_S)

    def _relay_until_stopped(self, backoff: Backoff) -> None:
        wait_s = SHORTEST_WAIT_S
        published: list[Event] = []
        while not self._stop.is_set():
            events = self._outbox.next(self._limit(), published)
            published = []
            if not events:
                self._publisher.check()
                backoff.reset()
                self._stop.wait(wait_s)
                wait_s = min(wait_s * 1.5, LONGEST_WAIT_S)
                continue
            wait_s = SHORTEST_WAIT_S
            published = self._relay(events)
            backoff.reset()
        self._outbox.next(0, published)

    def _limit(self) -> int:
        """Return how many events may be picked up now."""
        pause = self._lab.pause
        self._lab.heeded(pause=pause)
        # What cannot be published is not picked up: it waits where it is safe.
        if pause or not self._publisher.ready:
            return 0
        return 1 if self._lab.slow_ms else BATCH

    def _relay(self, events: list[Event]) -> list[Event]:
        """Publish events, and return them when the broker has confirmed them all."""
        picked_up_ns = time.time_ns()
        record_batch(
            self._tracer,
            "SELECT outbox",
            [event.traced for event in events if sampled(event.traceparent)],
            picked_up_ns,
            picked_up_ns,
            len(events),
            {"db.system.name": "postgresql", "db.collection.name": "outbox"},
        )
        if self._lab.slow_ms:
            self._stop.wait(self._lab.slow_ms / 1000)
        messages = [_message(event) for event in events]
        self._publisher.publish(messages)
        confirmed = [
            event for event, message in zip(events, messages, strict=True) if not message.error
        ]
        for outcome, count in Counter(message.error or "confirmed" for message in messages).items():
            self._published.labels(outcome).inc(count)
        for event, message in zip(events, messages, strict=True):
            if sampled(event.traceparent):
                self._tell(event, message)
        if len(confirmed) < len(events):
            self._outbox.next(0, confirmed)
            errors = {message.error for message in messages if message.error}
            raise ServerUnavailable(
                rabbitmq.SERVER, f"not confirmed: {', '.join(map(str, errors))}"
            )
        return confirmed

    def _tell(self, event: Event, message: Outgoing) -> None:
        settled_ns = message.settled_ns or time.time_ns()
        sent_ns = message.sent_ns or settled_ns
        record_hop(
            self._tracer,
            f"send {EXCHANGE}",
            SpanKind.PRODUCER,
            event.traced,
            sent_ns,
            settled_ns,
            {
                "messaging.system": "rabbitmq",
                "messaging.operation.type": "send",
                "messaging.destination.name": EXCHANGE,
                "messaging.rabbitmq.destination.routing_key": event.kind,
                "messaging.message.id": event.id,
            },
            message.error,
        )
        log.info(
            "%s todo %d v%d %s in %.1f ms",
            message.error or "confirmed",
            event.todo_id,
            event.version,
            event.kind,
            (settled_ns - sent_ns) / 1e6,
        )

    def _set_leads(self, *, leads: bool) -> None:
        self.leads = leads
        self._leader.set(leads)


def _message(event: Event) -> Outgoing:
    properties = pika.BasicProperties(
        content_type=CONTENT_TYPE,
        delivery_mode=pika.DeliveryMode.Persistent.value,
        message_id=event.id,
        type=type_of(event.kind),
        app_id="command-service",
        headers={"traceparent": event.traceparent},
    )
    return Outgoing(event.kind, event.cloud_event.encode(), properties)


def declare_exchange(channel: Any, then: Any) -> None:
    """Declare what the relay uses: the exchange. Queues are their consumers' affair."""
    channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True, callback=then)


def main() -> None:
    """Relay until SIGTERM: `python -m command_service.relay`."""
    settings = Settings.of_relay(Environment.of_process())
    service = settings.service
    set_up_logging(service.service, service.log_format)
    stop = stop_on_signals()
    take_short_turns()
    provider = new_tracer_provider(service.service)
    database = Postgres(settings.database_url, SCHEMA, PREPARED)
    lab, registry = Lab(), CollectorRegistry()
    publisher = ConfirmingPublisher(
        connection_parameters(settings.rabbitmq_url, service.service), EXCHANGE, declare_exchange
    )
    outbox = Outbox(database)
    relay = Relay(
        outbox, publisher, provider.get_tracer("command_service.relay"), lab, registry, stop
    )
    ops = new_app(__name__, {"postgresql": database.check, "rabbitmq": publisher.check}, registry)
    if service.lab:
        add_lab(
            ops,
            lab,
            lambda: {"outbox": outbox.backlog(), "leader": relay.leads},
            switchable=True,
        )
    with OpsServer(ops, service.host, service.port), publisher, outbox.closing():
        relay.run()
    provider.shutdown()


if __name__ == "__main__":
    main()
