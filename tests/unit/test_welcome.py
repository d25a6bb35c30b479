"""A browser that joins is welcomed, also if the first try fails."""

from typing import Any

import pytest
from flask import Flask
from flask_socketio import SocketIO

from chassis.clock import Clock
from tests.support.hops import new_firings, new_journeys
from web.news import News
from web.own_time import OwnTime
from web.room.room import Room


class Unreliable(SocketIO):  # type: ignore[misc]  # Flask-SocketIO has no types
    """Fails to send the first message."""

    def __init__(self) -> None:
        super().__init__(Flask(__name__), async_mode="threading")
        self.tries: list[tuple[str, list[str]]] = []

    def emit(self, event: str, *_message: object, to: list[str], **_options: Any) -> None:
        self.tries.append((event, list(to)))
        if len(self.tries) == 1:
            raise RuntimeError("not this time")


class Heard(SocketIO):  # type: ignore[misc]  # likewise
    """Notes what is said, to whom it is, and to whom not."""

    def __init__(self) -> None:
        super().__init__(Flask(__name__), async_mode="threading")
        self.said: list[tuple[str, list[str], list[str]]] = []

    def emit(self, event: str, *_message: object, **options: list[str]) -> None:
        self.said.append((event, options.get("to", []), options.get("skip_sid", [])))


def a_room(socketio: SocketIO) -> Room:
    """A room that nobody has joined yet."""
    room = Room(
        socketio, new_journeys(), new_firings(), OwnTime(Clock()), News(), lab=False, ports={}
    )
    room.tell("poll", {"interval_ms": 250})
    return room


def test_pages_that_come_together_are_welcomed_together_and_told_nothing_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    socketio = Heard()
    monkeypatch.setattr(Room, "is_empty", lambda _room: False)
    room = a_room(socketio)
    room.send()
    room.join("first")
    room.send()
    monkeypatch.setattr("web.room.room.WELCOMES_APART_S", 3600)
    socketio.said.clear()
    room.join("second")
    room.join("third")
    room.tell("health", {})
    room.send()
    monkeypatch.setattr("web.room.room.WELCOMES_APART_S", 0)
    room.tell("health", {})
    room.send()
    assert socketio.said == [
        ("health", [], ["second", "third"]),
        ("welcome", ["second", "third"], []),
        ("health", [], []),
    ]


def test_whoever_was_not_welcomed_is_welcomed_with_the_next_batch() -> None:
    socketio = Unreliable()
    room = a_room(socketio)
    room.join("first")
    with pytest.raises(RuntimeError):
        room.send()
    room.join("second")
    room.send()
    room.send()
    assert socketio.tries == [("welcome", ["first"]), ("welcome", ["first", "second"])]
