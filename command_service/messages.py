"""Events as messages of RabbitMQ."""

from typing import Any

import pika

from chassis.publisher import Outgoing
from command_service.events import CONTENT_TYPE, EXCHANGE, Event, type_of


def message_of(event: Event) -> Outgoing:
    """Return an event as it is published."""
    properties = pika.BasicProperties(
        content_type=CONTENT_TYPE,
        delivery_mode=pika.DeliveryMode.Persistent.value,
        message_id=event.id,
        type=type_of(event.kind, event.schema_version),
        app_id="command-service",
        headers={"traceparent": event.traceparent},
    )
    return Outgoing(event.kind, event.cloud_event.encode(), properties)


def declare_exchange(channel: Any, then: Any) -> None:
    """Declare the exchange, which is all that a sender uses; consumers declare their queues."""
    channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True, callback=then)
