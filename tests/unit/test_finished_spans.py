"""A span that is made in one go is the one that OpenTelemetry's tracer would have made."""

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from chassis.telemetry.finished import FinishedSpans
from chassis.telemetry.traceparents import parent_in, span_named_by, traceparent_of

TRACEPARENT = f"00-{'ab' * 16}-{'cd' * 8}-01"


def test_it_has_the_same_contents() -> None:
    kept = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "relay"}))
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer, parent = provider.get_tracer("test"), span_named_by(TRACEPARENT)
    assert parent
    link = Link(parent, {"cloudevents.event_id": "1"})

    usual = tracer.start_span(
        "send", parent_in(TRACEPARENT), SpanKind.PRODUCER, {"todo.id": 7}, [link], start_time=5
    )
    usual.add_event("projected", {"todo.title": "ü"}, timestamp=6)
    usual.set_status(Status(StatusCode.ERROR, "returned"))
    usual.end(9)
    event = Event("projected", {"todo.title": "ü"}, 6)
    FinishedSpans(tracer).add(
        "send", SpanKind.PRODUCER, parent, 5, 9, {"todo.id": 7}, [event], [link], "returned"
    )

    expected, made = sent(kept)
    assert expected.span_id != made.span_id
    expected.span_id = made.span_id
    assert made == expected


def test_without_a_parent_it_has_a_trace_of_its_own() -> None:
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    spans = FinishedSpans(provider.get_tracer("test"))
    for _ in range(2):
        spans.add("SELECT outbox", SpanKind.CLIENT, None, 5, 9, {})
    first, second = sent(kept)
    assert first.trace_id != second.trace_id
    assert first.parent_span_id == second.parent_span_id == b""


def test_a_traceparent_names_its_span_and_nothing_else_does() -> None:
    span = TracerProvider().get_tracer("test").start_span("POST /todos")
    named, context = span_named_by(traceparent_of(span)), span.get_span_context()
    assert named
    assert named.is_remote
    assert (named.trace_id, named.span_id) == (context.trace_id, context.span_id)
    no_trace = TRACEPARENT.replace("ab", "00")
    for invalid in ("", "nonsense", TRACEPARENT.upper(), f"{TRACEPARENT}-1", no_trace):
        assert span_named_by(invalid) is None


def sent(kept: InMemorySpanExporter) -> list[Span]:
    scopes = encode_spans(kept.get_finished_spans()).resource_spans[0].scope_spans
    assert len({of_scope.scope.name for of_scope in scopes}) == 1
    return [span for of_scope in scopes for span in of_scope.spans]
