"""A replica applies what has been there for as long as it lags, in the order of arrival."""

import threading
import time

import pika
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry

from chassis import mongo
from chassis.clock import Clock
from chassis.lab.lab import Lab
from chassis.lab.switches import Pause, Slow
from chassis.rabbitmq import connection_parameters
from query_service.deliveries import Delivery
from query_service.hops import ProjectorHops
from query_service.read_model import ReadModel
from query_service.replica import LaggingProjector, Replicate

S = 1_000_000_000


class Replica:
    """A lagging projector that is connected to nothing, with messages that came before now."""

    def __init__(self, lag_ms: int, *ages_s: float) -> None:
        replicate = Replicate()
        read_model = ReadModel(mongo.database("mongodb://127.0.0.1:9", timeout_ms=100))
        lab = Lab(replicate, Pause(), Slow())
        lab.set("replicate", {"on": True, "lag_ms": lag_ms})
        tracer = TracerProvider(shutdown_on_exit=False).get_tracer("test")
        hops = ProjectorHops(tracer, Clock(), CollectorRegistry())
        nowhere = connection_parameters("amqp://127.0.0.1:9", "test")
        self.projector = LaggingProjector(read_model, nowhere, hops, lab, threading.Event())
        self.projector.lag_by(replicate)
        self.lab = lab
        now_ns = time.monotonic_ns()
        for tag, age_s in enumerate(ages_s):
            delivery = Delivery(tag, "todo.created", pika.BasicProperties(), b"", False)
            delivery.delivered_ns = now_ns - round(age_s * S)
            self.projector._arrived.append(delivery)


def test_nothing_is_due_where_nothing_has_arrived() -> None:
    assert Replica(1000).projector._due_in_s() is None


def test_what_is_old_enough_is_due_at_once_and_the_rest_later() -> None:
    replica = Replica(20_000, 60, 30, 10, 5).projector
    assert replica._due_in_s() == 0
    assert replica._due() == 2
    for _ in range(2):
        replica._arrived.popleft()
    due_in_s = replica._due_in_s()
    assert due_in_s is not None
    assert 0 < due_in_s <= 10


def test_a_shorter_lag_holds_for_what_waits_already() -> None:
    replica = Replica(60_000, 10, 5)
    assert replica.projector._due_in_s() != 0
    replica.lab.set("replicate", {"on": True, "lag_ms": 0})
    assert (replica.projector._due_in_s(), replica.projector._due()) == (0, 2)
