"""A server whose clients are slow, silent, rude or many; on real sockets."""

import asyncio
import json
import logging
import re
import resource
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry

from chassis.http import MAX_BODY_BYTES, new_app, read_body
from chassis.lab.lab import Lab
from chassis.lab.switches import Pause
from chassis.listening import listen
from chassis.process import Process
from chassis.serving import Hold, HttpServer
from chassis.serving.connection import Connection
from chassis.settings import Environment, ProcessSettings, Timeouts
from tests.support.waiting import until

THREADS = 2
# Long enough that no test is ended by it.
FOR_EVER = Timeouts(request_s=600, idle_s=600, answer_s=600)
# More than a socket's buffers hold.
LARGE_BYTES = 30_000_000
Address = tuple[str, int]
CHUNKED = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"


class Served:
    """An app on a port, and what its routes wait for and tell."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.working = threading.Semaphore(0)
        self.closed = threading.Event()
        self.app = new_app("served", {}, CollectorRegistry())
        self._add_routes(self.app)

    def _add_routes(self, app: Flask) -> None:
        @app.route("/echo", methods=["GET", "POST"])
        def echo() -> Response:
            return Response(read_body(request), headers={"Told": request.headers.get("Told", "")})

        @app.get("/slow")
        def slow() -> str:
            self.working.release()
            assert self.may_end.wait(60)
            return "done"

        @app.get("/stream")
        def stream() -> Response:
            def pieces() -> Iterator[bytes]:
                try:
                    while True:
                        yield b"x" * 100_000
                finally:
                    self.closed.set()

            return Response(pieces())

        @app.get("/own")
        def own() -> Response:
            return Response("page", headers={"Content-Security-Policy": "default-src 'self'"})

        @app.get("/pieces")
        def pieces() -> Response:
            return Response(iter([b"one,", b"two,", b"three"]))

        @app.get("/large")
        def large() -> Response:
            return Response(b"x" * LARGE_BYTES)

    @contextmanager
    def on_a_port(
        self, timeouts: Timeouts = FOR_EVER, hold: Hold | None = None
    ) -> Iterator[Address]:
        listeners = listen("127.0.0.1", 0)
        address: Address = listeners[0].getsockname()
        with HttpServer(self.app, listeners, THREADS, MAX_BODY_BYTES, timeouts, hold):
            try:
                yield address
            finally:
                self.may_end.set()


Ask = Callable[[Address, str], socket.socket]


def ask_it(address: Address, text: str) -> socket.socket:
    client = socket.create_connection(address, timeout=60)
    client.sendall(text.encode())
    return client


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Sends the beginning of a request, or all of it, on a connection that the test closes."""
    with ExitStack() as clients:
        yield lambda address, text: clients.enter_context(ask_it(address, text))


