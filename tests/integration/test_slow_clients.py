"""Web and clients that are slow or many: each ends in time, and none stops the others."""

import re
import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import requests
import socketio
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from tests.support import until
from tests.support.web_alone import WaitingService, Web, a_page, a_web, all_of

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="asks Linux whether a connection has ended, and for its files"
)
MANY, EACH = 200, 25
HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
SILENT = {
    "says nothing": b"",
    "says nothing after an answer": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "stops in its first line": b"GET /hea",
    "stops in its headers": b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
    "stops in a small body": HEAD + b"Content-Length: 100\r\n\r\n123",
    "stops in a large body": HEAD + b"Content-Length: 1000000\r\n\r\n123",
    "stops in a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n64\r\n123",
    "stops in what it tells Socket.IO": (
        b"POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: x\r\n"
        b"Content-Length: 100\r\n\r\n4"
    ),
}
PROTOBUF = {"Content-Type": "application/x-protobuf"}
WAITS = b"GET /queries/todos HTTP/1.1\r\nHost: x\r\nPrefer: wait=30\r\n\r\n"
ASKS_MUCH = b"GET /static/vendor/uPlot-1.6.32.min.js HTTP/1.1\r\nHost: x\r\n\r\n" * 2000


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    log = tmp_path_factory.mktemp("web") / "log"
    in_short = {"IDLE_TIMEOUT_S": "2", "REQUEST_TIMEOUT_S": "2", "ANSWER_TIMEOUT_S": "1"}
    with a_web(log, **in_short) as web:
        yield web


def test_clients_that_fall_silent_are_let_go_of_and_stop_nobody(web: Web) -> None:
    silent = {kind: [web.connect(sends) for _ in range(EACH)] for kind, sends in SILENT.items()}
    assert web.get("/").ok
    for kind, clients in silent.items():
        for client in clients:
            with closing(client):
                said = all_of(client)
                if kind == "says nothing":
                    assert said == b""
                elif kind == "says nothing after an answer":
                    assert said.startswith(b"HTTP/1.1 200 ")
                else:
                    assert said.startswith(b"HTTP/1.1 408 "), kind
                    assert b"Content-Type: application/problem+json" in said
                    assert b"urn:eventually:problem:request-too-slow" in said


def test_a_client_that_takes_no_answer_is_let_go_of_and_stops_nobody(web: Web) -> None:
    clients = [web.connect(ASKS_MUCH, takes_bytes=4096) for _ in range(MANY)]
    assert web.get("/").ok
    for client in clients:
        with closing(client):
            ended = select.poll()
            ended.register(client, 0)
            assert ended.poll(60_000), "it goes on to be served"


def test_a_request_that_breaks_off_in_its_headers_is_not_carried_out(web: Web) -> None:
    with closing(web.connect(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")) as client:
        client.shutdown(socket.SHUT_WR)
        assert all_of(client) == b""


@pytest.mark.parametrize(
    "fields",
    [
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3",
        b"Content-Length: 1_0",
        b"Content-Length: +3",
        b"Content-Length: 3\r\nContent-Length: 4",
    ],
)
def test_a_body_whose_end_is_in_doubt_is_not_taken_for_another_request(
    web: Web, fields: bytes
) -> None:
    hidden = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    head = b"POST /commands/todos HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n\r\n"
    with closing(web.connect(head + hidden)) as client:
        said = all_of(client)
    assert said.count(b"HTTP/1.1 ") == 1
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"urn:eventually:problem:malformed-request" in said


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"no http", b"400"),
        (b"GET / HTTP/1.1 and more", b"400"),
        (b"GET / HTTP/9.0", b"400"),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1", b"414"),
        (b"GET / HTTP/1.1\r\nHost : x", b"400"),
        (b"GET / HTTP/1.1\r\nX: y" + b"\r\nX: y" * 100, b"431"),
    ],
    ids=lambda value: value[:20].decode(),
)
def test_what_is_no_request_is_refused_with_a_problem(web: Web, line: bytes, status: bytes) -> None:
    with closing(web.connect(line + b"\r\n\r\n")) as client:
        said = all_of(client)
    assert said.startswith(b"HTTP/1.1 " + status)
    assert b"Content-Type: application/problem+json" in said


