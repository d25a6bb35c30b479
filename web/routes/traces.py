"""Incoming traces: the endpoint for the spans of the four processes (OTLP/HTTP)."""

from flask import Flask, Response, request
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from prometheus_client import CollectorRegistry, Counter

from chassis.encodings import decoded
from chassis.problems import Problem
from web.journeys.journeys import Journeys
from web.journeys.spans import MalformedTraces, Span, decode
from web.own_time import OwnTime
from web.room.room import Room
from web.turns import in_turns

# A process sends a tenth of that at once. Read, it takes up to 80 times as much memory.
MAX_BODY_BYTES = 2 * 1024 * 1024
_PROTOBUF = "application/x-protobuf"


def add_traces(
    app: Flask, journeys: Journeys, room: Room, own_time: OwnTime, registry: CollectorRegistry
) -> None:
    """Give the app the route that receives traces.

    Args:
        app: web.
        journeys: what the spans are folded into.
        room: gets what is new.
        own_time: what the spans are put into.
        registry: the metrics.
    """
    received = Counter("spans_received", "Spans received by OTLP.", registry=registry)

    @app.post("/v1/traces")
    def receive_traces() -> Response:
        spans = _spans_of_request()
        received.inc(len(spans))
        for span in in_turns(spans):
            room.tell_hops(journeys.add_span(own_time.of(span)))
        return Response(ExportTraceServiceResponse().SerializeToString(), mimetype=_PROTOBUF)


def _spans_of_request() -> list[Span]:
    # One more than allowed, as in chassis/http.py.
    request.max_content_length = MAX_BODY_BYTES + 1
    if request.mimetype != _PROTOBUF:
        detail = f"Send {_PROTOBUF}."
        raise Problem(415, "unsupported-media-type", "The body is no protobuf.", detail)
    try:
        return decode(decoded(request, MAX_BODY_BYTES))
    except MalformedTraces as error:
        title = "The traces cannot be read."
        raise Problem(400, "malformed-traces", title, str(error)) from error
