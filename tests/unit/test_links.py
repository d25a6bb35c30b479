"""The toxics of a link, with real sockets: what each does to both ends of a connection."""

import os
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.lab.parameters import BadSetting
from chassis.settings import Environment
from links.settings import LINKS, Settings
from links.toxics import TOXICS, Toxic
from stack.ports import LINKS as PORTS
from tests.support.link import OneLink, is_quiet, one_link, received, sent_all
from tests.support.waiting import until

BYTES = os.urandom(3_000_000)


@pytest.fixture
def made() -> Iterator[OneLink]:
    with one_link() as link:
        yield link


def test_bytes_go_through_unchanged_both_ways_and_each_way_ends_by_itself(made: OneLink) -> None:
    client, server = made.pair()
    sending = sent_all(client, BYTES)
    assert received(server) == BYTES
    sending.join()
    answering = sent_all(server, BYTES[::-1])
    assert received(client) == BYTES[::-1]
    answering.join()
    until(lambda: made.link.connections == 0)


def test_bytes_are_the_same_through_several_toxics_at_once(made: OneLink) -> None:
    client, server = made.pair()
    made.set("latency", latency=5, jitter=5, stream="both")
    made.set("bandwidth", rate=20_000, stream="both")
    made.set("slow_close", delay=10, stream="both")
    sending = sent_all(client, BYTES)
    assert received(server) == BYTES
    sending.join()


def test_latency_delays_one_way_of_an_open_connection_and_not_the_other(made: OneLink) -> None:
    client, server = made.pair()
    state = made.set("latency", latency=200, stream="upstream")
    assert (state["state"], state["fired"], state["touched"]) == ("fired", 1, 1)
    server.sendall(b"back")
    assert received(client, 4) == b"back"
    began = time.monotonic()
    client.sendall(b"there")
    assert received(server, 5) == b"there"
    # No machine is so busy that it would be sooner.
    assert time.monotonic() - began >= 0.2


def test_a_black_hole_refuses_nothing_and_gives_everything_back_once_it_is_gone(
    made: OneLink,
) -> None:
    client, server = made.pair()
    made.set("timeout")
    client.sendall(b"hello")
    server.sendall(b"world")
    late, at_server = made.pair()
    late.sendall(b"late")
    client.shutdown(socket.SHUT_WR)
    # A way round would have been quicker than this.
    made.proxy.heed(made.link)
    assert all(is_quiet(end) for end in (client, server, at_server))
    assert made.set("timeout", on=False)["fired"] == 2
    assert received(server) == b"hello"
    assert received(client, 5) == b"world"
    assert received(at_server, 4) == b"late"


def test_a_black_hole_may_close_what_it_has_held_for_a_while(made: OneLink) -> None:
    client, server = made.pair()
    made.set("timeout", timeout=1, stream="upstream")
    client.sendall(b"hello")
    assert received(client) == received(server) == b""


@pytest.mark.parametrize(
    ("stream", "is_reset"), [("upstream", "server"), ("downstream", "client"), ("both", "both")]
)
def test_a_reset_reaches_the_end_that_it_is_meant_for(
    made: OneLink, stream: str, is_reset: str
) -> None:
    ends = dict(zip(("client", "server"), made.pair(), strict=True))
    assert made.set("reset_peer", stream=stream)["touched"] == 1
    for name, end in ends.items():
        if is_reset in {name, "both"}:
            with pytest.raises(ConnectionResetError):
                received(end)
        else:
            assert received(end) == b""


def test_a_slow_close_passes_bytes_at_once_and_the_end_later(made: OneLink) -> None:
    client, server = made.pair()
    made.set("slow_close", delay=60_000, stream="upstream")
    client.sendall(b"bye")
    client.shutdown(socket.SHUT_WR)
    assert received(server, 3) == b"bye"
    made.proxy.heed(made.link)
    assert is_quiet(server)
    made.set("slow_close", on=False)
    assert received(server) == b""


def test_limit_data_cuts_after_exactly_so_many_bytes(made: OneLink) -> None:
    client, server = made.pair()
    made.set("limit_data", bytes=10, stream="upstream")
    client.sendall(b"0123456789and more")
    assert received(server) == b"0123456789"
    assert received(client) == b""


