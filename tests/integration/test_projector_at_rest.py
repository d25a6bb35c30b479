"""What the projector costs RabbitMQ and MongoDB, counted: at rest, and for an event."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from pika import spec
from pika.adapters.blocking_connection import BlockingChannel
from pika.frame import Heartbeat, Method, decode_frame
from pymongo import MongoClient

from chassis.errors import ServerUnavailable
from chassis.rabbitmq import QueueDepths, connection_parameters
from query_service.deliveries import BrokerConnection
from query_service.topology import DEAD_LETTERS, QUEUE
from stack.local import LocalStack
from tests.support import Client, agree, until
from tests.support.taps import Tap


class Methods:
    """Counts the AMQP methods that a client sends, by name."""

    def __init__(self, sent: Counter[str]) -> None:
        self._sent = sent
        self._heard = b""

    def from_client(self, data: bytes, at_ms: float) -> None:
        self._heard += data
        while True:
            length, frame = decode_frame(self._heard)
            if frame is None:
                return
            self._heard = self._heard[length:]
            if isinstance(frame, Method):
                self._sent[frame.method.NAME] += 1

    def from_server(self, data: bytes, at_ms: float) -> None:
        pass


class Beats:
    """Counts the heartbeats that a client sends."""

    def __init__(self) -> None:
        self.sent = 0
        self._heard = b""

    def from_client(self, data: bytes, at_ms: float) -> None:
        self._heard += data
        while (decoded := decode_frame(self._heard))[1] is not None:
            length, frame = decoded
            self._heard = self._heard[length:]
            self.sent += isinstance(frame, Heartbeat)

    def from_server(self, data: bytes, at_ms: float) -> None:
        pass


def test_asking_for_depths_again_costs_one_question_for_each_queue(stack: LocalStack) -> None:
    sent = Counter[str]()
    with Tap(stack.ports.rabbitmq, lambda: Methods(sent)) as tap:
        url = stack.urls.rabbitmq_url.replace(f":{stack.ports.rabbitmq}/", f":{tap.port}/")
        parameters = connection_parameters(url, "test")
        with closing(QueueDepths(parameters, [QUEUE, DEAD_LETTERS])) as depths:
            depths()
            sent.clear()
            for _ in range(3):
                assert depths().keys() == {QUEUE, DEAD_LETTERS}
            assert sent == {spec.Queue.Declare.NAME: 6}


def test_depths_are_asked_again_on_a_new_channel_after_the_broker_closed_it(
    stack: LocalStack, channel: BlockingChannel
) -> None:
    name, parameters = "asked-for", connection_parameters(stack.urls.rabbitmq_url, "test")
    with closing(QueueDepths(parameters, [name])) as depths:
        # The broker closes a channel that asks for a queue it does not have.
        with pytest.raises(ServerUnavailable):
            depths()
        channel.queue_declare(name, durable=True)
        try:
            assert depths() == {name: 0}
        finally:
            channel.queue_delete(name)


def test_a_projector_without_work_wakes_only_when_it_is_woken(stack: LocalStack) -> None:
    heartbeats = Beats()
    with Tap(stack.ports.rabbitmq, lambda: heartbeats) as tap:
        url = stack.urls.rabbitmq_url.replace(f":{stack.ports.rabbitmq}/", f":{tap.port}/")
        parameters = connection_parameters(url, "test")
        for each in parameters:
            each.heartbeat = 2
        with closing(BrokerConnection(parameters, lambda _delivery: None)) as broker:
            waiting = threading.Thread(target=broker.receive)
            waiting.start()
            try:
                # By then it has waited for a while.
                until(lambda: heartbeats.sent >= 1)
                assert waiting.is_alive()
            finally:
                broker.wake()
                waiting.join(timeout=60)
            assert not waiting.is_alive()
            # Woken before it waits, it does not wait.
            broker.wake()
            broker.receive()


def test_a_projector_that_has_to_end_does_not_wait_to_the_end(stack: LocalStack) -> None:
    parameters = connection_parameters(stack.urls.rabbitmq_url, "test")
    with closing(BrokerConnection(parameters, lambda _delivery: None)) as broker:
        stop, looks = threading.Event(), list[bool]()

        def has_to_end() -> bool:
            looks.append(stop.is_set())
            return looks[-1]

        waiting = threading.Thread(target=broker.wait, args=(3600, has_to_end))
        waiting.start()
        # Only a wake: it looks again, and there is something to wait for.
        broker.wake()
        until(lambda: len(looks) >= 2)
        stop.set()
        broker.wake()
        waiting.join(timeout=60)
        assert not waiting.is_alive()
        assert looks == [False, False, True]


def test_an_event_costs_mongodb_one_write(stack: LocalStack, client: Client) -> None:
    until(lambda: agree(stack))
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongodb:

        def commands() -> Counter[str]:
            counted = mongodb.admin.command("serverStatus")["metrics"]["commands"]
            names = ("insert", "update", "delete", "findAndModify", "bulkWrite")
            return Counter({name: int(counted[name]["total"]) for name in names if name in counted})

        def cost_of(command: Callable[[], object]) -> Counter[str]:
            before = commands()
            command()
            until(lambda: agree(stack))
            return commands() - before

        created = client.post("Counted")
        until(lambda: agree(stack))
        todo_id = int(created.json()["id"])
        assert cost_of(lambda: client.post("Counted")) == {"insert": 1}
        assert cost_of(lambda: client.patch(todo_id, completed=True)) == {"update": 1}
        assert cost_of(lambda: client.delete(todo_id)) == {"update": 1}
