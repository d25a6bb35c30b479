"""A read that waits, from its headers to its answer."""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests
from flask import Flask
from prometheus_client import CollectorRegistry

from chassis.http import MAX_BODY_BYTES, new_app
from chassis.listening import listen
from chassis.serving import HttpServer
from chassis.settings import Timeouts
from query_service.http.read_your_writes import ReadYourWrites
from query_service.http.waiting import Held
from tests.support.waiting import until


@contextmanager
def reads(held: Held, most: int = 10) -> Iterator[str]:
    """Serve an app whose one read is worked on by one thread, and yield its address."""
    registry = CollectorRegistry()
    read_your_writes = ReadYourWrites(held, most, registry)
    app: Flask = new_app("reads", {}, registry)
    app.add_url_rule("/todos", "read", lambda: ("[]", read_your_writes.headers()))
    listeners = listen("127.0.0.1", 0)
    port = listeners[0].getsockname()[1]
    with HttpServer(app, listeners, 1, MAX_BODY_BYTES, Timeouts(), read_your_writes.hold):
        yield f"http://127.0.0.1:{port}/todos"
        read_your_writes.end()


def test_a_read_that_waits_holds_no_thread_and_is_answered_when_the_version_is_there() -> None:
    versions: dict[int, int] = {}
    asked = threading.Event()

    def held(_todo_ids: Iterable[int]) -> dict[int, int]:
        asked.set()
        return versions

    demand = {"Consistency-Token": "1.2", "Prefer": "wait=10"}
    with reads(held) as address, ThreadPoolExecutor() as clients:
        waiting = [clients.submit(requests.get, address, headers=demand) for _ in range(5)]
        assert asked.wait(30)
        assert requests.get(address).status_code == 200
        assert not any(it.done() for it in waiting)
        versions[1] = 2
        for it in waiting:
            answer = it.result(30)
            assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=10")


def test_what_is_not_there_in_time_is_503() -> None:
    with reads(lambda _: {}) as address:
        answer = requests.get(address, headers={"Consistency-Token": "1.2,7.1"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.json()["type"] == "urn:eventually:problem:read-model-behind"
        assert "1.2, 7.1" in answer.json()["detail"]


def test_past_the_limit_a_read_that_wants_to_wait_is_503_at_once() -> None:
    demand = {"Consistency-Token": "1.2", "Prefer": "wait=10"}
    versions: dict[int, int] = {}
    looks: list[int] = []

    def held(todo_ids: Iterable[int]) -> dict[int, int]:
        looks.append(len(list(todo_ids)))
        return versions

    with reads(held, most=1) as address, ThreadPoolExecutor() as clients:
        waiting = clients.submit(requests.get, address, headers=demand)
        until(lambda: looks)
        refused = requests.get(address, headers=demand)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert refused.json()["type"] == "urn:eventually:problem:too-many-waiting"
        assert "1 reads are waiting" in refused.json()["detail"]
        assert requests.get(address).status_code == 200
        versions[1] = 2
        assert waiting.result(30).status_code == 200


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"Consistency-Token": "x"}, "bad-consistency-token"),
        ({"Prefer": "wait=x"}, "bad-preference"),
    ],
)
def test_a_demand_that_cannot_be_read_is_400(headers: dict[str, str], name: str) -> None:
    with reads(lambda _: {}) as address:
        answer = requests.get(address, headers=headers)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (400, name)