def test_bandwidth_takes_as_long_as_it_says(made: OneLink) -> None:
    client, server = made.pair()
    made.set("bandwidth", rate=100, stream="upstream")
    began = time.monotonic()
    sending = sent_all(client, BYTES[:30_000])
    assert received(server) == BYTES[:30_000]
    sending.join()
    assert time.monotonic() - began >= 0.25


def test_down_cuts_what_is_open_and_refuses_what_comes(made: OneLink) -> None:
    client, server = made.pair()
    state = made.set("down")
    assert (state["state"], state["touched"]) == ("fired", 1)
    for end in (client, server):
        with pytest.raises(ConnectionResetError):
            received(end)
    with pytest.raises(ConnectionRefusedError):
        made.client()
    made.set("down", on=False)
    client, server = made.pair()
    client.sendall(b"up")
    assert received(server, 2) == b"up"


@pytest.mark.parametrize("kind", TOXICS)
def test_every_toxic_ends_by_itself_and_lets_the_connections_go(
    made: OneLink, kind: type[Toxic]
) -> None:
    later: dict[str, Any] = {"timeout": 600_000} if kind.name in {"reset_peer", "timeout"} else {}
    made.set(kind.name, for_s=1, **later)
    until(lambda: made.link.toxics[kind.name].state()["cleared"] == "time")

    def passes() -> bool:
        client, server = made.pair()
        client.sendall(b"as before")
        return received(server, 9) == b"as before"

    until(passes)


def test_a_toxic_takes_only_some_connections_drawn_from_a_seed_that_it_shows(
    made: OneLink,
) -> None:
    def drawn(**seed: Any) -> tuple[list[bool], int]:
        state = made.set("latency", latency=1, percent=50, **seed)
        found = []
        for _ in range(12):
            before = made.link.toxics["latency"].state()["fired"]
            made.pair()
            found.append(made.link.toxics["latency"].state()["fired"] > before)
        made.set("latency", on=False)
        for each in made.open:
            each.close()
        until(lambda: made.link.connections == 0)
        return found, state["seed"]

    first, seed = drawn()
    again, _seed = drawn(seed=seed)
    assert again == first


def test_a_toxic_that_has_had_its_connections_ends_when_the_last_of_them_does(
    made: OneLink,
) -> None:
    client, server = made.pair()
    made.set("latency", latency=1, times=1)
    other, _at_server = made.pair()
    toxic = made.link.toxics["latency"]
    assert toxic.state()["fired"] == 1
    client.close()
    server.close()
    until(lambda: toxic.state()["cleared"] == "count")
    other.close()


def test_a_server_that_is_away_resets_the_client(made: OneLink) -> None:
    made.server.close()
    with pytest.raises(ConnectionResetError):
        received(made.client())


def test_what_a_toxic_does_not_take_is_refused_before_anything_is_touched(made: OneLink) -> None:
    client, server = made.pair()
    for values in ({"latency": -1}, {"stream": "sideways"}, {"todo": 1}, {"for_s": 601}):
        with pytest.raises(BadSetting):
            made.set("latency", **values)
    client.sendall(b"still")
    assert received(server, 5) == b"still"


def test_the_settings_name_each_link_once_and_where_its_server_is() -> None:
    assert tuple(name for name, _process, _variable in LINKS) == PORTS
    given = {
        "LAB": "1",
        # pragma: allowlist nextline secret
        "DATABASE_URL": "postgresql://user:p%40ss@db.example:6000,other:6001/eventually",
        "MONGODB_URL": "mongodb://[::1]:27018/eventually?replicaSet=rs",
        "RABBITMQ_URL": "amqp://guest:guest@broker/%2F",
    }
    links = {it.name: it for it in Settings.read(Environment(given)).links}
    assert str(links["relay-postgresql"].upstream) == "db.example:6000"
    assert str(links["projector-mongodb"].upstream) == "::1:27018"
    assert str(links["relay-rabbitmq"].upstream) == "broker:5672"
    assert [it.listens_on.port for it in links.values()] == list(range(5021, 5028))
    with pytest.raises(SystemExit, match="LINK_PORTS has to be 7 ports"):
        Settings.read(Environment({"LINK_PORTS": "1,2"}))
