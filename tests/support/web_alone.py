"""Web as a process by itself, and clients of it that are slow or many."""

import base64
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import requests

from chassis.listening import listen
from stack.ports import Ports
from stack.programs import ROOT
from tests.support.waiting import until

# Nothing listens there: the lowest port needs a privilege.
NOWHERE = "http://127.0.0.1:1"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]"
SERVICES = ("COMMAND_SERVICE_URL", "QUERY_SERVICE_URL", "RELAY_URL", "PROJECTOR_URL")


@dataclass(frozen=True)
class Web:
    """A running web."""

    port: int
    pid: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> requests.Response:
        """Ask as anybody else would, and be answered while others are slow."""
        return requests.get(self.url + path, timeout=60)

    def refusal(self, path: str) -> requests.Response:
        """Ask, and fail if that is answered."""
        answer = self.get(path)
        assert not answer.ok
        return answer

    def connect(self, sends: bytes = b"", *, takes_bytes: int | None = None) -> socket.socket:
        """Connect, send, and leave it at that.

        Args:
            sends: as much of it as the server takes without waiting.
            takes_bytes: how much the client's kernel takes of what it is sent; None for the usual.
        """
        client = socket.socket()
        if takes_bytes is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes_bytes)
        client.settimeout(60)
        client.connect(("127.0.0.1", self.port))
        client.setblocking(False)
        try:
            while sends:
                sends = sends[client.send(sends) :]
        except BlockingIOError:
            pass
        client.settimeout(60)
        return client


@contextmanager
def a_web(log: Path, **variables: str) -> Iterator[Web]:
    """Run web on both loopback addresses, with services that cannot be reached."""
    port = Ports.free().web
    alone = {**dict.fromkeys(SERVICES, NOWHERE), "PORT": str(port), "LISTEN_HOST": "localhost"}
    with log.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "web"],
            cwd=ROOT,
            env={**os.environ, "HOST_KEY": "key", **alone, **variables},
            stderr=told,
            stdout=told,
        )
        try:
            web = Web(port, process.pid, log)
            until(lambda: web.get("/healthz").ok)
            yield web
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def a_page(web: Web, *, takes_bytes: int | None = None, offers: str = "") -> socket.socket:
    """Open a page's WebSocket, and join the room; what it is sent stays unread.

    `offers` is a list of extensions.
    """
    key = base64.b64encode(bytes(16)).decode()
    upgrade = {"Host": f"127.0.0.1:{web.port}", "Connection": "Upgrade", "Upgrade": "websocket"}
    fields = {**upgrade, "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
    if offers:
        fields["Sec-WebSocket-Extensions"] = offers
    lines = ["GET /socket.io/?EIO=4&transport=websocket HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    page = web.connect("\r\n".join([*lines, "", ""]).encode(), takes_bytes=takes_bytes)
    assert page.recv(12) == b"HTTP/1.1 101"
    # Socket.IO's CONNECT in a text frame, masked with zeros (RFC 6455, 5.2).
    page.sendall(bytes([0x81, 0x82, 0, 0, 0, 0]) + b"40")
    return page


def all_of(client: socket.socket) -> bytes:
    """Everything that a client is sent until its connection ends."""
    got = b""
    try:
        while part := client.recv(65536):
            got += part
    except ConnectionError:
        pass
    return got


class WaitingService:
    """A query service that answers a read at once, unless the read prefers to wait."""

    def __init__(self) -> None:
        [self._listener] = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.waiting: list[socket.socket] = []
        self.answered = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        # Closed alone, the socket would still be listened on: its thread waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for client in self.waiting:
            client.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if b"Prefer" in client.recv(65536):
                self.waiting.append(client)
                continue
            client.sendall(ANSWER)
            client.close()
            self.answered += 1

    def answer_all(self) -> None:
        """Answer the reads that wait."""
        for client in self.waiting:
            client.sendall(ANSWER)
