"""Spans go out in few exports, and while there are none, nothing wakes."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.util.types import AttributeValue

from chassis.telemetry.encoding import encoded
from chassis.telemetry.provider import new_tracer_provider
from tests.support.waiting import until
from web.journeys.spans import decode

TASKS = Path("/proc/self/task")


class Receiver:
    """A receiver of traces that counts, over connections that are kept."""

    def __init__(self) -> None:
        self.exports: list[list[str]] = []
        self.connections = 0
        self.hangs = threading.Event()
        self.status = 200
        received = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                received.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.exports.append([span.name for span in decode(body)])
                while received.hangs.is_set():
                    time.sleep(0.01)
                self.send_response(received.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._handler = Handler
        self._open: list[socket.socket] = []
        self._server = self._new_server(0)

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def spans(self) -> list[str]:
        return [name for export in self.exports for name in export]

    def stop(self) -> None:
        """End it with all its connections."""
        self._server.shutdown()
        self._server.server_close()
        for connection in self._open:
            connection.close()

    def start_again(self) -> None:
        self._server = self._new_server(self.port)

    def _new_server(self, port: int) -> ThreadingHTTPServer:
        opened = self._open

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def get_request(self) -> tuple[socket.socket, object]:
                connection, address = super().get_request()
                opened.append(connection)
                return connection, address

        server = Server(("127.0.0.1", port), self._handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.hangs.clear()
    receiver.stop()


@contextmanager
def sending(url: str, every_ms: int = 50) -> Iterator[TracerProvider]:
    provider = new_tracer_provider("relay", url, every_ms)
    yield provider
    provider.shutdown()


def end_spans(provider: TracerProvider, *names: str) -> None:
    for name in names:
        provider.get_tracer("test").start_span(name).end()


def has_exports(receiver: Receiver, count: int) -> bool:
    return len(receiver.exports) == count


def sender() -> threading.Thread:
    """Return the newest thread that sends: a stack that runs beside the tests has one as well."""
    return [thread for thread in threading.enumerate() if thread.name == "traces"][-1]


def wakes() -> int:
    """Return how often the sending thread has gone to sleep."""
    lines = (TASKS / str(sender().native_id) / "status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary"))


def is_asleep() -> bool:
    """Return whether it has not woken for as long as four beats of 50 ms."""
    before = wakes()
    threading.Event().wait(0.2)
    return wakes() == before


def test_spans_that_end_together_go_out_together(receiver: Receiver) -> None:
    with sending(receiver.url) as provider:
        end_spans(provider, "a", "b", "c")
        until(lambda: receiver.spans)
    assert receiver.exports == [["a", "b", "c"]]


def test_the_next_batch_waits_for_its_time(receiver: Receiver) -> None:
    with sending(receiver.url, every_ms=3_600_000) as provider:
        end_spans(provider, "first")
        until(lambda: receiver.spans)
        end_spans(provider, "second")
        end_spans(provider, "third")
    assert receiver.exports == [["first"], ["second", "third"]]
    assert receiver.connections == 1


def test_what_is_flushed_is_sent_before_its_time(receiver: Receiver) -> None:
    with sending(receiver.url, every_ms=3_600_000) as provider:
        for name in ("first", "second"):
            end_spans(provider, name)
            assert provider.force_flush(60_000)
            assert receiver.spans[-1] == name


def test_nobody_waits_for_a_receiver_that_hangs_longer_than_he_said(receiver: Receiver) -> None:
    with sending(receiver.url) as provider:
        receiver.hangs.set()
        end_spans(provider, "first")
        assert not provider.force_flush(1)
        receiver.hangs.clear()


@pytest.mark.skipif(not TASKS.exists(), reason="Linux counts what wakes a thread")
def test_nothing_wakes_while_there_are_no_spans(receiver: Receiver) -> None:
    with sending(receiver.url, every_ms=1) as provider:
        end_spans(provider, "one")
        until(lambda: receiver.spans)
        until(is_asleep, within_s=5)
        end_spans(provider, "two")
        until(lambda: len(receiver.exports) == 2)
    assert receiver.exports == [["one"], ["two"]]


def test_a_receiver_that_starts_again_gets_the_next_spans(receiver: Receiver) -> None:
    with sending(receiver.url) as provider:
        end_spans(provider, "before")
        until(lambda: receiver.spans)
        receiver.stop()
        receiver.start_again()
        end_spans(provider, "after")
        until(lambda: len(receiver.spans) == 2)
    assert receiver.exports == [["before"], ["after"]]


def test_spans_of_a_short_absence_are_sent_all_the_same(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is there again once the first try has failed.
    meanwhile = SimpleNamespace(sleep=lambda _seconds: receiver.start_again())
    monkeypatch.setattr("chassis.telemetry.exporter.time", meanwhile)
    with sending(receiver.url) as provider:
        receiver.stop()
        end_spans(provider, "meanwhile")
        until(lambda: receiver.spans)
    assert receiver.exports == [["meanwhile"]]


@pytest.mark.parametrize("status", [503, 301])
def test_a_receiver_that_is_away_is_said_once(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    receiver.status = status
    with sending(receiver.url, every_ms=1) as provider, caplog.at_level("INFO"):
        for number in range(1, 4):
            end_spans(provider, "refused")
            until(partial(has_exports, receiver, number))
        receiver.status = 200
        end_spans(provider, "taken")
        until(lambda: "again" in caplog.text)
    assert caplog.text.count("no traces reach") == 1
    assert caplog.text.count("again") == 1


def test_a_receiver_that_hangs_costs_no_thread_and_keeps_nobody(receiver: Receiver) -> None:
    with sending(receiver.url, every_ms=1) as provider:
        receiver.hangs.set()
        end_spans(provider, "first")
        until(lambda: receiver.spans)
        # More than are kept: the oldest make room.
        end_spans(provider, *["later"] * 3_000)
        assert sender().is_alive()
    assert len(receiver.exports) <= 2


def some_spans() -> tuple[ReadableSpan, ...]:
    """Return spans of every kind that the processes send."""
    kept = InMemorySpanExporter()
    resource = Resource.create({"service.name": "relay"})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer, other = provider.get_tracer("one"), provider.get_tracer("other")
    with tracer.start_as_current_span("parent", kind=SpanKind.SERVER) as parent:
        plain: dict[str, AttributeValue] = {"a": "ü", "b": 7, "c": True, "d": -1, "e": 0.5}
        under = set_span_in_context(parent)
        child = other.start_span("child", under, SpanKind.PRODUCER, plain)
        child.add_event("event", {"g": "h"}, 5)
        child.set_status(Status(StatusCode.ERROR, "returned"))
        child.end()
    link = Link(parent.get_span_context(), {"i": 1})
    tracer.start_span("batch", links=[link, link], kind=SpanKind.CLIENT).end()
    return kept.get_finished_spans()


def test_spans_are_encoded_as_opentelemetry_encodes_them() -> None:
    spans = some_spans()
    assert len(spans) == 3
    assert encoded(spans) == encode_spans(spans).SerializeToString()
