"""An OTLP receiver for tests: it takes web's place and keeps the spans that it is sent."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


@dataclass(frozen=True)
class SentSpan:
    """A span as a service sent it."""

    process: str
    name: str
    kind: str
    span_id: str
    parent_span_id: str
    failed: bool
    attributes: Mapping[str, Any]
    links: tuple[Mapping[str, Any], ...]
    span_events: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass
class Received:
    """What a receiver has been sent so far."""

    spans: list[SentSpan] = field(default_factory=list)

    def of(self, process: str, name: str) -> list[SentSpan]:
        return [span for span in self.spans if (span.process, span.name) == (process, name)]


@contextmanager
def receiving(port: int) -> Iterator[Received]:
    """Receive spans over OTLP/HTTP on a loopback port.

    Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
    """
    received = Received()

    # HTTP/1.0, so that no exporter stays connected to a receiver that is gone.
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.spans += _spans(body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield received
        finally:
            server.shutdown()
            serving.join()


def _spans(body: bytes) -> list[SentSpan]:
    found = []
    for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        process = _plain(of_resource.resource.attributes)["service.name"]
        for of_scope in of_resource.scope_spans:
            found += [_span(process, span) for span in of_scope.spans]
    return found


def _span(process: str, span: Span) -> SentSpan:
    return SentSpan(
        process,
        span.name,
        Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.status.code == Status.STATUS_CODE_ERROR,
        _plain(span.attributes),
        tuple(_plain(link.attributes) for link in span.links),
        tuple((event.name, _plain(event.attributes)) for event in span.events),
    )


def _plain(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
