"""Publishing to RabbitMQ with pipelined confirms.

With one confirm at a time, the broker's fsync limits a publisher to a few hundred messages a
second. With a few hundred messages under way at once, one fsync serves many of them.
Source: https://www.rabbitmq.com/tutorials/tutorial-seven-java
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import pika
from pika.adapters.select_connection import IOLoop
from pika.exceptions import AMQPError

from chassis.backoff import Backoff
from chassis.bell import Bell
from chassis.errors import ServerUnavailable
from chassis.rabbitmq import SERVER, Parameters, reason_of

CONFIRM_WITHIN_S = 60
CLOSE_WITHIN_S = 5
# How many messages are sent at a time: few enough that the broker need not wait for a whole batch.
AT_ONCE = 50
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
        is_unconfirmed: whether nobody waited for the broker's answer.
    """

    routing_key: str
    body: bytes
    properties: pika.BasicProperties
    sent_ns: int = 0
    settled_ns: int = 0
    error: str | None = "connection-lost"
    is_unconfirmed: bool = False


class _Connection(pika.SelectConnection):  # type: ignore[misc]
    """A connection that can send many frames at once.

    pika sends each frame by itself, and a message is three. The broker would wake for each.
    """

    _gathered: list[bytes] | None = None

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Send what is published in the block when it ends."""
        self._gathered = []
        try:
            yield
        finally:
            gathered, self._gathered = b"".join(self._gathered), None
            if gathered and not self.is_closed:
                self._adapter_emit_data(gathered)

    def _adapter_emit_data(self, data: bytes) -> None:
        if self._gathered is None:
            super()._adapter_emit_data(data)
        else:
            self._gathered.append(data)


class ConfirmingPublisher:
    """Publishes to one exchange: mandatory, confirmed, and a whole batch at once.

    A pika connection belongs to one thread: the caller's. It connects, answers heartbeats and
    connects again while the caller is in publish() or wait(), so that is where the caller has to
    be whenever it has nothing else to do. `declare` runs on each new connection, and declares what
    is published to.

    Args:
        parameters: where the broker is.
        exchange: what is published to.
        declare: declares it; called with the channel, and with what has to be called then.
        bell: ends a wait.
    """

    def __init__(
        self,
        parameters: Parameters,
        exchange: str,
        declare: Callable[[Any, Callable[[Any], None]], None],
        bell: Bell,
    ) -> None:
        self._parameters = parameters
        self._exchange = exchange
        self._declare = declare
        self._bell = bell
        self._loop: Any = IOLoop()
        self._backoff = Backoff(most_s=2.0)
        self._turn = 0
        self._way = parameters.way
        parameters.on_change(bell.ring)
        self._connection: _Connection | None = None
        self._channel: Any = None
        self._next_tag = 1
        self._unconfirmed: dict[int, Outgoing] = {}
        self._returned: set[str] = set()
        self._waiting = False
        # Other threads ask whether it is ready.
        self._ready = threading.Event()
        self._stopping = False
        self._why_not = "not connected yet"

    def __enter__(self) -> Self:
        self._loop.activate_poller()
        self._loop.add_handler(self._bell.fileno(), self._on_bell, self._loop.READ)
        self._connect()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopping = True
        self._close()
        deadline_s = time.monotonic() + CLOSE_WITHIN_S
        while self._connection is not None and time.monotonic() < deadline_s:
            self._run_once()
        self._loop.deactivate_poller()
        self._loop.close()

    @property
    def ready(self) -> bool:
        """Return whether there is a connection just now."""
        return self._ready.is_set()

    def check(self) -> None:
        """Raise ServerUnavailable if there is no connection now."""
        if not self.ready:
            raise ServerUnavailable(SERVER, self._why_not)

    def version(self) -> str:
        """Return the broker's version, as it says when one connects. Raises ServerUnavailable."""
        self.check()
        connection = self._connection
        properties = connection.server_properties if connection else None
        if not properties:
            raise ServerUnavailable(SERVER, self._why_not)
        return str(properties["version"])

    def take_way(self) -> None:
        """Connect again if connections are to go another way; call it between two batches."""
        if self._way == self._parameters.way:
            return
        self._ready.clear()
        self._why_not = "connects another way"
        self._close()
        deadline_s = time.monotonic() + CLOSE_WITHIN_S
        while self._way != self._parameters.way or not self.ready:
            self._run_once()
            if time.monotonic() > deadline_s or self._stopping:
                return

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish messages in order, and return when the fate of each is known: see its `error`.

        Raises ServerUnavailable if there is no connection.
        """
        self.check()
        self._send(messages)
        # The broker may answer heartbeats and confirm nothing. What is unconfirmed is published
        # again.
        deadline_s = time.monotonic() + CONFIRM_WITHIN_S
        while self._unconfirmed:
            self._run_once()
            if time.monotonic() > deadline_s:
                self._close()
                self._lose_all()

    def send(self, messages: Sequence[Outgoing]) -> None:
        """Hand messages to the connection, in order, and never learn what becomes of them.

        Raises ServerUnavailable if there is no connection, or none any more.
        """
        self.check()
        self._send(messages)
        self._unconfirmed.clear()
        self.check()
        for message in messages:
            message.error, message.is_unconfirmed = None, True

    def wait(self, timeout_s: float, readable: int | None = None) -> None:
        """Wait, and let the connection work.

        Args:
            timeout_s: for how long at most.
            readable: a file descriptor that ends the wait when it can be read; so do the bell, and
                a connection that comes or goes.
        """
        self._waiting = True
        if readable is not None:
            self._loop.add_handler(readable, self._end_wait, self._loop.READ | self._loop.ERROR)
        timeout = self._loop.call_later(timeout_s, self._end_wait)
        try:
            while self._waiting:
                self._run_once()
        finally:
            self._loop.remove_timeout(timeout)
            if readable is not None:
                self._loop.remove_handler(readable)

    def _run_once(self) -> None:
        # pika's loop waits at most 5 s for something to do.
        self._loop.poll()
        self._loop.process_timeouts()

    def _end_wait(self, *_event: object) -> None:
        self._waiting = False

    def _on_bell(self, *_event: object) -> None:
        self._bell.mute()
        self._end_wait()

    def _connect(self) -> None:
        if self._stopping:
            return
        self._way = self._parameters.way
        self._connection = _Connection(
            self._parameters[self._turn % len(self._parameters)],
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_closed,
            on_close_callback=self._on_closed,
            custom_ioloop=self._loop,
        )
        self._turn += 1

    def _on_open(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        self._channel = channel
        self._next_tag = 1
        channel.add_on_close_callback(self._on_channel_closed)
        channel.add_on_return_callback(self._on_return)
        self._declare(channel, self._on_declared)

    def _on_declared(self, _frame: Any) -> None:
        self._channel.confirm_delivery(self._on_settled, callback=self._on_confirming)

    def _on_confirming(self, _frame: Any) -> None:
        self._ready.set()
        self._parameters.arrived(self._way)
        self._end_wait()
        self._backoff.reset()
        log.info("connected to rabbitmq")

    def _on_channel_closed(self, _channel: Any, reason: Exception) -> None:
        self._why_not = reason_of(reason)
        self._close()

    def _on_closed(self, _connection: Any, reason: Exception) -> None:
        self._why_not = reason_of(reason)
        if self._ready.is_set():
            self._end_wait()
            if not self._stopping:
                log.warning("lost rabbitmq: %s", self._why_not)
        self._connection = None
        self._lose_all()
        self._loop.call_later(self._backoff.next_s(), self._connect)

    def _close(self) -> None:
        connection = self._connection
        if connection is not None and not connection.is_closing and not connection.is_closed:
            connection.close()

    def _lose_all(self) -> None:
        self._ready.clear()
        self._unconfirmed.clear()

    def _send(self, messages: Sequence[Outgoing]) -> None:
        connection = self._connection
        if connection is None:
            raise ServerUnavailable(SERVER, self._why_not)
        self._returned.clear()
        try:
            for start in range(0, len(messages), AT_ONCE):
                with connection.gathering():
                    for message in messages[start : start + AT_ONCE]:
                        self._publish_one(message)
                # The broker works on these while we prepare the next ones.
                self._run_once()
                if self._connection is not connection:
                    return
        except AMQPError as error:
            # The connection is on its way out.
            self._why_not = reason_of(error)
            self._lose_all()

    def _publish_one(self, message: Outgoing) -> None:
        message.sent_ns = time.monotonic_ns()
        self._channel.basic_publish(
            self._exchange, message.routing_key, message.body, message.properties, mandatory=True
        )
        self._unconfirmed[self._next_tag] = message
        self._next_tag += 1

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        # The broker acks a returned message too, right afterwards, so we remember the return.
        self._returned.add(properties.message_id)

    def _on_settled(self, frame: Any) -> None:
        confirmed = isinstance(frame.method, pika.spec.Basic.Ack)
        now_ns = time.monotonic_ns()
        for tag in self._settled_tags(frame.method.delivery_tag, multiple=frame.method.multiple):
            message = self._unconfirmed.pop(tag)
            message.settled_ns = now_ns
            if message.properties.message_id in self._returned:
                message.error = "returned"
            else:
                message.error = None if confirmed else "nacked"

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
