"""Statements and round trips are counted, not timed: on the wire, between service and server."""

import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from chassis.postgres import Postgres
from command_service.outbox import PREPARED, Outbox
from command_service.store import SCHEMA
from stack.local import LocalStack
from stack.ports import Ports
from tests.support import Client, agree, rows, until

ROOT = Path(__file__).parents[2]


@dataclass
class Wire:
    """A proxy in front of PostgreSQL that counts the messages that ask for an answer.

    A simple query is one message `Q`, whatever statements are in it: one round trip.
    Source: https://www.postgresql.org/docs/15/protocol-message-formats.html
    """

    server: int
    asked: list[bytes] = field(default_factory=list)
    port: int = 0

    @contextmanager
    def open(self) -> Iterator[None]:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        try:
            yield
        finally:
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server))
            threading.Thread(target=self._copy, args=(server, client), daemon=True).start()
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        finally:
            target.close()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        try:
            # SSL and GSS requests and the start-up message have a length and no type.
            while True:
                head = _exactly(client, 8)
                length, code = struct.unpack("!II", head)
                server.sendall(head + _exactly(client, length - 8))
                if code == 196608:
                    break
            while True:
                kind = _exactly(client, 1)
                size = _exactly(client, 4)
                body = _exactly(client, struct.unpack("!I", size)[0] - 4)
                if kind == b"Q":
                    self.asked.append(body)
                server.sendall(kind + size + body)
        except (OSError, EOFError):
            server.close()


def _exactly(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = source.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


@pytest.fixture
def wire(stack: LocalStack) -> Iterator[Wire]:
    counted = Wire(stack.ports.postgresql)
    with counted.open():
        yield counted


def through(stack: LocalStack, wire: Wire) -> str:
    return stack.urls.database_url.replace(f":{stack.ports.postgresql}/", f":{wire.port}/")


def test_a_creation_is_one_round_trip_and_a_change_two(stack: LocalStack, wire: Wire) -> None:
    port = Ports.free().command_service
    settings = stack.environment("command-service") | {
        "PORT": str(port),
        "DATABASE_URL": through(stack, wire),
        "THREADS": "1",
    }
    service = subprocess.Popen(
        [sys.executable, "-m", "command_service"], cwd=ROOT, env={**os.environ, **settings}
    )
    try:
        url = f"http://127.0.0.1:{port}/todos"
        until(lambda: requests.post(url, json={"title": "Warm"}).status_code == 201)
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
            before = len(wire.asked)
            assert send().status_code in {200, 201}
            counts.append(len(wire.asked) - before)
        assert counts == [1, 1, 2, 2]
    finally:
        service.terminate()
        service.wait(timeout=15)


def test_a_batch_of_the_relay_costs_one_round_trip(stack: LocalStack, wire: Wire) -> None:
    until(lambda: agree(stack))
    stack.stop_program("relay")
    try:
        client = Client(stack)
        for number in range(60):
            client.post(f"In one batch {number}")
        outbox = Outbox(Postgres(through(stack, wire), SCHEMA, PREPARED))
        assert until(outbox.try_to_lead)
        before = len(wire.asked)
        events = outbox.next(40)
        # Removes what was published, and brings what comes after it.
        rest = outbox.next(500, events)
        assert (len(events), len(rest)) == (40, 20)
        asked = len(wire.asked) - before
        assert asked == 2
        assert asked / len(events + rest) < 0.05
        with outbox.closing():
            pass
        left = rows(stack, "SELECT position FROM outbox ORDER BY position")
        assert [position for (position,) in left] == [event.position for event in rest]
        # What this test has removed is not published yet.
        rows(
            stack,
            "INSERT INTO outbox (position, transaction_id)"
            " SELECT position, transaction_id FROM events WHERE position = ANY(%s)",
            [event.position for event in events],
        )
    finally:
        stack.start_program("relay")
    until(lambda: agree(stack))
