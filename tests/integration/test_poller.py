"""Web's poller follows the newest todos of the real query service, however many there are."""

import pytest
from flask_socketio import SocketIO

from chassis.clock import Clock
from stack.local import LocalStack
from tests.support import Client, agree, until
from tests.support.client import create_many
from tests.support.hops import new_firings, new_journeys
from web.background.newest_window import WINDOW
from web.background.todo_page import PAGE
from web.background.todo_poller import TodoPoller
from web.gateway import Gateway
from web.news import News
from web.own_time import OwnTime
from web.room.room import Room


@pytest.fixture
def room() -> Room:
    return Room(
        SocketIO(), new_journeys(), new_firings(), OwnTime(Clock()), News(), lab=False, ports={}
    )


@pytest.fixture
def poller(stack: LocalStack, room: Room) -> TodoPoller:
    """A separate poller, which reads when the test asks it to."""
    own_time = OwnTime(Clock())
    news = News()
    gateway = Gateway({"query-service": stack.urls.query_service}, own_time, news)
    return TodoPoller(gateway, new_journeys(), room, own_time, news, interval_ms=1000)


@pytest.mark.parametrize("coming", [1, PAGE - WINDOW + 50, PAGE + 50, 2 * PAGE + 50])
def test_the_newest_todos_are_read_however_many_arrive(
    stack: LocalStack, client: Client, poller: TodoPoller, room: Room, coming: int
) -> None:
    poller.poll()
    last = max(create_many(stack, coming))
    until(lambda: agree(stack))
    poller.poll()
    read = room.reads()[-1]
    ids = [todo["id"] for todo in read["todos"]]
    assert ids[-1] == last
    assert ids == sorted(ids)
    assert len(ids) < PAGE
    assert not read["more"]
    there = [todo["id"] for todo in client.get(f"/todos?limit=1000&after={ids[0] - 1}").json()]
    assert ids == there
    if coming > PAGE:
        assert len(ids) >= WINDOW
