"""What the projector uses in RabbitMQ, and what a dead letter's headers are called."""

from dataclasses import dataclass
from typing import Any, Final

EXCHANGE = "todo.events"
QUEUE = "todo.projector"
DEAD_LETTERS = "todo.dead-letters"
DISCARDED = "todo.discarded"

# A quorum queue counts each return of a message as a failed delivery, even of messages that were
# only prefetched when a consumer died, or that somebody looked at and gave back. With a low limit
# (RabbitMQ 4 sets 20 by default, and the dead letters have nowhere further to go) a crash loop
# or a curious person would throw good events away; the projector itself counts the attempts per
# event.
# Source: https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
DELIVERY_LIMIT = 1_000_000_000
# How long what was discarded can be brought back.
DISCARDED_FOR_MS = 24 * 60 * 60 * 1000
# With an explicit limit, what is given back also keeps its place in the queue.
KEPT: Final = {"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT}

# What the projector says of a message that it parks.
REASON = "x-reason"
ATTEMPTS = "x-attempts"
ORIGIN = "x-queue"
FIRST_FAILED_AT = "x-first-failed-at"
LAST_FAILED_AT = "x-last-failed-at"
# What somebody who retries or discards a letter adds to it.
RETRIES = "x-retries"
RETRIED_AT = "x-retried-at"
BECAUSE = "x-because"
DISCARDED_AT = "x-discarded-at"
DISCARDED_BECAUSE = "x-discarded-because"
ROUTING_KEY = "x-routing-key"
FIRST_TRACEPARENT = "x-first-traceparent"

# The broker's own counts. A header of this name counts against the limit of a queue that it comes
# to, from RabbitMQ 4.3 on.
COUNTS = frozenset({"x-delivery-count", "x-acquired-count"})
# To whom else the sender's message goes: a letter that is moved would go there once more.
# Source: https://www.rabbitmq.com/docs/sender-selected
COPIES = frozenset({"CC", "BCC"})


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
    declare_dead_letters(channel)
    channel.queue_declare(
        queue.name,
        durable=True,
        arguments={
            **KEPT,
            "x-dead-letter-exchange": DEAD_LETTERS,
            # Without these two, dead-lettering by the broker itself may lose the message.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            **({} if queue.expires_ms is None else {"x-expires": queue.expires_ms}),
        },
    )
    for key in queue.keys:
        channel.queue_bind(queue.name, EXCHANGE, routing_key=key)


def declare_dead_letters(channel: Any) -> None:
    """Declare where dead letters go, and where those go that are discarded."""
    channel.exchange_declare(DEAD_LETTERS, exchange_type="fanout", durable=True)
    channel.queue_declare(DEAD_LETTERS, durable=True, arguments=KEPT)
    channel.queue_bind(DEAD_LETTERS, DEAD_LETTERS)
    channel.queue_declare(
        DISCARDED, durable=True, arguments={**KEPT, "x-message-ttl": DISCARDED_FOR_MS}
    )
