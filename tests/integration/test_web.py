"""Web beside the running stack: what happens there is what the browsers are told."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import socketio

from stack.local import LocalStack
from tests.support import Client, until
from web.poller import WINDOW

EVERY_HOP = {
    "received", "committed", "acknowledged", "picked-up", "confirmed", "delivered", "projected",
    "acked", "seen",
}  # fmt: skip


@dataclass
class Browser:
    """What a browser that has joined the room was told."""

    welcome: dict[str, Any] = field(default_factory=dict)
    hops: list[dict[str, Any]] = field(default_factory=list)
    raw_reads: list[dict[str, Any]] = field(default_factory=list)
    health: dict[str, Any] = field(default_factory=dict)
    holds: dict[str, Any] = field(default_factory=dict)
    told: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def read(self, message: dict[str, Any]) -> None:
        self.raw_reads.append(message)

    @property
    def reads(self) -> list[dict[str, Any]]:
        """The reads since the welcome, each with all its todos.

        The first one comes whole, later ones as what has changed. The client hands each message
        to a thread of its own, so they are put in order first.
        """
        todos = {todo["id"]: todo for todo in (self.welcome.get("read") or {}).get("todos", [])}
        whole = []
        for message in sorted(self.raw_reads, key=lambda each: float(each["asked_ms"])):
            if "todos" in message:
                todos = {}
            for todo in message.get("todos", message.get("changed", [])):
                todos[todo["id"]] = todo
            for gone in message.get("gone", []):
                todos.pop(gone, None)
            whole.append({**message, "todos": [todos[todo_id] for todo_id in sorted(todos)]})
        return whole

    def hops_of(self, todo_id: int, version: int = 1) -> dict[str, dict[str, Any]]:
        wanted = (todo_id, version)
        named = {
            hop["event_id"]
            for hop in self.hops
            if (hop.get("todo_id"), hop.get("version")) == wanted
        }
        return {hop["hop"]: hop for hop in self.hops if hop["event_id"] in named}

    def until_it_saw(self, todo_id: int, version: int = 1) -> dict[str, dict[str, Any]]:
        def saw() -> dict[str, dict[str, Any]]:
            hops = self.hops_of(todo_id, version)
            assert set(hops) >= EVERY_HOP, f"missing: {EVERY_HOP - set(hops)}"
            return hops

        return until(saw)


@contextmanager
def a_browser(stack: LocalStack) -> Iterator[Browser]:
    """Join the room over HTTP long polling, which needs no more than requests."""
    told, joined = Browser(), threading.Event()
    client = socketio.Client(reconnection=False)

    def welcome(message: dict[str, Any]) -> None:
        told.welcome = message
        told.health, told.holds = message["health"], message["holds"]
        joined.set()

    client.on("welcome", welcome)
    client.on("hops", lambda message: told.hops.extend(message["hops"]))
    client.on("read", told.read)
    client.on("health", lambda message: setattr(told, "health", message))
    client.on("holds", lambda message: setattr(told, "holds", message))
    for what in ("poll", "burst", "probes"):
        client.on(what, told.told[what].append)
    client.connect(stack.urls.base("web"), transports=["polling"])
    try:
        assert joined.wait(10)
        yield told
    finally:
        client.disconnect()


def test_a_command_is_followed_to_the_first_read_by_every_browser(
    stack: LocalStack, client: Client
) -> None:
    with a_browser(stack) as first, a_browser(stack) as second:
        todo_id = client.post("Learn CQRS").json()["id"]
        hops = first.until_it_saw(todo_id)
        assert set(hops) == EVERY_HOP
        assert hops == second.until_it_saw(todo_id)
        order = ["received", "committed", "picked-up", "delivered", "projected", "seen"]
        times = [hops[name]["at_ms"] for name in order]
        assert times == sorted(times)
        # Only a journey's first hop in a message tells of the todo, whichever hop that is.
        assert {hop.get("title") for hop in hops.values()} <= {"Learn CQRS", None}
        assert any("title" in hop for hop in hops.values())
        assert any(
            {"id": todo_id, "title": "Learn CQRS", "completed": False} in read["todos"]
            for read in first.reads
        )


def test_a_browser_that_joins_later_is_given_what_happened_before(
    stack: LocalStack, client: Client
) -> None:
    with a_browser(stack) as earlier:
        todo_id = client.post("Before you came").json()["id"]
        earlier.until_it_saw(todo_id)
    with a_browser(stack) as later:
        [journey] = [it for it in later.welcome["journeys"] if it["todo_id"] == todo_id]
        assert {hop["hop"] for hop in journey["hops"]} == EVERY_HOP
        assert journey["title"] == "Before you came"
        assert any(todo["id"] == todo_id for todo in later.welcome["read"]["todos"])


def test_a_change_that_writes_two_events_and_a_delete_are_seen(
    stack: LocalStack, client: Client
) -> None:
    with a_browser(stack) as browser:
        todo_id = client.post("Learn CQRS").json()["id"]
        client.patch(todo_id, title="Teach CQRS", completed=True)
        assert set(browser.until_it_saw(todo_id, 2)) == EVERY_HOP
        assert set(browser.until_it_saw(todo_id, 3)) == EVERY_HOP
        client.delete(todo_id)
        assert set(browser.until_it_saw(todo_id, 4)) == EVERY_HOP
        gone = browser.hops_of(todo_id, 4)["seen"]["start_ms"]
        read = until(lambda: [read for read in browser.reads if read["asked_ms"] == gone])[0]
        assert all(todo["id"] != todo_id for todo in read["todos"])


def test_commands_and_queries_pass_through_as_they_are(stack: LocalStack, client: Client) -> None:
    web = stack.urls.base("web")
    through = requests.post(f"{web}/commands/todos", json={"title": "Through"}, timeout=10)
    todo_id = through.json()["id"]
    assert (through.status_code, through.headers["ETag"]) == (201, '"1"')
    assert through.headers["Consistency-Token"] == f"{todo_id}.1"
    waiting = {"Consistency-Token": f"{todo_id}.1", "Prefer": "wait=10"}
    read = requests.get(f"{web}/queries/todos/{todo_id}", headers=waiting, timeout=15)
    assert read.json() == {"id": todo_id, "title": "Through", "completed": False}
    known = {"If-None-Match": read.headers["ETag"]}
    again = requests.get(f"{web}/queries/todos/{todo_id}", headers=known, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
    for path in ("/todos?limit=0", "/todos/no-id"):
        direct = client.get(path)
        passed = requests.get(f"{web}/queries{path}", timeout=10)
        assert (passed.status_code, passed.content) == (direct.status_code, direct.content)
    refused = requests.patch(
        f"{web}/commands/todos/{todo_id}",
        json={"completed": True},
        headers={"If-Match": '"7"'},
        timeout=10,
    )
    assert refused.status_code == 412


def test_a_todo_below_the_window_is_followed_all_the_same(
    stack: LocalStack, client: Client
) -> None:
    oldest = client.post("The oldest").json()["id"]
    with ThreadPoolExecutor(8) as pool:
        posted = list(pool.map(lambda number: Client(stack).post(f"todo {number}"), range(1050)))
    newest = max(answer.json()["id"] for answer in posted)
    with a_browser(stack) as browser:

        def shown() -> list[int]:
            read = [browser.welcome.get("read") or {}, *browser.reads][-1]
            return [todo["id"] for todo in read.get("todos", [])]

        until(lambda: newest in shown())
        assert oldest not in shown()
        assert len(shown()) >= WINDOW
        client.patch(oldest, completed=True)
        assert set(browser.until_it_saw(oldest, 2)) == EVERY_HOP


def test_a_switch_holds_the_events_where_it_says_until_it_is_off(
    stack: LocalStack, client: Client
) -> None:
    pause = f"{stack.urls.base('web')}/lab/relay/switches/pause"
    authorised = {"Authorization": f"Bearer {stack.host_key}"}
    with a_browser(stack) as browser:
        on = requests.put(pause, json={"on": True}, headers=authorised, timeout=10)
        try:
            assert (on.status_code, on.json()["on"]) == (200, True)
            todo_id = client.post("Wait in the outbox").json()["id"]
            until(lambda: (browser.holds["relay"] or {}).get("outbox") == 1)
            until(lambda: "acknowledged" in browser.hops_of(todo_id))
            assert "picked-up" not in browser.hops_of(todo_id)
            lab = requests.get(f"{stack.urls.base('web')}/lab", timeout=10).json()
            assert lab["relay"]["switches"]["pause"] == {"on": True}
        finally:
            requests.put(pause, json={"on": False}, headers=authorised, timeout=10)
        browser.until_it_saw(todo_id)


@pytest.mark.parametrize("what", ["query-service", "mongodb"])
def test_while_reads_fail_the_page_is_told_and_then_all_is_seen(
    stack: LocalStack, client: Client, what: str
) -> None:
    with a_browser(stack) as browser:
        until(lambda: browser.health["query-service"]["checks"] == {"mongodb": "ok"})
        stack.stop_program(what)
        try:
            if what == "mongodb":
                down = {"mongodb": "cannot be reached"}
                until(lambda: browser.health["query-service"]["checks"] == down)
                assert browser.health["query-service"]["up"]
            else:
                until(lambda: not browser.health["query-service"]["up"])
                assert browser.health["query-service"]["checks"] is None
                until(lambda: browser.holds["query-service"] is None)
            until(lambda: browser.reads and browser.reads[-1]["error"])
            todo_id = client.post("Written meanwhile").json()["id"]
        finally:
            stack.start_program(what)
        until(lambda: browser.health["query-service"]["checks"] == {"mongodb": "ok"})
        browser.until_it_saw(todo_id)
        assert browser.reads[-1]["error"] is None
