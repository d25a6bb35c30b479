"""Spans reach their receiver, and the effects of a request are in its trace."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask
from opentelemetry.sdk.trace import TracerProvider

from chassis.clock import Clock
from chassis.telemetry.provider import new_tracer_provider
from chassis.telemetry.requests import request_traceparent, trace_requests
from chassis.telemetry.sampling import TracesPerSecond
from chassis.telemetry.traceparents import sampled
from web.journeys.spans import Span, decode

TRACE_ID, SPAN_ID = "ab" * 16, "cd" * 8


@dataclass
class Received:
    """What one receiver of traces was sent: the paths, and the spans with the headers."""

    url: str
    paths: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Received]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.paths.append(self.path)
            received.headers.append(dict(self.headers))
            received.spans.extend(decode(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        received = Received(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield received
        server.shutdown()


def send_a_span(traces_url: str) -> None:
    provider = new_tracer_provider("command-service", traces_url, every_ms=50)
    provider.get_tracer("test").start_span("sent", attributes={"title": "x" * 500}).end()
    provider.shutdown()


def test_spans_do_not_go_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with receiver() as page:
        send_a_span(page.url)
    assert page.paths == ["/v1/traces"]


BLINDING = {
    "OTEL_SDK_DISABLED": "true",
    "OTEL_TRACES_SAMPLER": "always_off",
    "OTEL_TRACES_EXPORTER": "none",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "10",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "0",
    "OTEL_SPAN_LINK_COUNT_LIMIT": "0",
    "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9/elsewhere",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
    "OTEL_BSP_SCHEDULE_DELAY": "3600000",
    "OTEL_SERVICE_NAME": "someone-else",
}


@pytest.mark.parametrize("name", BLINDING)
def test_no_variable_of_the_user_blinds_the_page(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # A receiver that is away is given up soon.
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    monkeypatch.setenv(name, BLINDING[name])
    with receiver() as page, caplog.at_level("INFO"):
        send_a_span(page.url)
    [span] = page.spans
    assert (span.process, span.attributes["title"]) == ("command-service", "x" * 500)
    assert name not in os.environ
    is_of_receiver = name.startswith(("OTEL_EXPORTER_OTLP", "OTEL_BSP")) and "PROTOCOL" not in name
    assert (name in caplog.text) == (not is_of_receiver)


def test_traces_go_to_the_user_and_to_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as page, receiver() as theirs:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", theirs.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=theirs")
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=workshop")
        send_a_span(page.url)
    assert [span.name for span in page.spans] == [span.name for span in theirs.spans] == ["sent"]
    assert theirs.paths == page.paths == ["/v1/traces"]
    assert theirs.headers[0]["api-key"] == "theirs"
    assert "api-key" not in page.headers[0]


def caused_by(traceparent: str, traces_per_s: int = 0) -> str:
    """Return the traceparent for the effects of a request that brings its own traceparent."""
    app = Flask("app")
    limit = TracesPerSecond(traces_per_s)
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("test")
    trace_requests(app, tracer, Clock(), limit)
    app.add_url_rule("/", view_func=request_traceparent)
    answer = app.test_client().get("/", headers={"traceparent": traceparent})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("flags", ["00", "01"])
def test_the_effects_of_a_request_share_its_trace_and_its_sampling(flags: str) -> None:
    version, trace_id, span_id, caused_flags = caused_by(f"00-{TRACE_ID}-{SPAN_ID}-{flags}").split(
        "-"
    )
    assert (version, trace_id, caused_flags) == ("00", TRACE_ID, flags)
    assert len(span_id) == 16
    assert span_id != SPAN_ID


@pytest.mark.parametrize("traces_per_s", [0, 1])
@pytest.mark.parametrize("brought", ["", f"00-{'0' * 32}-{SPAN_ID}-01", "nonsense"])
def test_a_request_without_a_valid_trace_begins_one(brought: str, traces_per_s: int) -> None:
    caused = caused_by(brought, traces_per_s)
    _, trace_id, span_id, _ = caused.split("-")
    assert int(trace_id, 16)
    assert int(span_id, 16)
    assert sampled(caused) == bool(traces_per_s)
