"""OpenTelemetry: spans out over OTLP/HTTP, sampled once, at the edge.

A hop's span carries the identity of its event, so that whoever receives the traces can follow
one event through processes that do not know each other.
"""

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import getrandbits
from threading import Lock

from flask import Flask, Response, after_this_request, g, request
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes, AttributeValue

from chassis.sessions import direct_session

_propagator = TraceContextTextMapPropagator()


class TracesPerSecond:
    """Lets the first traces of each second begin, up to a limit, and no more.

    A share of the traffic would lose single commands in a quiet room; a limit shows each of them
    and still bounds what tracing costs. In a flood nobody follows single commands, and the cores
    have other work: the second after one that went over the limit has a fifth of it, in five
    parts. All at once, the traced ones would hold each other up, and tell of waiting that the
    others do not know. The decision is made here, at the edge, and not by the SDK's sampler, which
    would still make a span for each request that is not recorded.

    Args:
        limit: how many a second.
        clock: seconds that only grow.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        in_flood = max(limit // 5, min(limit, 1))
        self._parts = max(min(in_flood, 5), 1)
        self._in_part = in_flood // self._parts
        self._clock = clock
        self._second = self._asked = 0
        self._part = self._asked_in_part = 0
        self._is_flood = False
        self._lock = Lock()

    def take(self) -> bool:
        """Return whether one more may begin now."""
        now_s = self._clock()
        with self._lock:
            self._count(int(now_s), int(now_s * self._parts))
            if self._is_flood:
                return self._asked_in_part <= self._in_part
            return self._asked <= self._limit

    def _count(self, second: int, part: int) -> None:
        if second != self._second:
            self._is_flood = second == self._second + 1 and self._asked > self._limit
            self._second, self._asked = second, 0
        if part != self._part:
            self._part, self._asked_in_part = part, 0
        self._asked += 1
        self._asked_in_part += 1


def new_tracer_provider(service: str) -> TracerProvider:
    """Return where this process's spans go; `shutdown()` sends what is left.

    Where to is told by OTEL_EXPORTER_OTLP_ENDPOINT, as OpenTelemetry's specification has it;
    with none, nothing is sent. A receiver that is down costs dropped spans and nothing else.

    Args:
        service: the name that the spans bear.
    """
    provider = TracerProvider(
        resource=Resource.create({SERVICE_NAME: service}),
        # One span of a batch links to every event in it.
        span_limits=SpanLimits(max_links=1024),
        shutdown_on_exit=False,
    )
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        exporter = OTLPSpanExporter(timeout=2, session=direct_session())
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


@dataclass(frozen=True)
class Traced:
    """An event as the traces name it."""

    traceparent: str
    attributes: Attributes

    @property
    def sampled(self) -> bool:
        """Return whether the edge decided to record this event's trace."""
        return sampled(self.traceparent)


def sampled(traceparent: str) -> bool:
    """Return the sampled flag, the last bit of a traceparent (W3C Trace Context, 3.2.2.5)."""
    try:
        return bool(int(traceparent[-2:], 16) & 1)
    except ValueError:
        return False


def traceparent_of(span: Span) -> str:
    """Return the W3C traceparent that names the span as the parent."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, set_span_in_context(span))
    return carrier.get("traceparent", "")


def _parent(traceparent: str) -> Context:
    return _propagator.extract({"traceparent": traceparent}, Context())


def record_hop(
    tracer: Tracer,
    name: str,
    kind: SpanKind,
    event: Traced,
    start_ns: int,
    end_ns: int,
    attributes: Mapping[str, AttributeValue],
    error: str | None = None,
    moment: tuple[str, int] | None = None,
) -> None:
    """Record what has happened to one event as a span. Costs nothing for an unsampled one.

    Args:
        tracer: the process's tracer.
        name: the span's name.
        kind: its kind.
        event: the event that it happened to.
        start_ns: when it began, in ns since the epoch.
        end_ns: when it had happened.
        attributes: what else there is to say.
        error: what went wrong, for error.type.
        moment: what happened in between, and when, in ns since the epoch.
    """
    if not event.sampled:
        return
    span = tracer.start_span(
        name,
        _parent(event.traceparent),
        kind,
        {**(event.attributes or {}), **attributes},
        start_time=start_ns,
    )
    if error:
        span.set_attribute("error.type", error)
        span.set_status(Status(StatusCode.ERROR, error))
    if moment:
        span.add_event(moment[0], timestamp=moment[1])
    span.end(end_ns)


def record_batch(
    tracer: Tracer,
    name: str,
    events: Sequence[Traced],
    start_ns: int,
    end_ns: int,
    size: int,
    attributes: dict[str, AttributeValue],
) -> None:
    """Record one piece of work on many events as a span that links to each sampled one.

    Args:
        tracer: the process's tracer.
        name: the span's name.
        events: the sampled events of the batch.
        start_ns: when the work began, in ns since the epoch.
        end_ns: when it was done.
        size: of the whole batch.
        attributes: what else there is to say.
    """
    links = [
        Link(context, event.attributes)
        for event in events
        if (context := _context_of(event.traceparent)).is_valid
    ]
    if not links:
        return
    span = tracer.start_span(
        name,
        Context(),
        SpanKind.CLIENT,
        {**attributes, "db.operation.batch.size": size},
        links,
        start_time=start_ns,
    )
    span.end(end_ns)


def _context_of(traceparent: str) -> SpanContext:
    return get_current_span(_parent(traceparent)).get_span_context()


def trace_requests(app: Flask, tracer: Tracer, limit: TracesPerSecond) -> None:
    """Give each sampled request to the app a SERVER span, and each a traceparent.

    A request that brings a traceparent has its sampling decision with it. Probes (/healthz and
    the like) are not traced.

    Args:
        app: the process's app.
        tracer: its tracer.
        limit: decides about requests that bring no decision.
    """

    @app.before_request
    def begin() -> None:
        if request.path.startswith(_PROBES):
            return
        incoming = _incoming()
        if not (sampled(incoming) if incoming else limit.take()):
            return
        route = request.url_rule.rule if request.url_rule else "unknown"
        g.span = span = tracer.start_span(
            f"{request.method} {route}",
            _parent(incoming) if incoming else Context(),
            SpanKind.SERVER,
            {"http.request.method": request.method, "http.route": route},
        )

        @after_this_request
        def end(answer: Response) -> Response:
            span.set_attribute("http.response.status_code", answer.status_code)
            if answer.status_code >= 500:
                span.set_status(Status(StatusCode.ERROR))
            span.end()
            return answer


_PROBES = ("/healthz", "/readyz", "/metrics", "/lab")


# W3C Trace Context, 3.2.2: version 00; an id of nothing but zeros is none.
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


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
    """Return the traceparent that the request brings, or nothing where it brings no valid one."""
    traceparent: str = request.environ.get("HTTP_TRACEPARENT", "")
    return traceparent if _TRACEPARENT.fullmatch(traceparent) else ""
