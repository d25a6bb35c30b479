"""4. Deliveries: what the broker hands over, and what is given back to it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pika
from pika.adapters.blocking_connection import BlockingChannel

from chassis.errors import ServerUnavailable
from chassis.rabbitmq import SERVER
from query_service.events import TodoEvent
from query_service.topology import DEAD_LETTERS, QUEUE, declare

PREFETCH = 400


@dataclass
class Delivery:
    """A message in the projector's hands.

    Args:
        tag: the channel's name for this delivery.
        routing_key: as it was published.
        properties: its AMQP properties.
        body: the bytes.
        redelivered: whether the broker has delivered it before.
        delivered_ns: when it arrived, in ns since the epoch.
        event: what is in it, None where it cannot be read.
        reason: why it cannot be read or written.
        attempts: how often it was tried.
    """

    tag: int
    routing_key: str
    properties: pika.BasicProperties
    body: bytes
    redelivered: bool
    delivered_ns: int = field(default_factory=time.time_ns)
    event: TodoEvent | None = None
    reason: str = ""
    attempts: int = 0

    @property
    def traceparent(self) -> str:
        """Return the W3C context of the command that caused the event."""
        if self.event is not None:
            return self.event.traceparent
        return str((self.properties.headers or {}).get("traceparent", ""))


@dataclass(frozen=True)
class Session:
    """One connection to the broker, with a channel to consume on and one to park on."""

    connection: pika.BlockingConnection
    consuming: BlockingChannel
    parking: BlockingChannel

    @classmethod
    def open(cls, parameters: Sequence[pika.URLParameters]) -> "Session":
        """Connect, and declare what is used."""
        connection = pika.BlockingConnection(parameters)
        try:
            consuming, parking = connection.channel(), connection.channel()
            declare(consuming)
            consuming.basic_qos(prefetch_count=PREFETCH)
            consuming.add_on_cancel_callback(_consumer_was_cancelled)
            parking.confirm_delivery()
        except BaseException:
            connection.close()
            raise
        return cls(connection, consuming, parking)

    def wait(self, seconds: float) -> None:
        """Wait, and answer the broker's heartbeats meanwhile."""
        self.connection.sleep(seconds)

    def ack_up_to(self, delivery: Delivery) -> None:
        """Acknowledge a delivery and all before it."""
        self.consuming.basic_ack(delivery.tag, multiple=True)

    def park(self, delivery: Delivery) -> None:
        """Put a message into the dead-letter queue, with the reason, and wait for the confirm."""
        properties = delivery.properties
        properties.delivery_mode = pika.DeliveryMode.Persistent.value
        # Whoever published it may have been another user, and a dead letter must not expire.
        properties.user_id = properties.expiration = None
        reason = delivery.reason[:200].encode("utf-8", "backslashreplace").decode()
        properties.headers = {
            **(properties.headers or {}),
            "x-reason": reason,
            "x-attempts": delivery.attempts,
            "x-queue": QUEUE,
        }
        # A blocking channel in confirm mode returns when the broker has confirmed, or raises.
        self.parking.basic_publish(
            DEAD_LETTERS, delivery.routing_key, delivery.body, properties, mandatory=True
        )

    def close(self) -> None:
        """Close the connection; what was not acked goes back to the queue."""
        if self.connection.is_open:
            self.connection.close()


def _consumer_was_cancelled(_frame: object) -> None:
    raise ServerUnavailable(SERVER, f"the broker cancelled the consumer: is {QUEUE} deleted?")
