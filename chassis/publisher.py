"""Publishing to RabbitMQ with pipelined confirms.

With one confirm at a time, the broker's fsync limits a publisher to a few hundred messages a
second. With a few hundred messages under way at once, one fsync serves many of them.
Source: https://www.rabbitmq.com/tutorials/tutorial-seven-java
"""

import functools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import pika
from pika.exceptions import AMQPError

from chassis.backoff import Backoff
from chassis.errors import ServerUnavailable
from chassis.rabbitmq import SERVER, reason_of

CONFIRM_WITHIN_S = 60
log = logging.getLogger(__name__)


@dataclass
class Outgoing:
    """One message to publish, and what became of it.

    Args:
        routing_key: as the exchange wants it.
        body: the bytes.
        properties: AMQP properties; `message_id` has to be unique within a batch.
        sent_ns: when it was handed to the connection, in steady ns.
        settled_ns: when the broker's answer came.
        error: None once it is confirmed; otherwise `returned`, `nacked` or `connection-lost`.
    """

    routing_key: str
    body: bytes
    properties: pika.BasicProperties
    sent_ns: int = 0
    settled_ns: int = 0
    error: str | None = "connection-lost"


@dataclass
class _Batch:
    """Messages whose confirms are awaited together."""

    messages: Sequence[Outgoing]
    open: int = 0
    returned: set[str] = field(default_factory=set)
    done: threading.Event = field(default_factory=threading.Event)


class ConfirmingPublisher:
    """Publishes to one exchange: mandatory, confirmed, and a whole batch at once.

    A pika connection belongs to one thread. This one has a thread of its own, which answers
    heartbeats while the caller is busy or idle. `declare` runs on each new connection, and
    declares what is published to.
    """

    def __init__(
        self,
        parameters: Sequence[pika.URLParameters],
        exchange: str,
        declare: Callable[[Any, Callable[[Any], None]], None],
    ) -> None:
        self._parameters = parameters
        self._exchange = exchange
        self._declare = declare
        self._connection: pika.SelectConnection | None = None
        self._channel: Any = None
        self._next_tag = 1
        self._unconfirmed: dict[int, tuple[_Batch, Outgoing]] = {}
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._why_not = "not connected yet"
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            connection.ioloop.add_callback_threadsafe(functools.partial(self._close, connection))
        self._thread.join(timeout=5)

    @property
    def ready(self) -> bool:
        """Return whether there is a connection just now."""
        return self._ready.is_set()

    def check(self) -> None:
        """Raise ServerUnavailable if there is no connection now."""
        if not self.ready:
            raise ServerUnavailable(SERVER, self._why_not)

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish messages in order, and return when the fate of each is known: see its `error`.

        Raises ServerUnavailable if there is no connection.
        """
        self.check()
        connection = self._connection
        if connection is None:
            raise ServerUnavailable(SERVER, self._why_not)
        batch, loop = _Batch(messages, open=len(messages)), connection.ioloop
        loop.add_callback_threadsafe(functools.partial(self._send, batch))
        # The connection, and its loop, may have ended before they saw the batch; or the broker may
        # answer heartbeats and confirm nothing. Unconfirmed messages are published again.
        deadline_s = time.monotonic() + CONFIRM_WITHIN_S
        while not batch.done.wait(timeout=1.0):
            if connection is not self._connection or not self._thread.is_alive():
                return
            if time.monotonic() > deadline_s or self._stopping.is_set():
                loop.add_callback_threadsafe(functools.partial(self._close, connection))
                return

    def _run(self) -> None:
        backoff = Backoff(most_s=2.0)
        turn = 0
        while not self._stopping.is_set():
            connection = pika.SelectConnection(
                self._parameters[turn % len(self._parameters)],
                on_open_callback=self._on_open,
                on_open_error_callback=self._on_closed,
                on_close_callback=self._on_closed,
            )
            self._connection = connection
            try:
                connection.ioloop.start()
                if self._ready.is_set():
                    backoff.reset()
            finally:
                self._lose_all()
            connection.ioloop.close()
            turn += 1
            self._stopping.wait(backoff.next_s())

    def _on_open(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        self._lose_all()
        self._channel = channel
        self._next_tag = 1
        channel.add_on_close_callback(self._on_channel_closed)
        channel.add_on_return_callback(self._on_return)
        self._declare(channel, self._on_declared)

    def _on_declared(self, _frame: Any) -> None:
        self._channel.confirm_delivery(self._on_settled, callback=self._on_confirming)

    def _on_confirming(self, _frame: Any) -> None:
        self._ready.set()
        log.info("connected to rabbitmq")

    def _on_channel_closed(self, channel: Any, reason: Exception) -> None:
        self._why_not = reason_of(reason)
        if not channel.connection.is_closing and not channel.connection.is_closed:
            channel.connection.close()

    def _on_closed(self, connection: Any, reason: Exception) -> None:
        self._why_not = reason_of(reason)
        if self._ready.is_set() and not self._stopping.is_set():
            log.warning("lost rabbitmq: %s", self._why_not)
        connection.ioloop.stop()

    def _close(self, connection: Any) -> None:
        if not connection.is_closing and not connection.is_closed:
            connection.close()

    def _lose_all(self) -> None:
        self._ready.clear()
        lost, self._unconfirmed = self._unconfirmed, {}
        for batch, _message in lost.values():
            batch.done.set()

    def _send(self, batch: _Batch) -> None:
        try:
            for message in batch.messages:
                message.sent_ns = time.monotonic_ns()
                self._unconfirmed[self._next_tag] = (batch, message)
                self._next_tag += 1
                self._channel.basic_publish(
                    self._exchange,
                    message.routing_key,
                    message.body,
                    message.properties,
                    mandatory=True,
                )
        except AMQPError:
            batch.done.set()

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        # The broker acks a returned message too, right afterwards, so we remember the return.
        for batch, message in self._unconfirmed.values():
            if message.properties.message_id == properties.message_id:
                batch.returned.add(properties.message_id)
                return

    def _on_settled(self, frame: Any) -> None:
        confirmed = isinstance(frame.method, pika.spec.Basic.Ack)
        now_ns = time.monotonic_ns()
        for tag in self._settled_tags(frame.method.delivery_tag, multiple=frame.method.multiple):
            batch, message = self._unconfirmed.pop(tag)
            message.settled_ns = now_ns
            if message.properties.message_id in batch.returned:
                message.error = "returned"
            else:
                message.error = None if confirmed else "nacked"
            batch.open -= 1
            if batch.open == 0:
                batch.done.set()

    def _settled_tags(self, tag: int, *, multiple: bool) -> list[int]:
        if not multiple:
            return [tag] if tag in self._unconfirmed else []
        # Tags go in, and so stay, in ascending order.
        tags = []
        for waiting in self._unconfirmed:
            if waiting > tag:
                break
            tags.append(waiting)
        return tags
