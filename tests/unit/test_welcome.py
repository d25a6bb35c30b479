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


def test_whoever_was_not_welcomed_is_welcomed_with_the_next_batch() -> None:
    socketio = Unreliable()
    room = Room(
        socketio, new_journeys(), new_firings(), OwnTime(Clock()), News(), lab=False, ports={}
    )
    room.tell("poll", {"interval_ms": 250})
    room.join("first")
    with pytest.raises(RuntimeError):
        room.send()
    room.join("second")
    room.send()
    room.send()
    assert socketio.tries == [("welcome", ["first"]), ("welcome", ["first", "second"])]