def test_a_body_in_parts_is_for_the_app_to_judge(web: Web) -> None:
    answer = requests.post(f"{web.url}/v1/traces", files={"a": b"b"}, timeout=60)
    assert answer.status_code == 415


def test_the_pages_own_connection_stays_however_long_it_is_quiet(web: Web) -> None:
    polling = socketio.Client(reconnection=False)
    polling.connect(web.url, transports=["polling"])
    with closing(a_page(web)) as page:
        for _ in range(2):
            with closing(web.connect()) as silent:
                assert all_of(silent) == b""
        assert polling.connected
        assert not _is_over(page)
    polling.disconnect()


def test_a_page_that_takes_nothing_is_let_go_of_and_the_others_are_told_all(web: Web) -> None:
    told: list[str] = []
    other = socketio.Client(reconnection=False)
    other.on("hops", lambda message: told.extend(hop["event_id"] for hop in message["hops"]))
    other.connect(web.url, transports=["polling"])
    with closing(a_page(web, takes_bytes=4096)) as page:
        sent: list[str] = []

        def is_over() -> bool:
            if len(sent) < 60_000:
                names = [f"{len(sent) + number}" for number in range(2_000)]
                sent.extend(names)
                body = traces_of(names)
                assert requests.post(f"{web.url}/v1/traces", body, headers=PROTOBUF).ok
            return _is_over(page)

        until(is_over)
    assert "is let go of" in web.log.read_text()
    until(lambda: set(told) == set(sent))
    other.disconnect()


def test_a_whole_class_that_opens_its_charts_lets_others_in_between(web: Web) -> None:
    fill(web)
    asks = b"GET /journeys?limit=5000 HTTP/1.1\r\nHost: x\r\n\r\n"
    charts = [web.connect(asks) for _ in range(10)]
    assert web.get("/healthz").ok
    answered, _, _ = select.select(charts, [], [], 0)
    assert len(answered) < len(charts)
    for client in charts:
        with closing(client):
            assert client.recv(15) == b"HTTP/1.1 200 OK"


def test_clients_that_do_not_take_the_run_cost_little_memory(web: Web) -> None:
    fill(web)
    size_bytes = len(web.get("/export").content)
    process = psutil.Process(web.pid)
    before_bytes = process.memory_info().rss
    asks = b"GET /export HTTP/1.1\r\nHost: x\r\n\r\n"
    clients = [web.connect(asks, takes_bytes=4096) for _ in range(MANY)]
    for client in clients:
        # Its answer has begun, and so all that is kept for it is there.
        assert client.recv(1) == b"H"
    assert process.memory_info().rss - before_bytes < MANY * size_bytes / 4
    for client in clients:
        client.close()


def test_web_answers_on_both_loopback_addresses(web: Web) -> None:
    for host in ("127.0.0.1", "[::1]"):
        assert requests.get(f"http://{host}:{web.port}/", timeout=60).ok


def test_idle_connections_make_room_and_busy_ones_leave_room_for_health(tmp_path: Path) -> None:
    with a_web(tmp_path / "log", MAX_CONNECTIONS="20") as web:
        idle = [web.connect() for _ in range(100)]
        assert web.get("/").ok
        assert until(lambda: sum(_is_over(client) for client in idle) >= 80)
        busy = [web.connect(b"GET / HTTP/1.1\r\n") for _ in range(20)]
        refused = until(lambda: [web.refusal("/")])[0]
        assert refused.headers["Retry-After"] == "2"
        assert refused.json()["type"] == "urn:eventually:problem:too-many-connections"
        for path in ("/healthz", "/readyz"):
            assert web.get(path).ok
        for client in idle + busy:
            client.close()
        assert until(lambda: web.get("/").ok)


