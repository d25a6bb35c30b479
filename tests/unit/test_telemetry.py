"""Spans reach their receiver, and the effects of a request are in its trace."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from flask import Flask
from opentelemetry.sdk.trace import TracerProvider

from chassis.telemetry.provider import new_tracer_provider
from chassis.telemetry.requests import request_traceparent, trace_requests
from chassis.telemetry.sampling import TracesPerSecond
from chassis.telemetry.traceparents import sampled

TRACE_ID, SPAN_ID = "ab" * 16, "cd" * 8


class Receiver(BaseHTTPRequestHandler):
    paths: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.paths.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_spans_do_not_go_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        at = f"http://127.0.0.1:{receiver.server_port}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", at)
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        provider = new_tracer_provider("command-service")
        provider.get_tracer("test").start_span("sent").end()
        provider.shutdown()
        receiver.shutdown()
    assert Receiver.paths == ["/v1/traces"]


def caused_by(traceparent: str, traces_per_s: int = 0) -> str:
    """Return the traceparent for the effects of a request that brings its own traceparent."""
    app = Flask("app")
    limit = TracesPerSecond(traces_per_s)
    trace_requests(app, TracerProvider(shutdown_on_exit=False).get_tracer("test"), limit)
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
