"""Clients that are slow or many, and what the others notice of them: nothing."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import requests

from stack.local import LocalStack
from stack.programs import PROCESSES
from tests.support import Client
from tests.support.switches import paused

MANY = 200
HALF_A_BODY = (
    "POST /todos HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
    "Content-Length: 100\r\n\r\nhalf"
)
HALF_A_HEAD = "GET /todos HTTP/1.1\r\nHost: he"
NOT_TAKEN = "GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n" * 20
READS_AND_LEAVES_IT = "GET /todos HTTP/1.1\r\nHost: here\r\n\r\n" * 20


@pytest.fixture
def connections() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def connect(connections: ExitStack, url: str, says: str) -> socket.socket:
    address = urlsplit(url)
    assert address.hostname
    assert address.port
    client = socket.create_connection((address.hostname, address.port), timeout=60)
    client.sendall(says.encode())
    return connections.enter_context(client)


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("process", PROCESSES)
def test_each_port_answers_on_both_loopback_addresses(
    stack: LocalStack, process: str, address: str
) -> None:
    port = urlsplit(stack.urls.base(process)).port
    assert requests.get(f"http://{address}:{port}/healthz").status_code == 200


@pytest.mark.parametrize("process", ["command-service", "query-service", "relay", "projector"])
def test_many_that_do_not_get_on_stop_nobody_else(
    stack: LocalStack, client: Client, connections: ExitStack, process: str
) -> None:
    url = stack.urls.base(process)
    for says in (HALF_A_BODY, HALF_A_HEAD, "", NOT_TAKEN, READS_AND_LEAVES_IT):
        for _ in range(MANY // 5 if says in {NOT_TAKEN, READS_AND_LEAVES_IT} else MANY):
            connect(connections, url, says)
    assert requests.get(f"{url}/healthz").status_code == 200
    assert requests.get(f"{url}/readyz").status_code == 200
    [todo] = client.read_after(client.post("Not held up"))
    assert todo["title"] == "Not held up"


def test_many_reads_that_wait_hold_up_nobody(
    stack: LocalStack, client: Client, connections: ExitStack
) -> None:
    with paused(stack, "projector"):
        todo_id = client.post("Waited for").json()["id"]
        demand = f"Consistency-Token: {todo_id}.1\r\nPrefer: wait=10\r\nConnection: close"
        text = f"GET /todos/{todo_id} HTTP/1.1\r\nHost: here\r\n{demand}\r\n\r\n"
        waiting = [connect(connections, stack.urls.query_service, text) for _ in range(500)]
        assert requests.get(f"{stack.urls.query_service}/todos?limit=1").status_code == 200
        assert requests.get(f"{stack.urls.query_service}/readyz").status_code == 200
        assert client.post("Written meanwhile").status_code == 201
    # On a machine that is slow enough, their time is over before the projector goes on.
    for each in waiting:
        with each.makefile("rb") as answer:
            assert answer.readline().split()[1] in {b"200", b"503"}
