"""Reads, commands and health checks beside a crowd of slow clients, against the same without it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from urllib.parse import urlsplit

import requests

from bench import load
from bench.neighbours import Neighbours
from bench.report import Row, at_most, compare
from bench.rig import Rig
from bench.turns import Measure, Tell, in_turn

WAITING = 500
OF_EACH = 200
PER_S = 50
SECONDS = 4
# The newest version that a todo could have: no read of ours will ever see it.
NEVER = "Consistency-Token: 1.999999999\r\nPrefer: wait=10\r\n"
BODY = b'{"title": "Beside a crowd"}'
STUCK = (
    b"",
    b"GET /todos HTTP/1.1\r\nHost: he",
    load.post("/todos", BODY)[:-5],
)


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Measure each alone, and with those who wait or do not get on."""
    commands, queries = rig.stack.urls.command_service, rig.stack.urls.query_service
    page = rig.stack.urls.web
    stuck = (f"{OF_EACH} each that say nothing or half", partial(stuck_clients, commands, queries))
    waiting = (f"{WAITING} reads that wait", partial(waiting_reads, queries))
    stuck_at_page = (stuck[0], partial(stuck_clients, page))
    # Web polls and probes; it must not be measured in the services' times.
    rows: list[Row] = []
    with rig.without("web"):
        for what, url, request in (
            ("a read", queries, load.get("/todos?limit=50")),
            ("a command", commands, load.post("/todos", BODY)),
            ("a health check", queries, load.get("/healthz")),
        ):
            rows += neighbours.calm(partial(_beside, tell, what, url, request, waiting, stuck), 2)
    return rows + neighbours.calm(
        partial(_beside, tell, "the page", page, load.get("/"), stuck_at_page), 2
    )


Crowd = tuple[str, Callable[[], AbstractContextManager[None]]]


def _beside(tell: Tell, what: str, url: str, request: bytes, *crowds: Crowd) -> list[Row]:
    alone = partial(_p99_ms, url, request)
    measures = [_with(crowd, alone) for _name, crowd in crowds]
    limits, *figures = in_turn(tell, f"{what} beside a crowd", alone, *measures)
    return [
        compare(f"{what} beside {name}: p99", p99s, "ms", "alone", limits, at_most(2))
        for (name, _crowd), p99s in zip(crowds, figures, strict=True)
    ]


@contextmanager
def waiting_reads(queries: str) -> Iterator[None]:
    """Keep reads waiting for a version that never comes."""
    request = load.get("/todos/1", NEVER)
    with connected(queries, WAITING, request):
        # All of them have come when whoever came after them is answered.
        requests.get(f"{queries}/todos?limit=1", timeout=30)
        yield


@contextmanager
def stuck_clients(*urls: str) -> Iterator[None]:
    """Keep clients that have said nothing, half a head or half a body."""
    with ExitStack() as stack:
        for url in urls:
            for says in STUCK:
                stack.enter_context(connected(url, OF_EACH, says))
        yield


@contextmanager
def connected(url: str, count: int, says: bytes) -> Iterator[None]:
    """Keep connections open that have said this."""
    address = urlsplit(url)
    with ExitStack() as stack:
        for _ in range(count):
            client = socket.create_connection((str(address.hostname), int(address.port or 80)))
            client.sendall(says)
            stack.enter_context(client)
        yield


def _with(crowd: Callable[[], AbstractContextManager[None]], take: Measure) -> Measure:
    def crowded() -> float:
        with crowd():
            return take()

    return crowded


def _p99_ms(url: str, request: bytes) -> float:
    result = load.run(url, lambda _: request, seconds=SECONDS, per_s=PER_S)
    assert not result.failed, f"{result.failed} answers were not as expected"
    return result.quantile_ms(0.99)
