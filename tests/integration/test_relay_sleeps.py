"""The relay sleeps while there is nothing to publish, and no commit is slept through.

The relays here look by themselves once an hour, so whatever wakes them was a notice.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg2
import pytest
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry
from psycopg2.extensions import cursor as Cursor  # noqa: N812, it is a class

import chassis.lab.lab
from chassis.bell import Bell
from chassis.clock import Clock
from chassis.lab.lab import Lab
from chassis.lab.switches import Pause, Slow
from chassis.publisher import ConfirmingPublisher
from chassis.rabbitmq import connection_parameters
from command_service.database import write_database
from command_service.hops import RelayHops
from command_service.messages import declare_exchange
from command_service.outbox import PREPARED, Outbox
from command_service.relay import Relay
from command_service.store import CREATE, values_of
from command_service.store import PREPARED as COMMANDS
from command_service.switches import HowToRead, NoConfirms, PublishAgain
from command_service.todo import Title, create
from stack.local import LocalStack
from tests.support import agree, rows, until
from tests.support.taps import Amqp, Asked, Messages, Tap

HOURLY_S = 3600.0
UNSAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4730-00f067aa0ba902b7-00"


@dataclass
class Sleeper:
    """A relay in this process, with taps before its servers."""

    stack: LocalStack
    asked: list[bytes] = field(default_factory=list)
    bell: Bell = field(default_factory=Bell)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.postgresql = Tap(self.stack.ports.postgresql, lambda: Asked(self.asked))
        self.rabbitmq = Tap(self.stack.ports.rabbitmq, lambda: Amqp(Messages()))
        urls, ports = self.stack.urls, self.stack.ports
        tapped = urls.database_url.replace(f":{ports.postgresql}/", f":{self.postgresql.port}/")
        self.outbox = Outbox(write_database(tapped, PREPARED))
        broker = urls.rabbitmq_url.replace(f":{ports.rabbitmq}/", f":{self.rabbitmq.port}/")
        parameters = connection_parameters(f"{broker},{urls.rabbitmq_url}", "sleeper")
        self.publisher = ConfirmingPublisher(parameters, "todo.events", declare_exchange, self.bell)
        self.lab = Lab(Pause(), Slow(), HowToRead(), NoConfirms(), PublishAgain())
        self.lab.on_change(self.bell.ring)
        hops = RelayHops(TracerProvider().get_tracer("sleeper"), Clock(), CollectorRegistry())
        self.relay = Relay(self.outbox, self.publisher, hops, self.lab, self.stop, HOURLY_S)

    @contextmanager
    def running(self) -> Iterator[None]:
        def run() -> None:
            with self.publisher, self.outbox.closing():
                self.relay.run()

        thread = threading.Thread(target=run)
        with self.bell, self.postgresql, self.rabbitmq:
            thread.start()
            try:
                yield
            finally:
                self.stop.set()
                self.bell.ring()
                thread.join(60)
        assert not thread.is_alive(), "it did not end"

    def sleeps(self) -> bool:
        return self.publisher.ready and self.outbox.may_wait and outbox_is_empty(self.stack)


def outbox_is_empty(stack: LocalStack) -> bool:
    return not rows(stack, "SELECT 1 FROM outbox LIMIT 1")


@pytest.fixture
def sleeper(stack: LocalStack) -> Iterator[Sleeper]:
    until(lambda: agree(stack))
    stack.stop_program("relay")
    try:
        sleeper = Sleeper(stack)
        with sleeper.running():
            until(sleeper.sleeps)
            yield sleeper
    finally:
        stack.start_program("relay")
    until(lambda: agree(stack))


@contextmanager
def commands(stack: LocalStack) -> Iterator[Callable[[], None]]:
    """Lend what creates a todo as the command service does, on a connection of its own."""
    connection = psycopg2.connect(stack.urls.database_url)
    connection.autocommit = True

    def send() -> None:
        cursor.execute(CREATE, values_of(create(Title("Wakes the relay")), UNSAMPLED))

    try:
        cursor: Cursor = connection.cursor()
        cursor.execute(COMMANDS)
        yield send
    finally:
        connection.close()


def test_an_event_costs_two_round_trips_and_rest_costs_none(
    stack: LocalStack, sleeper: Sleeper
) -> None:
    with commands(stack) as send:
        before = len(sleeper.asked)
        for count in range(1, 21):
            send()
            until(lambda: len(sleeper.asked) >= before + 2 * count)  # noqa: B023
            until(sleeper.sleeps)
    assert len(sleeper.asked) == before + 40, sleeper.asked[before:]


def test_no_commit_is_slept_through(stack: LocalStack, sleeper: Sleeper) -> None:
    """Commits race with the relay on its way to sleep: the last ones of a round have no others
    after them that would wake it in their place.
    """
    writers, rounds = 3, 150
    barrier = threading.Barrier(writers + 1)

    def write(seed: int) -> None:
        chance = random.Random(seed)
        with commands(stack) as send:
            for _ in range(rounds):
                barrier.wait(60)
                threading.Event().wait(chance.uniform(0, 0.008))
                send()
                barrier.wait(60)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(writers)]
    for thread in threads:
        thread.start()
    connection = psycopg2.connect(stack.urls.database_url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for number in range(rounds):
                barrier.wait(60)
                barrier.wait(60)

                def published() -> bool:
                    cursor.execute("SELECT 1 FROM outbox LIMIT 1")
                    return cursor.fetchone() is None

                assert until(published, within_s=30), f"slept through round {number}"
    finally:
        barrier.abort()
        connection.close()
        for thread in threads:
            thread.join()


def test_what_committed_before_the_relay_fell_asleep_is_still_taken(stack: LocalStack) -> None:
    until(lambda: agree(stack))
    stack.stop_program("relay")
    try:
        outbox = Outbox(write_database(stack.urls.database_url, PREPARED))
        with commands(stack) as send, outbox.closing():
            assert until(outbox.try_to_lead)
            assert outbox.take_oldest(500) == []
            send()
            assert outbox.fall_asleep()
            assert not outbox.may_wait
            assert len(outbox.take_oldest(500)) == 1
    finally:
        stack.start_program("relay")
    until(lambda: agree(stack))


def test_a_transaction_that_found_the_relay_awake_keeps_it_awake(
    stack: LocalStack, sleeper: Sleeper
) -> None:
    late = psycopg2.connect(stack.urls.database_url)
    try:
        # A paused relay asks for no notices.
        sleeper.lab.set("pause", {"on": True})
        until(lambda: not sleeper.outbox.asleep)
        with late.cursor() as cursor:
            cursor.execute(COMMANDS)
            cursor.execute(CREATE, values_of(create(Title("Commits late")), UNSAMPLED))
        sleeper.lab.set("pause", {"on": False})
        before = len(sleeper.asked)
        until(lambda: len(sleeper.asked) > before + 3)
        assert not sleeper.sleeps()
        late.commit()
    finally:
        late.close()
    until(lambda: outbox_is_empty(stack))


def test_a_switch_is_heeded_by_a_relay_that_sleeps(
    stack: LocalStack, sleeper: Sleeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chassis.lab.lab, "HEEDED_WITHIN_S", HOURLY_S)
    with commands(stack) as send:
        sleeper.lab.set("pause", {"on": True})
        send()
        sleeper.lab.set("slow", {"on": True, "delay_ms": 0})
        assert not outbox_is_empty(stack)
        sleeper.lab.set("pause", {"on": False})
        until(lambda: outbox_is_empty(stack))


def test_a_relay_that_sleeps_notices_the_loss_of_a_server(
    stack: LocalStack, sleeper: Sleeper
) -> None:
    with commands(stack) as send:
        sleeper.rabbitmq.__exit__()
        until(lambda: not sleeper.publisher.ready)
        send()
        until(sleeper.sleeps)
        rows(
            stack,
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'",
        )
        send()
        until(sleeper.sleeps)
