"""The web app: the page, the ways through to both services, and traces in."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, render_template, request
from flask_socketio import SocketIO
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from prometheus_client import CollectorRegistry, Counter

from chassis.http import new_app
from chassis.problems import Problem
from web.burst import Burst
from web.control import add_control
from web.gateway import ANSWER_TIMEOUT_S, Gateway
from web.journeys import Journeys
from web.passing import as_it_was, some_headers
from web.poller import TodoPoller, Watch
from web.probes import Probes
from web.records import add_records, add_stores
from web.room import PacketJson, Room
from web.settings import Settings
from web.traces import MAX_BODY_BYTES, MalformedTraces, decode, unzip
from web.truths import add_truths

_TO_COMMANDS = ("Content-Type", "Idempotency-Key", "If-Match")
_TO_QUERIES = ("Consistency-Token", "Prefer", "If-None-Match")
_PROTOBUF = "application/x-protobuf"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Web:
    """What the main module serves, and what it runs beside it until it is told to stop."""

    app: Flask
    socketio: SocketIO
    background: Sequence[Callable[[Event], None]]


def create_app(settings: Settings, async_mode: str = "eventlet") -> Web:
    """Return the web app. Nothing connects, and nothing runs, before it is told to.

    Args:
        settings: what web is told.
        async_mode: what Socket.IO runs on.
    """
    registry = CollectorRegistry()
    # Web serves the page while the services are down, and says so on it: it is ready at once.
    app = new_app("web", {}, registry)
    app.static_folder = "static"
    app.add_url_rule("/static/<path:filename>", "static", app.send_static_file)
    socketio = SocketIO(
        app, async_mode=async_mode, always_connect=True, max_http_buffer_size=4096, json=PacketJson
    )
    gateway, journeys = Gateway(settings.urls), Journeys()
    lab = settings.process.lab
    room = Room(socketio, journeys, lab=lab, ports=settings.ports())
    poller = TodoPoller(gateway, journeys, room, settings.poll_interval_ms)
    probes = Probes(gateway, journeys, room)
    watches = [Watch(gateway, room, process, lab=lab) for process in settings.urls]

    app.before_request(_refuse_other_sites)
    _add_page(app, socketio, room)
    _add_ways_through(app, gateway, probes)
    _add_traces(app, journeys, room, registry)
    add_records(app, journeys, room, probes)
    add_stores(app, journeys, gateway, lab=lab)
    if lab:
        add_truths(app, gateway)
        add_control(app, settings, gateway, poller, Burst(gateway, room, probes))
    background = [room.run, poller.run, probes.run, *(watch.run for watch in watches)]
    return Web(app, socketio, background)


def _refuse_other_sites() -> None:
    """Refuse what another site's page makes a browser send.

    Source: OWASP, Cross-Site Request Forgery Prevention, Fetch Metadata headers.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    ours = f"{request.scheme}://{request.host}"
    if site not in {"same-origin", "none"} or (origin is not None and origin != ours):
        detail = "Only this page, or a client that is no browser, may change anything here."
        raise Problem(403, "other-site", "The request comes from another site.", detail)


def _add_page(app: Flask, socketio: SocketIO, room: Room) -> None:
    modules = _modules(Path(app.static_folder or ""))

    @app.get("/")
    def page() -> Response:
        # The page needs nothing but itself, also where it shows what a stranger has typed.
        policy = {"Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'"}
        text = render_template("index.html", modules=modules)
        return Response(text, headers=policy, mimetype="text/html")

    def join(_auth: Any = None) -> None:
        room.join(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO adds it

    socketio.on_event("connect", join)


def _modules(static: Path) -> list[str]:
    """Return the page's JavaScript modules, so that a browser can load them all at once."""
    found = [*static.glob("js/**/*.js"), *static.glob("vendor/*.js")]
    return sorted(path.relative_to(static).as_posix() for path in found)


def _add_ways_through(app: Flask, gateway: Gateway, probes: Probes) -> None:
    @app.post("/commands/todos")
    def post_todo() -> Response:
        return _command("/todos")

    @app.route("/commands/todos/<todo_id>", methods=["PATCH", "DELETE"])
    def change_todo(todo_id: str) -> Response:
        return _command(f"/todos/{quote(todo_id, safe='')}")

    def _command(path: str) -> Response:
        headers = some_headers(request, _TO_COMMANDS)
        answer = gateway.command(request.method, path, request.get_data(), headers)
        if request.method != "DELETE":
            probes.sample(answer)
        return as_it_was(answer)

    @app.get("/queries/todos", defaults={"todo_id": None})
    @app.get("/queries/todos/<todo_id>")
    def query(todo_id: str | None) -> Response:
        path = "/todos" if todo_id is None else f"/todos/{quote(todo_id, safe='')}"
        asked = request.query_string.decode("latin-1")
        path = f"{path}?{quote(asked, safe='=&%+,')}" if asked else path
        headers = some_headers(request, _TO_QUERIES)
        return as_it_was(gateway.query(path, headers, ANSWER_TIMEOUT_S))


def _add_traces(app: Flask, journeys: Journeys, room: Room, registry: CollectorRegistry) -> None:
    received = Counter("spans_received", "Spans received by OTLP.", registry=registry)

    @app.post("/v1/traces")
    def receive_traces() -> Response:
        request.max_content_length = MAX_BODY_BYTES
        if request.mimetype != _PROTOBUF:
            detail = f"Send {_PROTOBUF}."
            raise Problem(415, "unsupported-media-type", "The body is no protobuf.", detail)
        body = request.get_data(cache=False)
        try:
            if request.headers.get("Content-Encoding") == "gzip":
                body = unzip(body)
            spans = decode(body)
        except MalformedTraces as error:
            title = "The traces cannot be read."
            raise Problem(400, "malformed-traces", title, str(error)) from error
        received.inc(len(spans))
        for span in spans:
            room.tell_hops(journeys.add_span(span))
        return Response(ExportTraceServiceResponse().SerializeToString(), mimetype=_PROTOBUF)
