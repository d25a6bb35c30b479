"""Whatever keeps a connection to the broker from coming about, the process waits and goes on."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from chassis.errors import ServerUnavailable
from chassis.rabbitmq import QueueDepths, connection_parameters


def says_nothing(_client: socket.socket) -> None:
    """Be a broker that is frozen, behind a black hole, or asked by a process that was frozen."""


def hangs_up(client: socket.socket) -> None:
    client.close()


def says_nonsense(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def begins_a_frame(client: socket.socket) -> None:
    client.sendall(b"\x01\x00\x00\x00\x00\x01\xff")


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.mark.parametrize("behaves", [says_nothing, hangs_up, says_nonsense, begins_a_frame])
def test_a_handshake_that_comes_to_nothing_is_a_broker_that_is_away(
    server: socket.socket, behaves: Callable[[socket.socket], None]
) -> None:
    came: list[socket.socket] = []

    def serve() -> None:
        for _ in range(2):
            client, _address = server.accept()
            came.append(client)
            behaves(client)

    threading.Thread(target=serve, daemon=True).start()
    parameters = connection_parameters(f"amqp://127.0.0.1:{server.getsockname()[1]}", "test")
    for each in parameters:
        each.stack_timeout = each.socket_timeout = 0.2
    with pytest.raises(ServerUnavailable):
        QueueDepths(parameters, ["queue"])()
    # It asks once more, as the first connection may have been an old one.
    assert len(came) == 2
    for client in came:
        client.close()
