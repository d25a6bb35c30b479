"""A load generator: keep-alive connections, one request under way on each."""

import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# Returns the bytes of the n-th request.
Request = Callable[[int], bytes]


@dataclass
class Result:
    """The result of a load.

    Args:
        seconds: how long it took.
        latencies_s: the latency of each answer, from the moment its request was due.
        failed: answers other than the expected one.
    """

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def per_s(self) -> float:
        """Return the good answers a second."""
        return (len(self.latencies_s) - self.failed) / self.seconds

    def quantile_ms(self, share: float) -> float:
        """Return the latency that a share of the answers did not exceed."""
        ordered = sorted(self.latencies_s)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000


@dataclass
class _Connection:
    socket: socket.socket
    number: int = 0
    due_s: float = 0.0
    received: bytes = b""


@dataclass
class _Connections:
    """Connections to one server, and what became of the requests on them."""

    poller: select.epoll
    by_fd: dict[int, _Connection]
    idle: list[_Connection]
    result: Result = field(default_factory=Result)

    @classmethod
    def open(cls, url: str, count: int) -> "_Connections":
        """Connect, so that the load does not pay for it."""
        address = urlsplit(url)
        poller = select.epoll()
        by_fd: dict[int, _Connection] = {}
        for _ in range(count):
            opened = socket.create_connection((str(address.hostname), int(address.port or 80)))
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            by_fd[opened.fileno()] = _Connection(opened)
            poller.register(opened, select.EPOLLIN)
        return cls(poller, by_fd, list(by_fd.values()))

    @property
    def all_idle(self) -> bool:
        """Return whether no request is under way."""
        return len(self.idle) == len(self.by_fd)

    def send(self, number: int, due_s: float, request: bytes) -> None:
        """Send a request on an idle connection."""
        free = self.idle.pop()
        free.number, free.due_s = number, due_s
        free.socket.sendall(request)

    def receive(
        self, within_s: float, expected: bytes, answered: Callable[[int, bytes], None]
    ) -> None:
        """Take the answers that have arrived, or that arrive within a time."""
        for fd, _event in self.poller.poll(within_s):
            connection = self.by_fd[fd]
            connection.received += connection.socket.recv(262_144)
            length = _complete(connection.received)
            if length is None:
                continue
            self.result.latencies_s.append(time.perf_counter() - connection.due_s)
            if expected not in connection.received[8:12]:
                self.result.failed += 1
            answered(connection.number, connection.received[:length])
            connection.received = connection.received[length:]
            self.idle.append(connection)

    def close(self) -> None:
        """Close them all."""
        for connection in self.by_fd.values():
            connection.socket.close()
        self.poller.close()


def run(
    url: str,
    request: Request,
    *,
    seconds: float,
    connections: int = 16,
    per_s: float | None = None,
    expected: bytes = b" 20",
    answered: Callable[[int, bytes], None] = lambda _number, _answer: None,
) -> Result:
    """Send requests for some time, as fast as answers come or at a steady rate.

    At a rate, latency counts from the moment the request was due, so that a server cannot hide
    a stall (coordinated omission).

    Args:
        url: where the server is.
        request: the bytes of the n-th request.
        seconds: for how long.
        connections: how many at once.
        per_s: the rate, None for as fast as it goes.
        expected: what the status line has to contain.
        answered: called with the number of each request, and the whole answer.
    """
    load, sent = _Connections.open(url, connections), 0
    began_s = now_s = time.perf_counter()
    end_s = began_s + seconds
    while now_s < end_s or not load.all_idle:
        while load.idle and now_s < end_s:
            due_s = now_s if per_s is None else began_s + sent / per_s
            if due_s > now_s:
                break
            load.send(sent, due_s, request(sent))
            sent += 1
        load.receive(0.001 if per_s else 1.0, expected, answered)
        now_s = time.perf_counter()
    load.result.seconds = time.perf_counter() - began_s
    load.close()
    return load.result


def _complete(received: bytes) -> int | None:
    """Return the length of the answer if all of it is there."""
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return None
    at = received.find(b"content-length: ", 0, head)
    if at < 0:
        at = received.find(b"Content-Length: ", 0, head)
    # 304 and 204 have no body and no length.
    body = 0 if at < 0 else int(received[at + 16 : received.find(b"\r\n", at)])
    return head + 4 + body if len(received) >= head + 4 + body else None


def post(path: str, body: bytes, headers: str = "") -> bytes:
    """Return a POST request as bytes."""
    return command("POST", path, body, headers)


def command(method: str, path: str, body: bytes, headers: str = "") -> bytes:
    """Return a request with a body of JSON as bytes."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{headers}\r\n"
    ).encode() + body


def get(path: str, headers: str = "") -> bytes:
    """Return a GET request as bytes."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode()
