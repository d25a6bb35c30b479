"""Web and strangers who mean harm: it keeps its memory, its time for others, and its journeys."""

import gzip
import struct
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from tests.support import until
from tests.support.web_alone import Web, a_page, a_web, all_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for its memory")
PROTOBUF = {"Content-Type": "application/x-protobuf"}
MIB = 2**20
# What web may have grown by after all of it; without the bounds, each of these is more.
MOST_GROWN_BYTES = 250 * MIB
EVENT = "0197b3c4-52de-4c3a-9a57-3f0e5d1c7a00"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with a_web(tmp_path_factory.mktemp("web") / "log", LAB="1") as web:
        before = memory(web)
        yield web
        assert memory(web) - before < MOST_GROWN_BYTES


def memory(web: Web) -> int:
    size: int = psutil.Process(web.pid).memory_info().rss
    return size


def send(web: Web, body: bytes, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{web.url}/v1/traces"
    return requests.post(url, body, headers=PROTOBUF | named, timeout=60).status_code


# -- Traces ------------------------------------------------------------------------------------


def field(number: int, inner: bytes) -> bytes:
    """Return a field of protobuf that has bytes in it."""
    size, digits = len(inner), b""
    while size > 127:
        digits, size = digits + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + digits + bytes([size]) + inner


def text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def export(service: str, *spans: Span) -> bytes:
    of_service = Resource(attributes=[text("service.name", service)])
    scopes = [ScopeSpans(spans=spans)]
    sent = [ResourceSpans(resource=of_service, scope_spans=scopes)]
    return ExportTraceServiceRequest(resource_spans=sent).SerializeToString()


def a_span(at_ns: int, **fields: Any) -> Span:
    """Return the span in which the relay publishes the event, but for what is said."""
    said: dict[str, Any] = {
        "trace_id": b"t" * 16,
        "span_id": b"s" * 8,
        "name": "send todo.events",
        "start_time_unix_nano": at_ns,
        "end_time_unix_nano": at_ns + 1_000_000,
        "attributes": [
            text("cloudevents.event_id", EVENT),
            KeyValue(key="todo.id", value=AnyValue(int_value=7)),
            KeyValue(key="todo.version", value=AnyValue(int_value=1)),
        ],
    }
    return Span(**said | fields)


def enormous() -> Mapping[str, bytes]:
    """Return bodies of less than 2 MiB that are far more work than that."""
    ids = field(1, b"t" * 16) + field(2, b"s" * 8)
    many = 2 * MIB // 2 - 100

    def of_span(inner: bytes) -> bytes:
        return field(1, field(2, field(2, ids + inner)))

    return {
        "attributes": of_span(b"\x4a\x00" * many),
        "events": of_span(b"\x5a\x00" * many),
        "links": of_span(b"\x6a\x00" * many),
        "spans": field(1, field(2, b"\x12\x00" * many)),
        "scopes": field(1, b"\x12\x00" * many),
        "resources": b"\x0a\x00" * many,
    }


def strange(now_ns: int) -> list[bytes]:
    """Return traces of services that web does not know, and some that use our names for harm."""
    year_ns = 365 * 24 * 3600 * 10**9
    other = export("checkout", *(a_span(now_ns, span_id=struct.pack(">Q", it)) for it in range(99)))
    far = [
        a_span(at_ns, span_id=struct.pack(">Q", at_ns % 2**63))
        for at_ns in (1, now_ns - year_ns, now_ns + year_ns, 2**63, 2**64 - 2_000_000)
    ]
    cycle = [
        a_span(now_ns, span_id=b"1" * 8, parent_span_id=b"2" * 8),
        a_span(now_ns, span_id=b"2" * 8, parent_span_id=b"1" * 8),
        a_span(now_ns, span_id=b"3" * 8, parent_span_id=b"3" * 8),
    ]
    many = [text("cloudevents.event_id", "x")] * 5_000
    linked = a_span(now_ns, links=[Span.Link(trace_id=b"t", attributes=many)])
    return [
        other,
        export("", *cycle),
        export("billing" * 1000, *cycle, linked),
        export("relay", *far),
        export("relay", a_span(now_ns, name="charge card", kind=Span.SPAN_KIND_CLIENT)),
        export("relay", a_span(now_ns, trace_id=b"", span_id=b"")),
        *(export(f"stranger {number}", a_span(now_ns)) for number in range(100)),
    ]


def journey_of(web: Web) -> Any:
    answer = web.get(f"/journeys/{EVENT}")
    return answer.json()["journey"] if answer.ok else None


def test_traces_of_strangers_leave_our_journeys_as_they_are(web: Web) -> None:
    now_ns = time.time_ns()
    assert send(web, export("relay", a_span(now_ns))) == 200
    before = until(lambda: journey_of(web))
    assert before["hops"]
    for body in strange(now_ns):
        assert send(web, body) == 200
    assert journey_of(web) == before


def test_what_would_be_too_much_work_is_refused(web: Web) -> None:
    for body in enormous().values():
        assert send(web, body) == 400


def test_a_bomb_is_refused_before_it_goes_off(web: Web) -> None:
    bomb = gzip.compress(bytes(200 * MIB), 9)
    assert send(web, bomb, Content_Encoding="gzip") == 413
    assert send(web, gzip.compress(bomb), Content_Encoding="gzip, gzip") == 413
    assert send(web, gzip.compress(bomb)[:-9], Content_Encoding="gzip") == 400
    assert send(web, bomb, Content_Encoding=", ".join(["gzip"] * 5)) == 415


def test_long_texts_and_many_hops_are_cut_so_that_journeys_do_not_fill_the_memory(
    web: Web,
) -> None:
    now_ns = time.time_ns()
    grown = memory(web)
    long = "t" * 1_900_000
    for number in range(100):
        said = [text("cloudevents.event_id", f"long {number}"), text("todo.title", long)]
        assert send(web, export("relay", a_span(now_ns, attributes=said))) == 200
    assert memory(web) - grown < 100 * MIB
    spans = [a_span(now_ns, span_id=struct.pack(">Q", it)) for it in range(9_000)]
    assert send(web, export("relay", *spans)) == 200
    assert len(journey_of(web)["hops"]) <= 2_000


def test_many_large_bodies_that_come_slowly_do_not_gather(web: Web) -> None:
    head = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
    slow = [web.connect(head + b"Content-Length: 2000000\r\n\r\n" + bytes(99)) for _ in range(100)]
    body = export("relay", *(a_span(time.time_ns()) for _ in range(500)))
    assert until(lambda: send(web, body) == 503)
    assert send(web, export("relay", a_span(time.time_ns()))) == 200
    for client in slow:
        client.close()
    assert until(lambda: send(web, body) == 200)


# -- HTTP --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/traces", "/commands/todos", "/"])
def test_a_line_between_chunks_comes_to_an_end(web: Web, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
    client = web.connect(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
    sent, part = 0, b"a" * 65536
    with suppress(ConnectionError):
        while sent < 64 * MIB:
            sent += client.send(part)
    client.close()
    assert sent < 64 * MIB


# -- Socket.IO ---------------------------------------------------------------------------------


def frame(said: bytes, kind: int = 1) -> bytes:
    """Return a WebSocket's frame from a client, masked with zeros (RFC 6455, 5.2)."""
    is_short = len(said) < 126
    size = bytes([0x80 | (len(said) if is_short else 126)])
    size += b"" if is_short else struct.pack(">H", len(said))
    return bytes([0x80 | kind]) + size + bytes(4) + said


ODD = (
    *(b"4", b"4x", b"49", b"42", b"42[", b"42[]", b"42{}", b"42null", b'42["welcome"]', b"42[5]"),
    *(b"40/nowhere,", b'40/nowhere?x=1,{"a":1}', b"40" + b"[" * 2000, b"40", b'42["\\ud800"]'),
    *(b'42["x",' + b"[" * 2000, b"43[]", b"430[1]", b'44"x"', b"45", b"451-", "42²[]".encode()),
    *(b'451-["x",{"_placeholder":true,"num":5}]', b'4599999999999-["x"]', b"42" + b"9" * 200),
    *(b"9", b"0", b"1", b"5", b"6", b"7", b"", b"40\xff\xfe", b"4" * 5000, b'42["x",NaN]'),
)
FLOODS: Mapping[str, Callable[[], bytes]] = {
    "attachments": lambda: frame(bytes(4000), kind=2),
    "packets for a namespace": lambda: frame(b"40/nowhere,") * 300,
    "acks": lambda: frame(b"431[1]") * 300,
    "pings": lambda: frame(b"2") * 900,
    "a frame that does not end": lambda: b"\x82\xff" + struct.pack(">Q", 2**40) + bytes(4000),
}


def test_a_page_that_says_what_no_page_does_is_let_go_of_without_a_fuss(web: Web) -> None:
    for said in ODD:
        page = a_page(web)
        page.sendall(frame(said))
        # Whatever it was, what a page never says ends it.
        page.sendall(frame(b'42["x"]'))
        with page:
            all_of(page)
    assert "Traceback" not in web.log.read_text()


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_ends_and_the_others_have_their_turn(web: Web, name: str) -> None:
    part, sent, grown = FLOODS[name](), 0, memory(web)
    page = a_page(web)
    page.sendall(frame(b'4599999999999-["x",{"_placeholder":true,"num":0}]'))
    with page, suppress(ConnectionError):
        while sent < 64 * MIB:
            sent += page.send(part)
    assert sent < 64 * MIB
    assert web.get("/healthz").ok
    assert memory(web) - grown < 32 * MIB


def test_a_thousand_pages_are_welcomed_and_cost_little(web: Web) -> None:
    grown = memory(web)
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: a_page(web), range(1000)))
    assert web.get("/journeys").ok
    for page in pages[::100]:
        assert b"welcome" in until_told(page)
    assert memory(web) - grown < 150 * MIB
    for page in pages:
        page.close()


def until_told(page: Any) -> bytes:
    got = b""
    while b"welcome" not in got and (part := page.recv(65536)):
        got += part
    return got


def test_sessions_that_nobody_takes_up_have_a_bound(tmp_path: Path) -> None:
    with a_web(tmp_path / "log", MAX_CONNECTIONS="20") as web:
        url = f"{web.url}/socket.io/?EIO=4&transport=polling"
        said = [requests.get(url, timeout=60).status_code for _ in range(40)]
    assert said.count(200) == 20
    assert set(said[20:]) == {401}
