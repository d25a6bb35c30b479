"""Which way connections go: what a driver is told of the way through the lab's proxy."""

import socket
from threading import Event, Thread

import pytest

from chassis import mongo
from chassis.rabbitmq import connection_parameters
from chassis.routes import Route, Routes, Way
from tests.support.waiting import until

WAY = Way("127.0.0.1", 5099)


def led_there(link: str) -> Route:
    route = Route(link)
    route.lead(WAY)
    return route


def test_a_process_whose_links_are_gone_goes_directly() -> None:
    routes = Routes("relay", "http://127.0.0.1:9")
    route = routes.route("relay-rabbitmq")
    ways: list[Way | None] = []
    route.on_change(lambda: ways.append(route.way))
    route.lead(WAY)
    stop = Event()
    routes.start(stop)
    stop.set()
    assert ways == [WAY, None]


def test_a_name_that_nobody_knows_holds_up_no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, answers = Event(), Event()

    def without_a_network(*_asked: object) -> None:
        answers.wait(60)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", without_a_network)
    routes = Routes("relay", "http://links:5008")
    routes.route("relay-rabbitmq")
    starting = Thread(target=routes.start, args=(stop,), daemon=True)
    starting.start()
    starting.join(20)
    assert not starting.is_alive()
    stop.set()
    answers.set()


def test_a_way_that_cannot_be_gone_ends_no_further_question() -> None:
    routes = Routes("relay", "http://127.0.0.1:9")
    route, stop = routes.route("relay-rabbitmq"), Event()
    route.on_change(lambda: 1 // 0)
    route.way = WAY
    routes.start(stop)
    until(lambda: route.way is None)
    route.way = WAY
    until(lambda: route.way is None)
    stop.set()


def test_a_way_is_taken_once_its_owner_has_arrived() -> None:
    route = Route("relay-rabbitmq")
    route.arrived(None)
    route.on_change(lambda: route.arrived(route.way))
    route.lead(WAY)
    assert route.way == WAY


def test_nothing_is_asked_without_an_address() -> None:
    routes = Routes("relay", "")
    routes.route("relay-rabbitmq")
    routes.run(Event())


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://127.0.0.1:27017/eventually",
        "mongodb://one:27017,two:27018/eventually?replicaSet=rs",
        "mongodb://user:p%40ss@[::1]/eventually?timeoutMS=50",  # pragma: allowlist secret
        "mongodb://one",
    ],
)
def test_the_driver_of_mongodb_goes_through_and_nowhere_else(url: str) -> None:
    with mongo.database(url, 100, led_there("projector-mongodb")).client as client:
        assert set(client.topology_description.server_descriptions()) == {(WAY.host, WAY.port)}


def test_a_connection_to_the_broker_goes_through_with_the_same_user_and_host() -> None:
    url = "amqp://user:secret@one:5672/vhost,amqp://two:5673/vhost"  # pragma: allowlist secret
    route = Route("relay-rabbitmq")
    parameters = connection_parameters(url, "test", route)
    assert [(it.host, it.port) for it in parameters] == [("one", 5672), ("two", 5673)]
    route.lead(WAY)
    [through] = parameters
    assert (through.host, through.port, through.virtual_host) == (WAY.host, WAY.port, "vhost")
    assert through.credentials.username == "user"
    assert [it.host for it in parameters.direct] == ["one", "two"]