def answer_on(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Return the status, headers and body of what the server says until it hangs up."""
    with client, client.makefile("rb") as reader:
        status = int(reader.readline().split()[1])
        headers = {}
        while line := reader.readline().strip().decode():
            name, _, value = line.partition(": ")
            headers[name] = value
        return status, headers, reader.read()


def get(address: Address, path: str, *headers: str) -> tuple[int, dict[str, str], bytes]:
    lines = (f"GET {path} HTTP/1.1", "Host: here", "Connection: close", *headers, "", "")
    return answer_on(ask_it(address, "\r\n".join(lines)))


def problem(body: bytes) -> str:
    return str(json.loads(body)["type"]).rpartition(":")[2]


def open_all(ask: Ask, address: Address, opened: list[socket.socket]) -> None:
    """Connect until this process may open no more files."""
    with pytest.raises(OSError, match="Too many open files"):
        opened.extend(ask(address, "") for _ in range(1000))


def take_all(client: socket.socket) -> None:
    while client.recv(1_000_000):
        pass


def is_ended(client: socket.socket) -> bool:
    """Return whether the server has ended a connection on which it said nothing."""
    client.settimeout(0.01)
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_a_request_is_answered_whole_and_the_connection_stays(ask: Ask) -> None:
    with Served().on_a_port() as address:
        told = "Told: a\r\nTold: b\r\nContent-Length: 5\r\n\r\nhello"
        once = f"POST /echo HTTP/1.1\r\nHost: h\r\n{told}"
        last = f"POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{told}"
        status, headers, rest = answer_on(ask(address, once + last))
        assert (status, headers["told"]) == (200, "a,b")
        assert rest.startswith(b"hello" + b"HTTP/1.1 200 OK")
        assert rest.endswith(b"hello")


def test_many_requests_at_once_are_answered_in_order_and_so_is_what_comes_later(ask: Ask) -> None:
    with Served().on_a_port() as address:
        bodies = [f"{number:04}" for number in range(100)]
        head = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n"
        client = ask(address, "".join(head + body for body in bodies[:50]))
        with client.makefile("rb") as reader:
            for number, body in enumerate(bodies):
                while reader.readline().strip():
                    pass
                assert reader.read(4) == body.encode()
                if number >= 49:
                    client.sendall((head + bodies[(number + 1) % 100]).encode())


def test_a_client_that_is_reset_at_once_leaves_nothing_behind(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    with Served().on_a_port() as address:
        for _ in range(50):
            client = socket.create_connection(address)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        assert get(address, "/echo")[0] == 200
    assert not caplog.records


def test_a_body_in_chunks_has_no_length_and_is_read(ask: Ask) -> None:
    with Served().on_a_port() as address:
        head = "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        head += "Transfer-Encoding: chunked\r\n\r\n"
        assert answer_on(ask(address, head + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))[2] == b"abcde"


def test_what_comes_after_a_body_in_chunks_is_no_header(ask: Ask) -> None:
    with Served().on_a_port() as address:
        head = "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        head += "Transfer-Encoding: chunked\r\n\r\n"
        _, headers, body = answer_on(ask(address, head + "1\r\na\r\n0\r\nTold: late\r\n\r\n"))
        assert body == b"a"
        assert "late" not in headers.values()


def test_a_path_and_its_bytes_come_as_they_were_sent() -> None:
    served = Served()
    served.app.add_url_rule("/p/<path>", "p", lambda path: path + request.args.get("q", ""))
    with served.on_a_port() as address:
        assert get(address, "/p/caf%C3%A9?q=%C3%BC")[2] == "caféü".encode()


def test_a_head_request_has_no_body(ask: Ask) -> None:
    with Served().on_a_port() as address:
        text = "HEAD /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        status, headers, body = answer_on(ask(address, text))
        assert (status, body) == (200, b"")
        assert int(headers["content-length"]) > 0


def test_pieces_come_in_order() -> None:
    with Served().on_a_port() as address:
        assert get(address, "/pieces")[2] == b"4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n0\r\n\r\n"


def test_pieces_end_with_the_connection_where_chunks_are_not_known(ask: Ask) -> None:
    with Served().on_a_port() as address:
        assert answer_on(ask(address, "GET /pieces HTTP/1.0\r\n\r\n"))[2] == b"one,two,three"


def test_what_is_not_taken_at_once_comes_whole_and_before_the_next_answer(ask: Ask) -> None:
    with Served().on_a_port() as address:
        large = "GET /large HTTP/1.1\r\nHost: h\r\n\r\n"
        last = "GET /pieces HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        client = ask(address, large)
        assert client.recv(12) == b"HTTP/1.1 200"
        client.sendall(last.encode())
        with client.makefile("rb") as reader:
            while reader.readline().strip():
                pass
            assert reader.read(LARGE_BYTES) == b"x" * LARGE_BYTES
            assert reader.read().endswith(b"three\r\n0\r\n\r\n")


def test_a_client_that_asks_before_it_sends_a_body_is_told_to_go_on(ask: Ask) -> None:
    with Served().on_a_port() as address:
        first = "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n"
        head = "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        head += "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        for before in ("", first):
            client = ask(address, before + head)
            with client.makefile("rb") as reader:
                if before:
                    assert reader.readline().startswith(b"HTTP/1.1 200")
                    while reader.readline().strip():
                        pass
                assert reader.readline() == b"HTTP/1.1 100 Continue\r\n"
                assert reader.readline() == b"\r\n"
                client.sendall(b"hello")
                assert reader.readline().startswith(b"HTTP/1.1 200")
                assert reader.read().endswith(b"\r\n\r\nhello")


@pytest.mark.parametrize(
    ("field", "part", "status"),
    [("X: " + "y" * 17_000 + "\r\n", "", 431), ("", "x" * (MAX_BODY_BYTES + 1), 413)],
    ids=["a large head", "a large body"],
)
def test_nobody_is_told_to_go_on_after_the_answer(
    field: str, part: str, status: int, ask: Ask
) -> None:
    with Served().on_a_port() as address:
        head = f"POST /echo HTTP/1.1\r\nHost: h\r\n{field}"
        head += "Expect: 100-continue\r\nContent-Length: 100000\r\n\r\n"
        # It does not stay: what comes next could be that body, or a request.
        got, headers, body = answer_on(ask(address, head + part))
        assert got == status
        assert headers["connection"] == "close"
        assert len(body) == int(headers["content-length"])


def test_nobody_is_told_to_go_on_who_does_not_know_of_it(ask: Ask) -> None:
    with Served().on_a_port() as address:
        head = "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        client = ask(address, head + "hel")
        # By then it has been read.
        assert get(address, "/echo")[0] == 200
        client.sendall(b"lo")
        assert answer_on(client)[0] == 200


def test_an_answer_wakes_the_loop_for_nothing(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(Connection, "in_loop", lambda *call: calls.append(call))
    with Served().on_a_port() as address:
        client = ask(address, "")
        for _ in range(20):
            client.sendall(b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n")
            assert client.recv(10_000).startswith(b"HTTP/1.1 200")
        assert calls == []


def test_half_sent_bodies_keep_nobody_waiting_and_end_with_408(ask: Ask) -> None:
    half = "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nhalf of"
    with Served().on_a_port(Timeouts(request_s=2, idle_s=600, answer_s=600)) as address:
        slow = [ask(address, half) for _ in range(50)]
        assert get(address, "/echo")[0] == 200
        for client in slow:
            status, headers, body = answer_on(client)
            assert (status, problem(body)) == (408, "request-too-slow")
            assert headers["connection"] == "close"


def test_a_head_that_stops_ends_with_408(ask: Ask) -> None:
    with Served().on_a_port(Timeouts(request_s=1, idle_s=600, answer_s=600)) as address:
        status, _, body = answer_on(ask(address, "GET /echo HTTP/1.1\r\nHost: he"))
        assert (status, problem(body)) == (408, "request-too-slow")


@pytest.mark.parametrize(
    "said", ["", "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n"], ids=["nothing", "once"]
)
def test_a_connection_that_says_nothing_more_is_ended(said: str, ask: Ask) -> None:
    with Served().on_a_port(Timeouts(request_s=600, idle_s=1, answer_s=600)) as address:
        client = ask(address, said)
        if said:
            assert client.recv(10_000).startswith(b"HTTP/1.1 200 OK")
        until(lambda: is_ended(client))


def test_an_answer_that_is_not_taken_holds_no_thread_and_is_given_up(ask: Ask) -> None:
    served = Served()
    with served.on_a_port(Timeouts(request_s=600, idle_s=600, answer_s=1)) as address:
        rude = [ask(address, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n") for _ in range(THREADS * 3)]
        assert get(address, "/echo")[0] == 200
        assert served.closed.wait(30), "what makes the answer is closed, too"
        for client in rude:
            # It takes what had been sent until then, and finds the connection closed or reset.
            with suppress(ConnectionResetError):
                take_all(client)


def test_a_client_that_takes_its_time_is_not_given_up(ask: Ask) -> None:
    with Served().on_a_port(Timeouts(request_s=600, idle_s=600, answer_s=1)) as address:
        client = ask(address, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")
        taken_bytes = 0
        # Far more than any buffer holds.
        while taken_bytes < 30_000_000:
            piece = client.recv(200_000)
            assert piece
            taken_bytes += len(piece)


def test_probes_are_answered_while_all_threads_are_busy(ask: Ask) -> None:
    served = Served()
    with served.on_a_port() as address:
        text = "GET /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        busy = [ask(address, text) for _ in range(THREADS * 2)]
        for _ in range(THREADS):
            assert served.working.acquire(timeout=60)
        assert get(address, "/healthz")[0] == 200
        assert get(address, "/readyz")[0] == 200
        served.may_end.set()
        assert [answer_on(client)[2] for client in busy] == [b"done"] * (THREADS * 2)


def test_probes_and_the_lab_are_answered_while_a_server_hangs(ask: Ask) -> None:
    served = Served()

    def hang() -> dict[str, int]:
        served.may_end.wait(60)
        return {}

    settings = ProcessSettings.read(Environment({"LAB": "1"}), "served", "PORT", 0)
    process = Process(settings, TracerProvider(shutdown_on_exit=False))
    served.app = process.new_app("served", {"store": hang}, Lab(Pause()), hang)
    with served.on_a_port() as address:
        asked = ["/lab", "/readyz"] * THREADS * 2
        for path in asked:
            ask(address, f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n")
        assert get(address, "/healthz")[0] == 200
        assert get(address, "/lab")[0] == 200


def test_a_thread_that_cannot_be_started_is_not_counted(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = Served()
    text = "GET /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    with served.on_a_port() as address:
        with no_new_threads(monkeypatch):
            status, _, body = get(address, "/slow")
            assert (status, json.loads(body)["status"]) == (500, 500)
        clients = [ask(address, text)]
        assert served.working.acquire(timeout=60)
        with no_new_threads(monkeypatch) as failed:
            clients.append(ask(address, text))
            until(failed.is_set)
        clients.append(ask(address, text))
        assert served.working.acquire(timeout=60), "there is a thread for it now"
        served.may_end.set()
        assert [answer_on(client)[2] for client in clients] == [b"done"] * 3


@contextmanager
def no_new_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let no thread be started; tell when one should have been."""
    failed = threading.Event()

    def start(_thread: threading.Thread) -> None:
        failed.set()
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        yield failed


def test_a_request_that_cannot_be_given_to_a_thread_is_answered_with_500(ask: Ask) -> None:
    def hold(_environ: dict[str, Any]) -> Awaitable[None] | None:
        raise LookupError

    with Served().on_a_port(hold=hold) as address:
        once = "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n"
        last = "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        status, headers, rest = answer_on(ask(address, once + last))
        assert (status, headers["content-type"]) == (500, "application/problem+json")
        assert rest.count(b"HTTP/1.1 500") == 1


def test_what_waits_holds_no_thread_and_leaves_with_its_client(ask: Ask) -> None:
    left = threading.Semaphore(0)
    let_go: list[Callable[[], object]] = []

    def hold(environ: dict[str, Any]) -> Awaitable[None] | None:
        return wait() if "HTTP_WAIT" in environ else None

    async def wait() -> None:
        go = asyncio.Event()
        loop = asyncio.get_running_loop()
        let_go.append(partial(loop.call_soon_threadsafe, go.set))
        try:
            await go.wait()
        finally:
            left.release()

    with Served().on_a_port(hold=hold) as address:
        text = "GET /echo HTTP/1.1\r\nHost: h\r\nWait: yes\r\nConnection: close\r\n\r\n"
        waiting = [ask(address, text) for _ in range(20)]
        until(lambda: len(let_go) == 20)
        assert get(address, "/echo")[0] == 200
        waiting.pop().close()
        assert left.acquire(timeout=60), "nobody is waited for who has gone"
        for go in let_go:
            go()
        assert [answer_on(client)[0] for client in waiting] == [200] * 19


@pytest.mark.parametrize(
    ("text", "status", "name"),
    [
        ("What?\r\n\r\n", 400, "malformed-request"),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, ""),
        # More than one read and the limit.
        ("GET / HTTP/1.1\r\nHost: h\r\nX: " + "y" * 400_000, 431, "headers-too-large"),
        (CHUNKED + "1\r\na\r\n0\r\nX: " + "y" * 400_000, 431, "headers-too-large"),
        (CHUNKED + "1\r\na\r\n0\r\n" + "X: y\r\n" * 70_000, 431, "headers-too-large"),
        (CHUNKED + "1;" + "y" * 400_000, 431, "headers-too-large"),
        (CHUNKED + "0" * 400_000, 431, "headers-too-large"),
        ("\r\n" * 200_000, 431, "headers-too-large"),
        (
            "GET / HTTP/1.1\r\nConnection: close\r\nX: " + "y" * 17_000 + "\r\n\r\n",
            431,
            "headers-too-large",
        ),
    ],
    ids=[
        "no HTTP",
        "two lengths",
        "an endless head",
        "an endless trailer",
        "endless trailers",
        "an endless extension of a chunk",
        "an endless length of a chunk",
        "endless blank lines",
        "a large head",
    ],
)
def test_what_cannot_be_read_is_refused_with_a_problem(
    text: str, status: int, name: str, ask: Ask
) -> None:
    with Served().on_a_port() as address:
        got, headers, body = answer_on(ask(address, text))
        assert got == status
        assert headers["content-type"] == "application/problem+json"
        assert problem(body) == (name or "malformed-request")


