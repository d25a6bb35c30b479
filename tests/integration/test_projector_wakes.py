"""No wake of the projector is lost, wherever it comes: in a batch, or in the look for an answer."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pika import spec
from pika.adapters.blocking_connection import BlockingChannel
from pika.frame import Method, decode_frame
from pymongo import MongoClient

from chassis.lab.lab import Lab
from chassis.lab.switches import Pause, Slow
from chassis.rabbitmq import connection_parameters
from query_service.hops import ProjectorHops
from query_service.projector import Projector
from query_service.read_model import ReadModel
from query_service.topology import QUEUE
from stack.local import LocalStack
from tests.support import Client, agree, until
from tests.support.recorded import Recorded
from tests.support.switches import paused
from tests.support.taps import Tap


class Running:
    """A projector in a thread of its own, and what wakes it in its process."""

    def __init__(self, read_model: ReadModel, rabbitmq_url: str) -> None:
        self._recorded = Recorded(ProjectorHops, "events_projected_total")
        self._stop = threading.Event()
        self.lab = Lab(Pause(), Slow())
        parameters, hops = connection_parameters(rabbitmq_url, "test"), self._recorded.hops
        self.projector = Projector(read_model, parameters, hops, self.lab, self._stop)
        self.lab.on_change(self.projector.wake)
        self.thread = threading.Thread(target=self.projector.run, daemon=True)
        self.thread.start()

    def has_one(self) -> bool:
        """Return whether it has been handed an event, and has not finished it."""
        return [span.name for span in self._recorded.spans] == ["receive todo.projector"]

    def end(self) -> None:
        """Do what follows a SIGTERM: there is one wake."""
        self._stop.set()
        self.projector.wake()

    def has_ended(self) -> bool:
        return not self.thread.is_alive()


class Questions:
    """Calls a function before the broker hears a question for a queue's depth."""

    def __init__(self, asked: Callable[[], None]) -> None:
        self._asked = asked
        self._heard = b""

    def from_client(self, data: bytes, at_ms: float) -> None:
        self._heard += data
        while (decoded := decode_frame(self._heard))[1] is not None:
            length, frame = decoded
            self._heard = self._heard[length:]
            declares = isinstance(frame, Method) and isinstance(frame.method, spec.Queue.Declare)
            if declares and frame.method.passive:
                self._asked()

    def from_server(self, data: bytes, at_ms: float) -> None:
        pass


def consumers(channel: BlockingChannel) -> int:
    return int(channel.queue_declare(QUEUE, passive=True).method.consumer_count)


def waiting(channel: BlockingChannel) -> int:
    return int(channel.queue_declare(QUEUE, passive=True).method.message_count)


@pytest.fixture
def alone(stack: LocalStack, channel: BlockingChannel) -> Iterator[None]:
    """Have the stack's projector leave the queue to another one."""
    until(lambda: agree(stack))
    with paused(stack, "projector"):
        until(lambda: consumers(channel) == 0)
        yield
    until(lambda: agree(stack))


@contextmanager
def running(stack: LocalStack, rabbitmq_port: int, channel: BlockingChannel) -> Iterator[Running]:
    """Run another projector on the stack's queue and read model."""
    own, given = f":{stack.ports.rabbitmq}/", f":{rabbitmq_port}/"
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongodb:
        read_model = ReadModel(mongodb.get_default_database())
        started = Running(read_model, stack.urls.rabbitmq_url.replace(own, given))
        try:
            until(lambda: consumers(channel) == 1)
            yield started
        finally:
            started.end()
            until(started.has_ended)


@pytest.mark.usefixtures("alone")
def test_a_projector_that_is_slow_with_its_only_event_ends_when_it_has_to(
    stack: LocalStack, client: Client, channel: BlockingChannel
) -> None:
    with running(stack, stack.ports.rabbitmq, channel) as slow:
        slow.lab.set("slow", {"on": True, "delay_ms": 60_000})
        client.post("The only one")
        until(slow.has_one)
        slow.end()
        until(slow.has_ended, within_s=20)
    # It finished what it had in hand.
    assert agree(stack)


@pytest.mark.usefixtures("alone")
def test_a_projector_that_is_paused_within_an_event_takes_no_other(
    stack: LocalStack, client: Client, channel: BlockingChannel
) -> None:
    with running(stack, stack.ports.rabbitmq, channel) as slow:
        slow.lab.set("slow", {"on": True, "delay_ms": 1000})
        client.post("In hand")
        until(slow.has_one)
        slow.lab.set("pause", {"on": True})
        until(lambda: consumers(channel) == 0, within_s=20)
        assert agree(stack)
        client.post("Too late")
        until(lambda: waiting(channel) == 1)


@pytest.mark.usefixtures("alone")
def test_a_projector_that_has_to_end_within_an_answer_ends(
    stack: LocalStack, channel: BlockingChannel
) -> None:
    ends: list[Callable[[], None]] = []

    def asked() -> None:
        while ends:
            ends.pop()()

    with (
        Tap(stack.ports.rabbitmq, lambda: Questions(asked)) as tap,
        running(stack, tap.port, channel) as other,
    ):

        def has_to_end() -> bool:
            return not (other.projector.idle()["idle"] or ends)

        # With a second consumer the answer is no, and it asks nothing else.
        second = channel.basic_consume(QUEUE, lambda *_: None)
        ends.append(other.end)
        until(has_to_end)
        until(other.has_ended, within_s=20)
        channel.basic_cancel(second)
