"""Deliveries: the messages that the broker hands to the projector, and the connection for them."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pika
from pika.exceptions import ConnectionWrongStateError

from chassis.errors import ServerUnavailable
from chassis.rabbitmq import SERVER
from query_service.events import BadEvent, TodoEvent, parse_event
from query_service.idempotence import REFUSED, Verdict
from query_service.letter_queue import SomebodyElse, bring_up_to_date
from query_service.topology import PROJECTOR, EventQueue, declare

PREFETCH = 400
# Of a reason, which may quote what a stranger sent; it goes into traces, logs and dead letters.
MOST_REASON_CHARACTERS = 200

# Returns the event in a message. Raises BadEvent.
Parse = Callable[[bytes], TodoEvent]


@dataclass
class Delivery:
    """A message in the projector's hands.

    Args:
        tag: the channel's name for this delivery.
        delivered_ns: when it arrived, in steady ns.
        event: what it says, or None if it cannot be read.
        reason: why it cannot be read or written.
        attempts: how often it was tried on its own.
        first_failed_s, last_failed_s: when that was found, in s since the epoch; 0 if it was not.
        verdict: what became of it, or None before that is known.
    """

    tag: int
    routing_key: str
    properties: pika.BasicProperties
    body: bytes
    redelivered: bool
    delivered_ns: int = field(default_factory=time.monotonic_ns)
    event: TodoEvent | None = None
    reason: str = ""
    attempts: int = 0
    first_failed_s: float = 0.0
    last_failed_s: float = 0.0
    verdict: Verdict | None = None

    def read(self, parse: Parse = parse_event) -> None:
        """Read the event in the message, or refuse the message."""
        self.event = None
        try:
            self.event = parse(self.body)
        except BadEvent as error:
            self.failed(str(error))
            self.verdict = REFUSED

    def failed(self, reason: str) -> None:
        """Note that it could not be read or written just now, and why."""
        self.reason, self.last_failed_s = reason[:MOST_REASON_CHARACTERS], time.time()
        self.first_failed_s = self.first_failed_s or self.last_failed_s

    @property
    def type(self) -> str:
        """Return the event's type as it was sent: a newer one may have been read as an older.

        Empty if it cannot be read.
        """
        if self.event is None:
            return ""
        known, sent = self.event.type, str(self.properties.type)
        return sent if sent.startswith(known.removesuffix("1")) else known

    @property
    def traceparent(self) -> str:
        """Return the W3C context of what sent it: the command, or whoever retried it by hand."""
        headers = self.properties.headers or {}
        if "traceparent" in headers or self.event is None:
            return str(headers.get("traceparent", ""))
        return self.event.traceparent


class BrokerConnection:
    """The projector's connection to the broker, with a channel to consume on and one to park on.

    Args:
        parameters: where the broker is.
        on_delivery: gets what arrives.
        queue: what is consumed.
        parse: reads the messages.
    """

    def __init__(
        self,
        parameters: Sequence[pika.URLParameters],
        on_delivery: Callable[[Delivery], None],
        queue: EventQueue = PROJECTOR,
        parse: Parse = parse_event,
    ) -> None:
        self._connection = pika.BlockingConnection(parameters)
        self._on_delivery = on_delivery
        self._queue = queue
        self._parse = parse
        self._consumer = ""
        self._prefetch = self._priority = 0
        try:
            bring_up_to_date(self._connection)
            self._consuming, self.parking = self._connection.channel(), self._connection.channel()
            declare(self._consuming, queue)
            self._consuming.add_on_cancel_callback(_consumer_was_cancelled)
            self.parking.confirm_delivery()
        except SomebodyElse as error:
            self.close()
            raise ServerUnavailable(SERVER, str(error)) from error
        except BaseException:
            self.close()
            raise

    def consume(self, *, wanted: bool, prefetch: int = PREFETCH, priority: int = 0) -> None:
        """Start or stop consuming; what is not consumed stays in the queue.

        Args:
            wanted: whether to consume.
            prefetch: how many messages may be in hand; what is in hand already stays there.
            priority: consumers with a lower one get only what this one cannot take.

        Source: https://www.rabbitmq.com/docs/consumer-priority
        """
        has_changed = (prefetch, priority) != (self._prefetch, self._priority)
        if self._consumer and (not wanted or has_changed):
            self._consuming.basic_cancel(self._consumer)
            self._consumer = ""
        if wanted and not self._consumer:
            # It applies to the consumers that come after it.
            self._consuming.basic_qos(prefetch_count=prefetch)
            self._prefetch, self._priority = prefetch, priority
            arguments = {"x-priority": priority} if priority else None
            self._consumer = str(
                self._consuming.basic_consume(
                    self._queue.name, self._on_message, arguments=arguments
                )
            )

    def has_nothing_left(self) -> bool:
        """Return whether the queue had nothing for us that has not been handed over by now.

        False if that is not certain: if we do not consume, or if another consumer may have some.

        Once the first question is answered, all that the queue had is on its way through the
        channel, and the second answer comes after it. A broker that is too busy to know answers
        that there are neither messages nor consumers.
        """
        answers = [self._ready_and_consumers() for _ in range(2)] if self._consumer else []
        # What came along with the answers has not been handed over yet.
        self._connection.process_data_events(time_limit=0)
        return answers == [(0, 1), (0, 1)]

    def receive(self, most_s: float | None = None) -> None:
        """Hand over what has arrived; wait until something arrives, or for `wake`.

        Args:
            most_s: for how long at most.

        Raises ServerUnavailable if nothing can arrive any more.
        """
        self._connection.process_data_events(time_limit=most_s)
        if self._consuming.is_closed:
            raise ServerUnavailable(SERVER, "the broker closed the channel")

    def wake(self) -> None:
        """Have a wait of this connection looked at again, or the next one. From any thread."""
        # A connection that is closed keeps nobody waiting.
        with suppress(ConnectionWrongStateError):
            self._connection.add_callback_threadsafe(_woken)

    def wait(self, seconds: float, ended: Callable[[], bool]) -> None:
        """Wait, and answer the broker's heartbeats meanwhile.

        Args:
            seconds: for how long at most.
            ended: whether there is nothing more to wait for; asked again after each `wake`.
        """
        until_s = time.monotonic() + seconds
        while not ended() and (left_s := until_s - time.monotonic()) > 0:
            self._connection.process_data_events(time_limit=left_s)

    def ack_up_to(self, delivery: Delivery) -> None:
        """Acknowledge a delivery and all before it."""
        self._consuming.basic_ack(delivery.tag, multiple=True)

    def ack_alone(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge these deliveries, and none before them."""
        for delivery in deliveries:
            self._consuming.basic_ack(delivery.tag)

    def give_back(self, delivery: Delivery) -> None:
        """Put a delivery back into the queue, from which it comes again."""
        self._consuming.basic_nack(delivery.tag, requeue=True)

    def drop_all(self) -> None:
        """Close the channel that it consumes on, and open another: all unacked comes again."""
        self._consuming.close()
        self._consumer = ""
        self._consuming = self._connection.channel()
        self._consuming.add_on_cancel_callback(_consumer_was_cancelled)

    def ack_all(self) -> None:
        """Acknowledge all that is in hand (AMQP 0-9-1, basic.ack: a tag of 0)."""
        self._consuming.basic_ack(0, multiple=True)

    def purge(self, **others: str) -> dict[str, int]:
        """Throw away what waits in the queue and in others; return how much each had.

        A message that was just given back may reach the queue a little later.
        """
        removed = dict.fromkeys(("queue", *others), 0)
        for name, queue in {"queue": self._queue.name, **others}.items():
            while purged := self._consuming.queue_purge(queue).method.message_count:
                removed[name] += purged
        return removed

    def close(self) -> None:
        """Close the connection; what was not acked goes back to the queue."""
        if self._connection.is_open:
            self._connection.close()

    def _ready_and_consumers(self) -> tuple[int, int]:
        method = self._consuming.queue_declare(self._queue.name, passive=True).method
        return method.message_count, method.consumer_count

    def _on_message(
        self, _channel: Any, method: Any, properties: pika.BasicProperties, body: bytes
    ) -> None:
        tag, key = method.delivery_tag, method.routing_key
        delivery = Delivery(tag, key, properties, body, method.redelivered)
        delivery.read(self._parse)
        self._on_delivery(delivery)


def _woken() -> None:
    """Do nothing: that something was to be done ends the wait."""


def _consumer_was_cancelled(_frame: object) -> None:
    raise ServerUnavailable(SERVER, "the broker cancelled the consumer: is the queue deleted?")
