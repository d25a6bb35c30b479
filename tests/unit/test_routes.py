"""Which way connections go: what a driver is told of the way through the lab's proxy."""

from threading import Event

import pytest

from chassis import mongo
from chassis.rabbitmq import connection_parameters
from chassis.routes import Route, Routes, Way

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
        "mongodb://user:p%40ss@[::1]/eventually?timeoutMS=50",
        "mongodb://one",
    ],
)
def test_the_driver_of_mongodb_goes_through_and_nowhere_else(url: str) -> None:
    with mongo.database(url, 100, led_there("projector-mongodb")).client as client:
        assert set(client.topology_description.server_descriptions()) == {(WAY.host, WAY.port)}


def test_a_connection_to_the_broker_goes_through_with_the_same_user_and_host() -> None:
    url = "amqp://user:secret@one:5672/vhost,amqp://two:5673/vhost"
    route = Route("relay-rabbitmq")
    parameters = connection_parameters(url, "test", route)
    assert [(it.host, it.port) for it in parameters] == [("one", 5672), ("two", 5673)]
    route.lead(WAY)
    [through] = parameters
    assert (through.host, through.port, through.virtual_host) == (WAY.host, WAY.port, "vhost")
    assert through.credentials.username == "user"
    assert [it.host for it in parameters.direct] == ["one", "two"]
