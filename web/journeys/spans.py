"""Spans in: OTLP/HTTP protobuf becomes plain spans. Pure.

Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

Value = str | int | float | bool
Attributes = Mapping[str, Value]


# A process sends 512 at once. An empty span is two bytes, and far more work than that.
MOST_SPANS = 10_000
# Likewise of resources, scopes, spans, events, links and attributes together.
MOST_PARTS = 50_000
# Of a text; what is longer is cut, as OpenTelemetry's SDKs do it. Journeys are kept by the
# thousand, and sent to every browser.
# Source: https://opentelemetry.io/docs/specs/otel/common/#attribute-limits
MOST_TEXT_CHARACTERS = 1_000
# A clock may be wrong by an hour on purpose, and what was frozen tells late.
MOST_AHEAD_NS = 2 * 3600 * 1_000_000_000
MOST_BEHIND_NS = 24 * 3600 * 1_000_000_000


class MalformedTraces(ValueError):
    """The body is not the protobuf that its headers promise, or no exporter would send it."""


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """Something that happened during a span."""

    name: str
    at_ns: int
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of work of one process.

    Args:
        process: the resource's `service.name`.
        trace_id: 32 hexadecimal digits.
        span_id: 16 hexadecimal digits.
        parent_span_id: likewise; empty if there is none.
        name: what was done.
        failed: whether its status is ERROR.
        start_ns: when it began, in ns since the epoch.
        end_ns: when it ended.
        attributes: what else is known of it.
        events: what happened meanwhile.
        links: the attributes of each link to another span.
    """

    process: str
    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    failed: bool
    start_ns: int
    end_ns: int
    attributes: Attributes
    events: tuple[SpanEvent, ...] = ()
    links: tuple[Attributes, ...] = ()


def decode(body: bytes) -> list[Span]:
    """Return the spans of one export request. Raises MalformedTraces if it is not one.

    A span without valid ids is dropped, as the specification demands of a receiver.
    """
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise MalformedTraces("The body is not an ExportTraceServiceRequest.") from error
    _check_size(request)
    return [
        _span(process, span)
        for of_resource in request.resource_spans
        for process in [str(_attributes(of_resource.resource.attributes).get("service.name", ""))]
        for of_scope in of_resource.scope_spans
        for span in of_scope.spans
        if len(span.trace_id) == 16 and len(span.span_id) == 8
    ]


def is_near(span: Span, now_ns: int) -> bool:
    """Return whether all times of a span are of this day, or nearly; time is where the page is."""
    times = (span.start_ns, span.end_ns, *(event.at_ns for event in span.events))
    return now_ns - MOST_BEHIND_NS <= min(times) and max(times) <= now_ns + MOST_AHEAD_NS


def moved(span: Span, by_ns: int) -> Span:
    """Return the span with all its times later by that much."""
    if not by_ns:
        return span
    events = tuple(replace(event, at_ns=event.at_ns + by_ns) for event in span.events)
    start_ns, end_ns = span.start_ns + by_ns, span.end_ns + by_ns
    return replace(span, start_ns=start_ns, end_ns=end_ns, events=events)


def _check_size(request: ExportTraceServiceRequest) -> None:
    """Raise MalformedTraces if it is more work than any exporter sends at once."""
    spans = parts = 0
    for of_resource in request.resource_spans:
        parts += 1 + len(of_resource.resource.attributes) + len(of_resource.scope_spans)
        for of_scope in of_resource.scope_spans:
            spans += len(of_scope.spans)
            if spans > MOST_SPANS:
                raise MalformedTraces(f"Send at most {MOST_SPANS:,} spans at once.")
            parts += sum(map(_parts, of_scope.spans))
            _check_parts(parts)
        _check_parts(parts)


def _check_parts(parts: int) -> None:
    if parts > MOST_PARTS:
        raise MalformedTraces(f"Send at most {MOST_PARTS:,} spans, attributes and so on at once.")


def _parts(span: trace_pb2.Span) -> int:
    own = 1 + len(span.attributes) + len(span.events) + len(span.links)
    if own > MOST_PARTS:
        return own
    return own + sum(len(it.attributes) for each in (span.events, span.links) for it in each)


def _span(process: str, span: trace_pb2.Span) -> Span:
    return Span(
        process,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.name,
        span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        _attributes(span.attributes),
        tuple(
            SpanEvent(event.name, event.time_unix_nano, _attributes(event.attributes))
            for event in span.events
        ),
        tuple(_attributes(link.attributes) for link in span.links),
    )


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for pair in pairs:
        kind = pair.value.WhichOneof("value")
        if kind in _PLAIN:
            value = getattr(pair.value, kind)
            is_text = kind == "string_value"
            found[pair.key] = value[:MOST_TEXT_CHARACTERS] if is_text else value
    return found


_PLAIN = frozenset({"string_value", "int_value", "bool_value", "double_value"})
