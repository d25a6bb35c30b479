"""A SERVER span for each sampled request, and a traceparent for what any request causes."""

import time
from random import getrandbits

from flask import Flask, Response, after_this_request, g, request
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, Status, StatusCode, Tracer

from chassis.clock import Clock
from chassis.telemetry.arrival import ARRIVED_NS
from chassis.telemetry.sampling import TracesPerSecond
from chassis.telemetry.traceparents import parent_in, sampled, span_named_by, traceparent_of

_PROBES = ("/healthz", "/readyz", "/metrics", "/lab")


def trace_requests(app: Flask, tracer: Tracer, clock: Clock, limit: TracesPerSecond) -> None:
    """Give each sampled request to the app a SERVER span.

    A traceparent brings its sampling decision with it; for requests without one the limit
    decides. Probes (/healthz and the like) are not traced.
    """

    @app.before_request
    def begin() -> None:
        if request.path.startswith(_PROBES):
            return
        incoming = _incoming()
        if not (sampled(incoming) if incoming else limit.take()):
            return
        route = request.url_rule.rule if request.url_rule else "unknown"
        # It may have waited for its body, for a version or for a thread.
        began_ns = request.environ.get(ARRIVED_NS) or time.monotonic_ns()
        offset_ns = clock.offset_ns()
        g.span = span = tracer.start_span(
            f"{request.method} {route}",
            parent_in(incoming) if incoming else Context(),
            SpanKind.SERVER,
            {"http.request.method": request.method, "http.route": route},
            start_time=began_ns + offset_ns,
        )

        @after_this_request
        def end(answer: Response) -> Response:
            span.set_attribute("http.response.status_code", answer.status_code)
            if answer.status_code >= 500:
                span.set_status(Status(StatusCode.ERROR))
            span.end(time.monotonic_ns() + offset_ns)
            return answer


def request_span() -> Span:
    """Return the SERVER span of the request that is being answered."""
    span: Span = g.get("span", INVALID_SPAN)
    return span


def request_traceparent() -> str:
    """Return the W3C context of the request that is being answered, for what it causes."""
    span = request_span()
    if span is not INVALID_SPAN:
        return traceparent_of(span)
    trace_id = _incoming()[3:35] or f"{getrandbits(128):032x}"
    return f"00-{trace_id}-{getrandbits(64):016x}-00"


def _incoming() -> str:
    """Return the traceparent that the request brings, or nothing if it brings no valid one."""
    traceparent: str = request.environ.get("HTTP_TRACEPARENT", "")
    return traceparent if span_named_by(traceparent) else ""
