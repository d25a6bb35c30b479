"""Poison messages: how often an event is tried, and where a message goes if nothing can apply it.

A message that cannot be read is poison at once. An event that MongoDB refuses is tried by itself,
since the fault may pass, and is poison after the last attempt. Poison is parked in the dead-letter
queue with its reason, so that it neither blocks the queue nor gets lost.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pika
from pika.adapters.blocking_connection import BlockingChannel

from chassis.backoff import Backoff
from query_service.deliveries import Delivery
from query_service.events import TodoEvent
from query_service.idempotence import REFUSED, Fate
from query_service.topology import (
    ATTEMPTS,
    DEAD_LETTERS,
    FIRST_FAILED_AT,
    LAST_FAILED_AT,
    ORIGIN,
    REASON,
)

MOST_ATTEMPTS = 5
FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 0.5


def is_poison(delivery: Delivery) -> bool:
    """Return whether nothing can apply the message, so that it has to be parked."""
    return delivery.verdict == REFUSED


def try_alone(
    delivery: Delivery,
    event: TodoEvent,
    apply: Callable[[Sequence[TodoEvent]], Sequence[Fate]],
    retried: Callable[[Delivery, int], None],
    wait: Callable[[float], None],
    most: Callable[[], int] = lambda: MOST_ATTEMPTS,
) -> None:
    """Try an event on its own until it is applied, a bounded number of times.

    Args:
        delivery: its message, which keeps the verdict, the reason and the number of attempts.
        event: the event.
        apply: applies events to the read model, and returns what became of each.
        retried: called when another attempt will follow, with the start of the last one, in
            steady ns.
        wait: waits for a number of seconds.
        most: returns how often it is tried at most.
    """
    backoff = Backoff(FIRST_WAIT_S, LONGEST_WAIT_S)
    while delivery.attempts < most():
        delivery.attempts += 1
        began_ns = time.monotonic_ns()
        [(delivery.verdict, reason)] = apply([event])
        if delivery.verdict != REFUSED:
            return
        delivery.failed(reason)
        if delivery.attempts < most():
            retried(delivery, began_ns)
            wait(backoff.next_s())


def park(delivery: Delivery, channel: BlockingChannel, queue: str) -> None:
    """Put a message of a queue into the dead-letter queue, and wait for the broker's confirm."""
    # A blocking channel in confirm mode returns when the broker has confirmed, or raises.
    channel.basic_publish(
        DEAD_LETTERS,
        delivery.routing_key,
        delivery.body,
        dead_letter(delivery, queue),
        mandatory=True,
    )


def dead_letter(delivery: Delivery, queue: str) -> pika.BasicProperties:
    """Return the message's properties as they are parked, with what went wrong.

    Args:
        delivery: the message.
        queue: the queue that it came from.
    """
    properties = delivery.properties
    properties.delivery_mode = pika.DeliveryMode.Persistent.value
    # Another user may have published it, and a dead letter must not expire.
    properties.user_id = properties.expiration = None
    reason = delivery.reason.encode("utf-8", "backslashreplace").decode()
    now_s = time.time()
    properties.headers = {
        # If it was retried and failed again, its first failure was before that.
        FIRST_FAILED_AT: _written(delivery.first_failed_s or now_s),
        **(properties.headers or {}),
        REASON: reason,
        ATTEMPTS: delivery.attempts,
        ORIGIN: queue,
        LAST_FAILED_AT: _written(delivery.last_failed_s or now_s),
    }
    return properties


def _written(epoch_s: float) -> str:
    """Return a time as RFC 3339 writes it, to the millisecond."""
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds")