def test_a_body_that_is_too_large_is_not_read_to_its_end(ask: Ask) -> None:
    with Served().on_a_port() as address:
        head = "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        head += f"Content-Length: {10**12}\r\n\r\n"
        status, _, body = answer_on(ask(address, head + "x" * (MAX_BODY_BYTES + 1)))
        assert (status, problem(body)) == (413, "body-too-large")


def test_stopping_finishes_what_is_in_hand_and_gives_up_the_rest(ask: Ask) -> None:
    served = Served()
    with ExitStack() as stack:
        address = stack.enter_context(served.on_a_port())
        in_hand = ask(address, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        assert served.working.acquire(timeout=60)
        half = ask(address, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf")
        silent = ask(address, "")
        stack.callback(served.may_end.set)
    assert answer_on(in_hand)[2] == b"done"
    assert is_ended(half)
    assert is_ended(silent)


def test_stopping_answers_all_that_has_arrived(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    working, stopping = threading.Event(), threading.Event()
    finish = Connection.finish

    def last() -> str:
        working.set()
        assert stopping.wait(60)
        return "done"

    def finish_and_tell(connection: Connection) -> None:
        finish(connection)
        stopping.set()

    monkeypatch.setattr(Connection, "finish", finish_and_tell)
    served = Served()
    served.app.add_url_rule("/last", "last", last)
    with served.on_a_port() as address:
        more = "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n" * 2
        client = ask(address, "GET /last HTTP/1.1\r\nHost: h\r\n\r\n" + more)
        assert working.wait(60)
    answers = answer_on(client)[2]
    assert answers.count(b"HTTP/1.1 200") == 2
    assert answers.count(b"connection: close") == 1


def test_stopping_does_not_wait_for_who_came_just_before(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, finish = Connection.connection_made, Connection.finish
    late: list[Callable[[], None]] = []
    cut_off: list[Connection] = []

    def finish_and_make(connection: Connection) -> None:
        finish(connection)
        while late:
            asyncio.get_running_loop().call_soon(late.pop())

    with Served().on_a_port() as address:
        first = ask(address, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n")
        assert first.recv(10_000).startswith(b"HTTP/1.1 200")
        monkeypatch.setattr(
            Connection, "connection_made", lambda *it: late.append(partial(made, *it))
        )
        client = ask(address, "")
        until(lambda: bool(late))
        monkeypatch.setattr(Connection, "finish", finish_and_make)
        monkeypatch.setattr(Connection, "abort", cut_off.append)
    assert is_ended(client)
    assert not cut_off


@pytest.mark.parametrize("path", ["/slow", "/pieces"])
def test_a_connection_was_not_quiet_while_it_was_answered(
    path: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet_since: list[float] = []

    def note(connection: Connection, name: str, value: object) -> None:
        object.__setattr__(connection, name, value)
        if name == "_answering" and value is None:
            quiet_since.append(connection.quiet_since)

    served = Served()
    served.may_end.set()
    with served.on_a_port() as address:
        client = ask(address, "")
        assert get(address, "/echo")[0] == 200
        monkeypatch.setattr(Connection, "__setattr__", note)
        asked_at = time.monotonic()
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        until(lambda: bool(quiet_since))
    assert quiet_since[0] > asked_at


def test_many_requests_for_another_protocol_at_once_are_answered(ask: Ask) -> None:
    with Served().on_a_port() as address:
        wishes = "Host: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
        last = "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        client = ask(address, f"GET /echo HTTP/1.1\r\n{wishes}" * 1500 + last)
        assert answer_on(client)[2].count(b"HTTP/1.1 200") == 1500


def test_a_body_is_read_though_its_request_asks_for_another_protocol(ask: Ask) -> None:
    with Served().on_a_port() as address:
        wishes = (
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
        )
        inner = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"
        head = f"POST /echo HTTP/1.1\r\nHost: h\r\n{wishes}Content-Length: {len(inner)}\r\n\r\n"
        last = "GET /pieces HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        for parts in ([head, inner, last], [head + inner + last]):
            client = ask(address, parts[0])
            for part in parts[1:]:
                client.sendall(part.encode())
            status, _, rest = answer_on(client)
            assert status == 200
            assert rest.startswith(inner.encode() + b"HTTP/1.1 200 OK")
            assert rest.endswith(b"three\r\n0\r\n\r\n")


def test_a_refusal_never_comes_before_the_answer_to_what_was_asked_first(ask: Ask) -> None:
    served = Served()
    with served.on_a_port() as address:
        client = ask(address, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\nWhat?\r\n\r\n")
        assert served.working.acquire(timeout=60)
        served.may_end.set()
        status, _, rest = answer_on(client)
        assert status == 200
        # It may be over before the rest is read, which is then refused by itself.
        assert rest == b"done" or rest.startswith(b"doneHTTP/1.1 400 Bad Request")


def test_a_refusal_takes_no_answer_from_what_was_asked_first(ask: Ask) -> None:
    served = Served()
    with served.on_a_port() as address:
        more = "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n" * 3
        first = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"
        client = ask(address, first + more + "What?\r\n\r\n")
        assert served.working.acquire(timeout=60)
        served.may_end.set()
        assert answer_on(client)[2].count(b"HTTP/1.1 200") == 3


def test_many_small_requests_and_a_part_of_one_are_no_large_head(ask: Ask) -> None:
    def hold(environ: dict[str, Any]) -> Awaitable[None] | None:
        if "HTTP_WAIT" in environ:
            holding.set()
            assert all_sent.wait(60)
        return None

    holding, all_sent = threading.Event(), threading.Event()
    with Served().on_a_port(hold=hold) as address:
        client = ask(address, "")
        # The loop itself waits, so that it finds all of it at once.
        other = ask(address, "GET /echo HTTP/1.1\r\nHost: h\r\nWait: yes\r\n\r\n")
        assert holding.wait(60)
        client.sendall(b"GET /echo HTTP/1.1\r\n\r\n" * 3000 + b"GET /ec")
        all_sent.set()
        assert other.recv(10_000).startswith(b"HTTP/1.1 200")
        client.sendall(b"ho HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert answer_on(client)[2].count(b"HTTP/1.1 200") == 3000


def test_a_request_that_has_its_answer_gets_no_other(ask: Ask) -> None:
    with Served().on_a_port() as address:
        client = ask(address, CHUNKED + "5000\r\n" + "x" * 0x5000)
        with client.makefile("rb") as reader:
            assert reader.readline().startswith(b"HTTP/1.1 413")
            client.sendall(b"What?\r\n")
            assert b"HTTP/1.1" not in reader.read()


def test_what_an_app_tells_browsers_itself_is_told_once(ask: Ask) -> None:
    with Served().on_a_port() as address:
        for path, policy in (
            ("/echo", "default-src 'none'; frame-"),
            ("/own", "default-src 'self'"),
        ):
            client = ask(address, f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            with client.makefile("rb") as reader:
                head = reader.read().decode()
            assert head.count("content-security-policy: ") == 1
            assert f"content-security-policy: {policy}" in head
            assert "x-content-type-options: nosniff" in head


def test_a_blank_line_is_no_request_and_keeps_no_connection_open(ask: Ask) -> None:
    with Served().on_a_port(Timeouts(request_s=600, idle_s=1, answer_s=600)) as address:
        client = ask(address, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n")
        assert client.recv(10_000).startswith(b"HTTP/1.1 200 OK")
        client.sendall(b"\r\n")
        until(lambda: is_ended(client), within_s=60)


@pytest.mark.parametrize("text", ["CONNECT x:80 HTTP/1.1\r\n\r\n", "GET x HTTP/1.1\r\n\r\n"])
def test_what_is_refused_first_leaves_the_server_whole(text: str, ask: Ask) -> None:
    with Served().on_a_port() as address:
        assert answer_on(ask(address, text))[0] == 400
        assert get(address, "/echo")[0] == 200


def test_too_many_open_files_is_said_once_and_the_server_lives_on(
    caplog: pytest.LogCaptureFixture, ask: Ask
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = len(list(Path("/dev/fd").iterdir()))
    with Served().on_a_port() as address:
        clients = [ask(address, "")]
        refused = [ask(address, "What?\r\n\r\n") for _ in range(5)]
        # Whoever connected before it is known when this is answered.
        assert get(address, "/healthz")[0] == 200
        # Each connection has two ends in this process.
        resource.setrlimit(resource.RLIMIT_NOFILE, (opened + 60, hard))
        try:
            with caplog.at_level(logging.ERROR):
                # Again and again, as this process may close a file of its own just before the
                # server looks.
                def said() -> list[str]:
                    open_all(ask, address, clients)
                    return complaints(caplog)

                until(said)
                until(lambda: any(map(is_ended, clients)))
                for client in clients[:20] + refused:
                    client.close()
                until(lambda: get(address, "/healthz")[0] == 200)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    [complaint] = complaints(caplog)
    assert f"at most {opened + 60} are allowed" in complaint


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the server says, and not the stack's control, which may run in this process too.

    That has one connection at most, from the stack's web.
    """
    said = [record.getMessage() for record in caplog.records]
    of_control = re.compile(r"\b[01] connections are open")
    return [text for text in said if "too many open files" in text and not of_control.search(text)]
