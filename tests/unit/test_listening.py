"""Listening: on both loopback addresses, or not at all."""

import socket

import pytest

from chassis.listening import listen


def test_localhost_is_both_loopback_addresses() -> None:
    listeners = listen("localhost", 0)
    port = listeners[0].getsockname()[1]
    for address in ("127.0.0.1", "::1"):
        socket.create_connection((address, port), timeout=60).close()
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize("taken", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken_on_either_address_is_taken(taken: str) -> None:
    [foreign] = listen(taken, 0)
    port = foreign.getsockname()[1]
    with pytest.raises(SystemExit, match=f"cannot listen on {taken}, port {port}"):
        listen("localhost", port)
    foreign.close()
    # Nothing is left behind: the port can be taken now.
    for listener in listen("localhost", port):
        listener.close()


def test_an_address_is_that_address_alone() -> None:
    [listener] = listen("127.0.0.1", 0)
    assert listener.getsockname()[0] == "127.0.0.1"
    listener.close()
