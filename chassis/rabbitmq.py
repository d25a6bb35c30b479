"""RabbitMQ: how to connect, its errors translated in one place, and how deep its queues are."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from functools import partial
from typing import Any, overload

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError

from chassis.any_properties import take_any_properties
from chassis.errors import ServerUnavailable, first_line
from chassis.routes import Route, Way

SERVER = "rabbitmq"
HEARTBEAT_S = 20
# What pika raises when the broker cannot be reached or goes away. A connection whose handshake does
# not end in time is none of its AMQPErrors.
FAILURES = (AMQPError, AMQPConnectorException, OSError)


class Parameters(Sequence[pika.URLParameters]):
    """The parameters of each AMQP URL or, if the route leads through a proxy, of the way there."""

    def __init__(self, each: Sequence[pika.URLParameters], route: Route) -> None:
        self._direct = each
        self._route = route

    @property
    def direct(self) -> Sequence[pika.URLParameters]:
        """Return those of the direct way."""
        return self._direct

    @property
    def way(self) -> Way | None:
        """Return the way that a new connection goes now."""
        return self._route.way

    def on_change(self, wake: Callable[[], None]) -> None:
        """Have a connection's owner woken when the way is another one, to connect again."""
        self._route.on_change(wake)

    def arrived(self, way: Way | None) -> None:
        """Note that the owner's connection goes this way now."""
        self._route.arrived(way)

    @overload
    def __getitem__(self, index: int) -> pika.URLParameters: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[pika.URLParameters]: ...
    def __getitem__(self, index: int | slice) -> Any:
        """Return what to connect with now."""
        return self._now()[index]

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> Sequence[pika.URLParameters]:
        way = self._route.way
        if way is None:
            return self._direct
        through = copy(self._direct[0])
        through.host, through.port = way.host, way.port
        return [through]


def connection_parameters(url: str, name: str, route: Route | None = None) -> Parameters:
    """Return the parameters for each AMQP URL.

    Args:
        url: commas separate several URLs.
        name: what the broker calls the connection in its own lists.
        route: which way connections go, if not always directly.
    """
    take_any_properties()
    parameters = [pika.URLParameters(each.strip()) for each in url.split(",")]
    for each in parameters:
        each.heartbeat = HEARTBEAT_S
        each.blocked_connection_timeout = 60
        each.socket_timeout = each.stack_timeout = 5
        each.connection_attempts = 1
        each.client_properties = {"connection_name": name}
    return Parameters(parameters, route or Route(""))


@contextmanager
def translated() -> Iterator[None]:
    """Translate the driver's errors. Raises ServerUnavailable."""
    try:
        yield
    except FAILURES as error:
        raise ServerUnavailable(SERVER, reason_of(error)) from error


def reason_of(error: BaseException) -> str:
    """Return what really failed: pika wraps it in errors that say nothing themselves."""
    inner: BaseException | None = error
    while inner is not None:
        causes = [inner.__cause__, *getattr(inner, "exceptions", ()), *inner.args]
        error = inner
        inner = next((cause for cause in reversed(causes) if isinstance(cause, Exception)), None)
    return first_line(error)


class QueueDepths:
    """Asks how many messages wait in queues, over a connection of its own, from any thread.

    The channel stays open between two questions: to open and close one costs as many round trips
    as the questions themselves.
    """

    def __init__(self, parameters: Sequence[pika.URLParameters], queues: Sequence[str]) -> None:
        self._parameters = parameters
        self._queues = queues
        self._connection: pika.BlockingConnection | None = None
        self._channel: BlockingChannel | None = None
        self._lock = threading.Lock()

    def __call__(self) -> dict[str, int]:
        """Return the number of ready messages of each queue. Raises ServerUnavailable."""
        return {queue: ready for queue, (ready, _consumers) in self.with_consumers().items()}

    def with_consumers(self) -> dict[str, tuple[int, int]]:
        """Return of each queue how many messages are ready, and how many consumers it has.

        Whoever holds a message of a quorum queue counts as a consumer of it.
        Raises ServerUnavailable.
        """
        # A broker that hangs must not hang every thread that asks.
        if not self._lock.acquire(timeout=1.0):
            raise ServerUnavailable(SERVER, "does not answer")
        try:
            return self._ask()
        except ServerUnavailable:
            # Nothing answers heartbeats here between two questions, so the broker may have closed
            # the connection since the last one.
            self.close()
            return self._ask()
        finally:
            self._lock.release()

    def version(self) -> str:
        """Return the broker's version, as it says when one connects. Raises ServerUnavailable."""
        self()
        connection = self._connection
        if connection is None:
            raise ServerUnavailable(SERVER, "the connection broke")
        # Nowhere else does pika say it of such a connection.
        return str(connection._impl.server_properties["version"])  # noqa: SLF001

    def close(self) -> None:
        """Close the connection; another question opens one again."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None and connection.is_open:
            with suppress(*FAILURES):
                connection.close()

    def _ask(self) -> dict[str, tuple[int, int]]:
        with translated():
            if self._channel is None:
                self._connection = pika.BlockingConnection(self._parameters)
                self._channel = self._connection.channel()
            declare = partial(self._channel.queue_declare, passive=True)
            told = {queue: declare(queue).method for queue in self._queues}
            return {queue: (it.message_count, it.consumer_count) for queue, it in told.items()}
