"""The command service's own way to the broker, which only a switch of the lab opens.

With the outbox, this service never talks to RabbitMQ. Whoever writes to a database and to a broker
without one writes twice, and may fail in between (docs/decisions/0046).
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis.bell import Bell
from chassis.errors import ServerUnavailable
from chassis.publisher import ConfirmingPublisher, Outgoing
from chassis.rabbitmq import SERVER, connection_parameters
from command_service.events import EXCHANGE, Event
from command_service.hops import SendingHops
from command_service.messages import declare_exchange, message_of

# What a command waits for a connection, and for the broker's answer.
CONNECT_WITHIN_S = 2.0
ANSWER_WITHIN_S = 5.0
# The connection is closed when it has not been needed for so long.
KEPT_FOR_S = 10.0

log = logging.getLogger(__name__)


@dataclass
class _Asked:
    """Events that a command waits to have published."""

    events: Sequence[Event]
    messages: Sequence[Outgoing]
    error: str = ""
    done: threading.Event = field(default_factory=threading.Event)


class DualWrite:
    """Publishes for the commands of all threads, over one connection in a thread of its own.

    Args:
        url: where the broker is; commas separate several URLs.
        name: the connection's, in the broker's own lists.
        hops: records what is sent.
    """

    def __init__(self, url: str, name: str, hops: SendingHops) -> None:
        self._parameters = connection_parameters(url, name)
        self._hops = hops
        self._lock = threading.Lock()
        self._asked: deque[_Asked] = deque()
        self._bell: Bell | None = None

    def publish(self, events: Sequence[Event]) -> None:
        """Publish events, and return when the broker has confirmed them.

        Raises ServerUnavailable if it did not; they may be published all the same.
        """
        asked = _Asked(events, [message_of(event) for event in events])
        with self._lock:
            self._asked.append(asked)
            if self._bell is None:
                self._bell = Bell()
                thread = threading.Thread(target=self._run, args=(self._bell,), name="dual-write")
                thread.daemon = True
                thread.start()
            self._bell.ring()
        if not asked.done.wait(CONNECT_WITHIN_S + ANSWER_WITHIN_S):
            raise ServerUnavailable(SERVER, "it has not confirmed the events")
        if asked.error:
            raise ServerUnavailable(SERVER, asked.error)

    def _run(self, bell: Bell) -> None:
        with bell, ConfirmingPublisher(self._parameters, EXCHANGE, declare_exchange, bell) as mine:
            while batch := self._next(mine):
                try:
                    _publish(mine, batch)
                except ServerUnavailable as error:
                    for asked in batch:
                        asked.error = error.reason
                for asked in batch:
                    self._hops.settled(list(zip(asked.events, asked.messages, strict=True)))
                    asked.error = asked.error or ", ".join(_errors(asked.messages))
                    asked.done.set()

    def _next(self, publisher: ConfirmingPublisher) -> list[_Asked]:
        """Return all that is asked for by now; nothing once nothing was for a while."""
        until_s = time.monotonic() + KEPT_FOR_S
        while True:
            left_s = until_s - time.monotonic()
            with self._lock:
                if self._asked or left_s <= 0:
                    batch = list(self._asked)
                    self._asked.clear()
                    if not batch:
                        self._bell = None
                    return batch
            publisher.wait(left_s)


def _publish(publisher: ConfirmingPublisher, batch: Sequence[_Asked]) -> None:
    """Publish a batch, once there is a connection. Raises ServerUnavailable."""
    until_s = time.monotonic() + CONNECT_WITHIN_S
    while not publisher.ready and (left_s := until_s - time.monotonic()) > 0:
        publisher.wait(left_s)
    publisher.publish([message for asked in batch for message in asked.messages])


def _errors(messages: Sequence[Outgoing]) -> set[str]:
    return {message.error for message in messages if message.error}
