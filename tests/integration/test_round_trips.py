"""Counts, rather than times, statements and round trips on the wire from service to server."""

from collections.abc import Callable
from typing import Any

import requests
from pymongo import MongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from command_service.database import write_database
from command_service.outbox import PREPARED, Outbox
from query_service.read_model import ReadModel
from stack.local import LocalStack
from stack.ports import Ports
from tests.support import Client, agree, another, rows, until
from tests.support.taps import Asked, Tap


def through(stack: LocalStack, tap: Tap) -> str:
    return stack.urls.database_url.replace(f":{stack.ports.postgresql}/", f":{tap.port}/")


def test_a_creation_and_a_look_at_the_lab_are_one_round_trip_and_a_change_two(
    stack: LocalStack,
) -> None:
    asked: list[bytes] = []
    port = Ports.free().command_service
    with Tap(stack.ports.postgresql, lambda: Asked(asked)) as tap:
        settings = {"DATABASE_URL": through(stack, tap), "THREADS": "1", "LAB": "1"}
        with another(stack, "command_service", "command-service", port, settings):
            url = f"http://127.0.0.1:{port}/todos"
            until(lambda: requests.post(url, json={"title": "Warm"}).status_code == 201)
            # The lab has threads, and so a connection, of its own.
            assert requests.get(f"http://127.0.0.1:{port}/lab").status_code == 200
            todo_id = requests.post(url, json={"title": "Counted"}).json()["id"]
            once = {"Idempotency-Key": f"counted-{todo_id}"}
            commands: list[Callable[[], requests.Response]] = [
                lambda: requests.post(url, json={"title": "Counted"}),
                lambda: requests.post(url, json={"title": "Counted"}, headers=once),
                lambda: requests.patch(f"{url}/{todo_id}", json={"title": "x", "completed": True}),
                lambda: requests.delete(f"{url}/{todo_id}"),
            ]
            counts = []
            for send in commands:
                before = len(asked)
                assert send().status_code in {200, 201}
                counts.append(len(asked) - before)
            assert counts == [1, 1, 2, 2]

            def look() -> int:
                before = len(asked)
                assert requests.get(f"http://127.0.0.1:{port}/lab").status_code == 200
                return len(asked) - before

            # The first look by a thread connects.
            assert until(lambda: look() == 1)


class Commands(CommandListener):
    """Notes what MongoDB is asked, but for who is asking: each connection says so once."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        if not event.command_name.startswith("sasl"):
            self.names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


def test_a_look_at_what_the_read_model_holds_is_two_questions(stack: LocalStack) -> None:
    commands = Commands()
    url = stack.urls.mongodb_url
    with MongoClient[dict[str, Any]](url, event_listeners=[commands]) as mongo:
        held = ReadModel(mongo.get_default_database()).holds()
        assert (set(held), commands.names) == ({"todos", "tombstones"}, ["count", "aggregate"])


def test_a_batch_of_the_relay_costs_one_round_trip(stack: LocalStack) -> None:
    asked: list[bytes] = []
    until(lambda: agree(stack))
    stack.stop_program("relay")
    try:
        client = Client(stack)
        for number in range(60):
            client.post(f"In one batch {number}")
        with Tap(stack.ports.postgresql, lambda: Asked(asked)) as tap:
            outbox = Outbox(write_database(through(stack, tap), PREPARED))
            assert until(outbox.try_to_lead)
            before = len(asked)
            events = outbox.take_oldest(40)
            assert len(asked) - before == 1
            rest = outbox.remove_published_and_take_oldest(events, 500)
            assert len(asked) - before == 2
            assert (len(events), len(rest)) == (40, 20)
            with outbox.closing():
                pass
        left = rows(stack, "SELECT position FROM outbox ORDER BY position")
        assert [position for (position,) in left] == [event.position for event in rest]
        # The events that this test has removed are not published yet.
        rows(
            stack,
            "INSERT INTO outbox (position, transaction_id)"
            " SELECT position, transaction_id FROM events WHERE position = ANY(%s)",
            [event.position for event in events],
        )
    finally:
        stack.start_program("relay")
    until(lambda: agree(stack))


def test_the_relay_finds_events_by_key_even_if_it_began_with_an_empty_outbox(
    stack: LocalStack,
) -> None:
    until(lambda: agree(stack))
    stack.stop_program("relay")
    try:
        # Autovacuum does this to a table whose rows have all gone.
        rows(stack, "TRUNCATE outbox")
        rows(stack, "ANALYZE outbox")
        postgres = write_database(stack.urls.database_url, PREPARED)
        outbox = Outbox(postgres)
        with outbox.closing():
            assert until(outbox.try_to_lead)
            # Left alone, PostgreSQL keeps a plan from the sixth execution on.
            for _ in range(10):
                assert outbox.take_oldest(500) == []
            for number in range(20):
                Client(stack).post(f"Piled up {number}")
            with postgres.cursor() as cursor:
                cursor.execute("EXPLAIN EXECUTE remove_published_and_take_oldest ('{1,2,3}', 500)")
                plan = "\n".join(line for (line,) in cursor.fetchall())
                cursor.execute("SELECT custom_plans FROM pg_prepared_statements")
                planned_anew = cursor.fetchall()
                cursor.execute("SHOW synchronous_commit")
                synchronous = cursor.fetchall()
        assert "Seq Scan" not in plan, plan
        assert synchronous == [("off",)], "each removal would cost an fsync"
        assert set(planned_anew) == {(0,)}
    finally:
        stack.start_program("relay")
    until(lambda: agree(stack))