def test_running_out_of_files_is_said_once_and_passes(tmp_path: Path) -> None:
    with a_web(tmp_path / "log") as web:
        process = psutil.Process(web.pid)
        _, hard = process.rlimit(psutil.RLIMIT_NOFILE)
        process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds() + 20, hard))
        busy = [web.connect(b"GET / HTTP/1.1\r\n") for _ in range(40)]
        said = re.compile(r"error: no connection can be accepted.*Too many open files")
        until(lambda: said.search(web.log.read_text()))
        for client in busy:
            client.close()
        assert until(lambda: web.get("/").ok)
        assert len(said.findall(web.log.read_text())) == 1
        assert "Traceback" not in web.log.read_text()


def test_reads_that_wait_hold_up_nobody_and_past_a_number_are_refused(tmp_path: Path) -> None:
    with WaitingService() as service:
        settings = {"QUERY_SERVICE_URL": service.url, "MAX_FORWARDED": "500"}
        with a_web(tmp_path / "log", **settings) as web:
            reads = [web.connect(WAITS) for _ in range(500)]
            until(lambda: len(service.waiting) == 500)
            refused = web.get("/queries/todos")
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
            assert refused.json()["type"] == "urn:eventually:problem:too-many-waiting"
            assert web.get("/").ok
            command = requests.post(f"{web.url}/commands/todos", json={"title": "t"}, timeout=60)
            assert command.json()["type"] == "urn:eventually:problem:command-service-unavailable"
            polled = service.answered
            until(lambda: service.answered > polled)
            service.answer_all()
            for client in reads:
                with closing(client):
                    assert client.recv(15) == b"HTTP/1.1 200 OK"
            until(lambda: web.get("/queries/todos").ok)
            assert "pool is full" not in web.log.read_text()


def fill(web: Web) -> None:
    """Let web keep as many journeys as it can."""
    for begin in range(0, 6_000, 2_000):
        body = traces_of([f"run {begin + number}" for number in range(2_000)])
        assert requests.post(f"{web.url}/v1/traces", body, headers=PROTOBUF).ok


def traces_of(events: list[str]) -> bytes:
    """What the relay sends once the broker has confirmed these events."""
    request = ExportTraceServiceRequest()
    of_resource = request.resource_spans.add()
    of_resource.resource.attributes.append(_text("service.name", "relay"))
    spans = of_resource.scope_spans.add().spans
    now_ns = time.time_ns()
    for number, event_id in enumerate(events, 1):
        spans.add(
            start_time_unix_nano=now_ns,
            end_time_unix_nano=now_ns,
            trace_id=b"t" * 16,
            span_id=number.to_bytes(8, "big"),
            name="send todo.events",
            attributes=[_text("cloudevents.event_id", event_id), _text("todo.title", "t" * 100)],
        )
    return request.SerializeToString()


def _text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def _is_over(client: socket.socket) -> bool:
    ended = select.poll()
    ended.register(client, select.POLLRDHUP)
    return bool(ended.poll(0))


@pytest.mark.parametrize(
    ("offers", "zips"),
    [
        ("permessage-deflate; client_max_window_bits", True),
        ("permessage-deflate; server_max_window_bits=9", False),
        ("", False),
    ],
)
def test_a_page_is_sent_frames_that_others_can_be_sent(web: Web, offers: str, zips: bool) -> None:
    with closing(a_page(web, offers=offers)) as page:
        got = b""
        while b"welcome" not in got and b"\xc1\x7e" not in got:
            got += page.recv(65536)
    head, _, frames = got.partition(b"\r\n\r\n")
    assert (b"server_no_context_takeover; client_no_context_takeover" in head) == zips
    assert (b"welcome" not in frames) == zips
