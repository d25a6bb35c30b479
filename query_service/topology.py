"""What the projector uses in RabbitMQ; it declares all of it on each connection."""

from dataclasses import dataclass
from typing import Any

EXCHANGE = "todo.events"
QUEUE = "todo.projector"
DEAD_LETTERS = "todo.dead-letters"

# A quorum queue counts each return of a message as a failed delivery, even of messages that were
# only prefetched when a consumer died. With a low limit (RabbitMQ 4 sets 20 by default) a crash
# loop would throw good events away; the projector itself counts the attempts per event.
# Source: https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
DELIVERY_LIMIT = 1_000_000_000


@dataclass(frozen=True)
class EventQueue:
    """A queue of events, fed by the exchange.

    Args:
        name: its name.
        keys: the routing keys of the events that it gets.
        expires_ms: after how long without a consumer the broker removes it; None for never.
    """

    name: str
    keys: tuple[str, ...] = ("todo.*",)
    expires_ms: int | None = None


PROJECTOR = EventQueue(QUEUE)
# Kept on demand. If nobody takes from such a queue for twice as long as its switch can be on, the
# broker forgets it, so that nothing gathers where a process has died for good.
# Source: https://www.rabbitmq.com/docs/ttl#queue-ttl
FORGOTTEN_AFTER_MS = 20 * 60 * 1000
COUNTER = EventQueue(
    "todo.counter", ("todo.created", "todo.completed", "todo.deleted"), FORGOTTEN_AFTER_MS
)
REPLICA = EventQueue("todo.replica", expires_ms=FORGOTTEN_AFTER_MS)


def declare(channel: Any, queue: EventQueue = PROJECTOR) -> None:
    """Declare the exchange, a queue of events and the dead-letter queue."""
    channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True)
    channel.exchange_declare(DEAD_LETTERS, exchange_type="fanout", durable=True)
    channel.queue_declare(DEAD_LETTERS, durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind(DEAD_LETTERS, DEAD_LETTERS)
    channel.queue_declare(
        queue.name,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD_LETTERS,
            # Without these two, dead-lettering by the broker itself may lose the message.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            **({} if queue.expires_ms is None else {"x-expires": queue.expires_ms}),
        },
    )
    for key in queue.keys:
        channel.queue_bind(queue.name, EXCHANGE, routing_key=key)
