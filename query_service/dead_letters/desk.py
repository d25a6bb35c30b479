"""The desk: the place at the broker where dead letters are taken in hand, by one at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Self

import pika
from pika.exceptions import UnroutableError

from chassis.rabbitmq import translated
from query_service.dead_letters.letters import Letter, Unfit, read_letter
from query_service.letter_queue import alone, bring_up_to_date


@dataclass(frozen=True)
class Held:
    """A letter in hand: nobody else gets it until it is settled, or we leave."""

    tag: int
    letter: Letter
    properties: pika.BasicProperties

    @property
    def headers(self) -> Mapping[str, Any]:
        """Return its headers as the broker gave them."""
        return self.properties.headers or {}


class Desk:
    """A connection to the broker that is alone at the dead letters. A context manager.

    Whatever was taken in hand and not settled goes back to its queue, to its old place, when the
    block ends or the process dies. Raises ServerUnavailable and SomebodyElse.

    Args:
        parameters: where the broker is.
    """

    def __init__(self, parameters: Sequence[pika.URLParameters]) -> None:
        self._parameters = parameters
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with translated(), ExitStack() as opened:
            self._connection = pika.BlockingConnection(self._parameters)
            opened.callback(_close, self._connection)
            bring_up_to_date(self._connection)
            opened.enter_context(alone(self._connection))
            self._reading = self._connection.channel()
            self._sending = self._connection.channel()
            self._sending.confirm_delivery()
            opened.callback(self._give_back)
            self._open = opened.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        with translated():
            self._open.close()

    def look(self, queue: str, most: int | None = None) -> tuple[list[Held], int]:
        """Take the letters of a queue in hand, and return them with how many more there are.

        Args:
            queue: which one.
            most: how many to take; None for all.
        """
        found: list[Held] = []
        empty = 0
        with translated(), self._consuming(queue, found.append, most):
            while True:
                answer = self._reading.queue_declare(queue, passive=True).method
                self._connection.process_data_events(time_limit=0)
                if most is not None and len(found) >= most:
                    return found, answer.message_count
                # A broker that is too busy to know answers that there are neither messages nor
                # consumers, but we are one. Once it is sure, all that the queue had is on its way
                # through the channel, and the second answer comes after it.
                is_empty = not answer.message_count and answer.consumer_count
                empty = empty + 1 if is_empty else 0
                if empty == 2:
                    return found, 0

    def move(self, held: Held, queue: str, headers: Mapping[str, Any]) -> None:
        """Send a letter on as it is, with other headers, and settle it. Raises Unfit."""
        self.replace(held, queue, held.letter.body, headers, held.properties.message_id)

    def replace(
        self,
        held: Held,
        queue: str,
        body: bytes,
        headers: Mapping[str, Any],
        message_id: str | None,
    ) -> None:
        """Send a message in the place of a letter, and settle the letter once it has arrived.

        A process that dies in between leaves both; so it is sent at least once, and never lost.
        Raises Unfit if there is no such queue.
        """
        old = held.properties
        properties = pika.BasicProperties(
            content_type=old.content_type,
            content_encoding=old.content_encoding,
            type=old.type,
            app_id=old.app_id,
            timestamp=old.timestamp,
            message_id=message_id,
            headers=dict(headers),
            delivery_mode=pika.DeliveryMode.Persistent.value,
        )
        with translated():
            try:
                # In confirm mode this returns when the broker has the message for good, or raises.
                self._sending.basic_publish("", queue, body, properties, mandatory=True)
            except UnroutableError:
                raise Unfit(f"there is no queue {queue} to send it to") from None
            self._reading.basic_ack(held.tag)

    def settle(self, held: Held) -> None:
        """Settle a letter of which there was another copy."""
        with translated():
            self._reading.basic_ack(held.tag)

    @contextmanager
    def _consuming(
        self, queue: str, take: Callable[[Held], None], most: int | None
    ) -> Iterator[None]:
        def on_message(_channel: Any, method: Any, properties: Any, body: bytes) -> None:
            said = properties.message_id, properties.headers or {}, body, properties.type
            letter = read_letter(method.routing_key, *said)
            take(Held(method.delivery_tag, letter, properties))

        self._reading.basic_qos(prefetch_count=most or 0)
        consumer = self._reading.basic_consume(queue, on_message)
        try:
            yield
        finally:
            # It still counts as a consumer while it has letters in hand, so that nobody takes the
            # queue for empty.
            self._reading.basic_cancel(consumer)

    def _give_back(self) -> None:
        if self._reading.is_open:
            # From RabbitMQ 4.3 on, this does not count against a limit of deliveries.
            self._reading.basic_nack(0, multiple=True, requeue=True)
            # The channel does one thing after the other: once it answers, they are back.
            self._reading.basic_qos(prefetch_count=0)


def _close(connection: pika.BlockingConnection) -> None:
    if connection.is_open:
        connection.close()
