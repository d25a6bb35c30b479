"""The receiver takes what OpenTelemetry's exporters send, and refuses malformed bodies."""

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Status
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanPb

from web.journeys.spans import MalformedTraces, SpanEvent, decode


def text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def export(*spans: SpanPb) -> bytes:
    resource = Resource(attributes=[text("service.name", "relay")])
    of_resource = ResourceSpans(resource=resource, scope_spans=[ScopeSpans(spans=spans)])
    return ExportTraceServiceRequest(resource_spans=[of_resource]).SerializeToString()


def a_span(**fields: object) -> SpanPb:
    values = {"trace_id": b"t" * 16, "span_id": b"s" * 8, "name": "send todo.events", **fields}
    return SpanPb(**values)  # type: ignore[arg-type]  # the stubs want each field by its type


def test_a_span_keeps_its_identity_its_times_and_its_plain_attributes() -> None:
    odd = KeyValue(key="odd", value=AnyValue(array_value=ArrayValue(values=[AnyValue()])))
    [span] = decode(
        export(
            a_span(
                parent_span_id=b"p" * 8,
                kind=SpanPb.SPAN_KIND_PRODUCER,
                start_time_unix_nano=1_790_000_000_000_000_001,
                end_time_unix_nano=1_790_000_000_000_000_002,
                status=Status(code=Status.STATUS_CODE_ERROR),
                attributes=[
                    text("error.type", "returned"),
                    KeyValue(key="todo.id", value=AnyValue(int_value=7)),
                    KeyValue(key="todo.completed", value=AnyValue(bool_value=False)),
                    odd,
                ],
                events=[
                    SpanPb.Event(
                        name="event written", time_unix_nano=7, attributes=[text("a", "b")]
                    )
                ],
                links=[SpanPb.Link(attributes=[text("c", "d")])],
            )
        )
    )
    assert (span.process, span.name, span.failed) == ("relay", "send todo.events", True)
    assert (span.trace_id, span.span_id, span.parent_span_id) == ("74" * 16, "73" * 8, "70" * 8)
    assert (span.start_ns, span.end_ns) == (1_790_000_000_000_000_001, 1_790_000_000_000_000_002)
    assert span.attributes == {"error.type": "returned", "todo.id": 7, "todo.completed": False}
    assert span.events == (SpanEvent("event written", 7, {"a": "b"}),)
    assert span.links == ({"c": "d"},)


def test_spans_without_valid_ids_are_dropped_and_the_others_kept() -> None:
    spans = decode(export(a_span(span_id=b""), a_span(trace_id=b"short"), a_span()))
    assert [span.span_id for span in spans] == ["73" * 8]


def test_an_empty_request_has_no_spans() -> None:
    assert decode(b"") == []


@pytest.mark.parametrize("body", [b"{}", b"\xff" * 40, export(a_span())[:-3]])
def test_a_body_that_is_not_an_export_request_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedTraces):
        decode(body)
