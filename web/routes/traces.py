"""Incoming traces: the endpoint for the spans of the four processes (OTLP/HTTP)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Semaphore
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from prometheus_client import CollectorRegistry, Counter

from chassis.encodings import decoded
from chassis.problems import Problem, too_many_waiting
from web.journeys.faults import Firings
from web.journeys.journeys import Journeys
from web.journeys.spans import MalformedTraces, Span, decode, is_near
from web.own_time import OwnTime
from web.room.room import Room
from web.turns import in_turns

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A process sends a tenth of that at once. Read, it takes up to 80 times as much memory.
MAX_BODY_BYTES = 2 * 1024 * 1024
# So many are read at a time that the server had not read whole: a client may send slowly.
MOST_LARGE = 64
PATH = "/v1/traces"
_PROTOBUF = "application/x-protobuf"


def add_traces(
    app: Flask,
    journeys: Journeys,
    firings: Firings,
    room: Room,
    own_time: OwnTime,
    registry: CollectorRegistry,
) -> None:
    """Give the app the route that receives traces.

    Args:
        app: web.
        journeys: what the spans are folded into.
        firings: likewise, those of the lab's switches.
        room: gets what is new.
        own_time: what the spans are put into.
        registry: the metrics.
    """
    received = Counter("spans_received", "Spans received by OTLP.", registry=registry)
    dropped = Counter(
        "spans_dropped", "Spans of another day, which are not looked at.", registry=registry
    )
    large = Semaphore(MOST_LARGE)

    def take(spans: list[Span]) -> bytes:
        received.inc(len(spans))
        for span in in_turns(spans):
            own = own_time.of(span)
            if not is_near(own, own_time.now_ns()):
                dropped.inc()
                continue
            room.tell_hops(journeys.add_span(own))
            room.tell_firings(firings.add_span(own))
        return ExportTraceServiceResponse().SerializeToString()

    @app.post(PATH)
    def receive_traces() -> Response:
        if not large.acquire(blocking=False):
            raise too_many_waiting(
                f"At most {MOST_LARGE} large exports arrive at a time. Send again."
            )
        try:
            return Response(take(_spans_of_request()), mimetype=_PROTOBUF)
        finally:
            large.release()

    app.wsgi_app = _short_way(app.wsgi_app, take)  # type: ignore[assignment]


def _short_way(app: WSGIApplication, take: Callable[[list[Span]], bytes]) -> WSGIApplication:
    """Take the usual export without Flask, which costs more than to read it does.

    Four processes send one several times a second. Whatever is not usual, Flask's route answers.
    """

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = _usual_body(environ)
        if body is None:
            return app(environ, start_response)
        # Whatever goes wrong, the route comes to the same end, and says so.
        with suppress(Exception):
            answer = take(decode(body))
            headers = [("Content-Type", _PROTOBUF), ("Content-Length", str(len(answer)))]
            start_response("200 OK", headers)
            return [answer]
        return app(environ, start_response)

    return serve_one


def _usual_body(environ: WSGIEnvironment) -> bytes | None:
    """Return the body of a small plain export, which the server has read whole; else None."""
    stream = environ["wsgi.input"]
    if (
        environ["PATH_INFO"] != PATH
        or environ["REQUEST_METHOD"] != "POST"
        or environ.get("CONTENT_TYPE") != _PROTOBUF
        or "HTTP_CONTENT_ENCODING" in environ
        or not isinstance(stream, io.BytesIO)
    ):
        return None
    body = stream.getvalue()
    is_whole = environ.get("CONTENT_LENGTH") == str(len(body))
    return body if is_whole and len(body) <= MAX_BODY_BYTES else None


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
