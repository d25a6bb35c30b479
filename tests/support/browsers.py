"""A browser of the page, on the wire only: it collects what it is sent."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio

from stack.local import LocalStack
from tests.support.hops import whole_journey
from tests.support.waiting import until

EVERY_HOP = {*whole_journey()}


@dataclass
class Browser:
    """What a browser that has joined the room was sent."""

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
    for what in (
        "switches",
        "programs",
        "mending",
        "back",
        "poll",
        "burst",
        "probes",
        "rerun",
        "lesson",
    ):
        client.on(what, told.told[what].append)
    client.connect(stack.urls.base("web"), transports=["polling"])
    try:
        assert joined.wait(60)
        yield told
    finally:
        client.disconnect()
