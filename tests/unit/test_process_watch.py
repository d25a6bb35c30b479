"""Who watches a process looks often once somebody needs it, whenever that is."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pytest

from chassis.clock import Clock
from tests.support import until
from web.background import process_watch
from web.background.looks import Looks
from web.background.process_watch import ProcessWatch
from web.gateway import Gateway
from web.news import News
from web.own_time import OwnTime
from web.places import Places
from web.room.room import Room


class Answers:
    """A process that answers, in a room in which nobody is."""

    body = b'{"checks": {}}'

    def __init__(self) -> None:
        self.looked = 0

    def probe(self, *_asked: object) -> "Answers":
        return self

    def value(self, *_asked: object) -> dict[str, Any]:
        return {"switches": {}, "holds": {"queue": 0}}

    def is_empty(self) -> bool:
        self.looked += 1
        return True

    def nothing(self, *_told: object) -> None:
        return None

    tell_of = note_up = noted = nothing


def _is_more(answers: Answers, than: int) -> bool:
    return answers.looked > than


def test_it_is_woken_when_it_is_needed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_watch, "ALONE_INTERVAL_S", 3600.0)
    answers, news, looks, stop = Answers(), News(), Looks(), threading.Event()
    own_time = OwnTime(Clock())
    watch = ProcessWatch(
        cast("Gateway", answers),
        cast("Room", answers),
        own_time,
        news,
        cast("Places", answers),
        "projector",
        looks,
        lab=True,
    )
    thread = threading.Thread(target=watch.run, args=(stop,), daemon=True)
    thread.start()

    def looked_since(before: int) -> Callable[[], bool]:
        return lambda: len(looks.since(0)) > before

    try:
        until(looked_since(0))
        for _ in range(3):
            before = len(looks.since(0))
            looks.are_wanted = True
            news.tell(own_time.now_ns())
            until(looked_since(before))
            # News that comes last, and then nobody needs it any more.
            news.tell(own_time.now_ns())
            looks.are_wanted = False
            asked = answers.looked
            until(partial(_is_more, answers, asked + 1))
    finally:
        stop.set()
        looks.are_wanted = True
        news.tell(own_time.now_ns())
        thread.join(60)
    assert not thread.is_alive()
