"""The web app: the page, the ways through to both services, and traces in."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from threading import Event
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, render_template, request
from flask_socketio import SocketIO, emit
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from prometheus_client import CollectorRegistry, Counter

from chassis.errors import ServerUnavailable
from chassis.http import new_app
from chassis.problems import Problem, json_response
from web.gateway import ANSWER_TIMEOUT_S, Answer, Gateway
from web.journeys import Journeys
from web.poller import TodoPoller, Watch
from web.room import Room
from web.settings import Settings
from web.traces import MAX_BODY_BYTES, MalformedTraces, decode, unzip

_TO_COMMANDS = ("Content-Type", "Idempotency-Key", "If-Match")
_TO_QUERIES = ("Consistency-Token", "Prefer", "If-None-Match")
_BACK = ("Content-Type", "Consistency-Token", "ETag", "Retry-After", "Link", "Preference-Applied")
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
    socketio = SocketIO(app, async_mode=async_mode, always_connect=True, max_http_buffer_size=4096)
    gateway, journeys = Gateway(settings.urls), Journeys()
    lab = settings.service.lab
    room = Room(socketio, journeys, lab=lab, poll_interval_ms=settings.poll_interval_ms)

    app.before_request(_refuse_other_sites)
    _add_page(app, socketio, room)
    _add_ways_through(app, gateway)
    _add_traces(app, journeys, room, registry)
    if lab:
        _add_lab(app, settings, gateway)

    poller = TodoPoller(gateway, journeys, room)
    watches = [Watch(gateway, room, process, lab=lab) for process in settings.urls]
    return Web(
        app,
        socketio,
        [
            room.run,
            lambda stop: poller.run(stop, settings.poll_interval_ms / 1000),
            *(watch.run for watch in watches),
        ],
    )


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
    @app.get("/")
    def page() -> Response:
        # The page needs nothing but itself, also where it shows what a stranger has typed.
        policy = {"Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'"}
        return Response(render_template("index.html"), headers=policy, mimetype="text/html")

    def join(_auth: Any = None) -> None:
        emit("welcome", room.welcome())

    socketio.on_event("connect", join)


def _add_ways_through(app: Flask, gateway: Gateway) -> None:
    @app.post("/commands/todos")
    def post_todo() -> Response:
        return _command("/todos")

    @app.route("/commands/todos/<todo_id>", methods=["PATCH", "DELETE"])
    def change_todo(todo_id: str) -> Response:
        return _command(f"/todos/{quote(todo_id, safe='')}")

    def _command(path: str) -> Response:
        body = request.get_data()
        return _as_it_was(gateway.command(request.method, path, body, _some(_TO_COMMANDS)))

    @app.get("/queries/todos", defaults={"todo_id": None})
    @app.get("/queries/todos/<todo_id>")
    def query(todo_id: str | None) -> Response:
        path = "/todos" if todo_id is None else f"/todos/{quote(todo_id, safe='')}"
        asked = request.query_string.decode("latin-1")
        path = f"{path}?{quote(asked, safe='=&%+,')}" if asked else path
        return _as_it_was(gateway.query(path, _some(_TO_QUERIES), ANSWER_TIMEOUT_S))


def _some(names: Sequence[str]) -> dict[str, str]:
    return {name: request.headers[name] for name in names if name in request.headers}


def _as_it_was(answer: Answer) -> Response:
    headers = {name: answer.headers[name] for name in _BACK if name in answer.headers}
    passed_on = Response(answer.body, answer.status)
    passed_on.headers.update(headers)
    return passed_on


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


def _add_lab(app: Flask, settings: Settings, gateway: Gateway) -> None:
    @app.get("/lab")
    def show_lab() -> Response:
        return json_response({process: _lab_of(process) for process in settings.urls})

    def _lab_of(process: str) -> Any:
        try:
            answer = gateway.probe(process, "/lab")
            return json.loads(answer.body) if answer.status == 200 else None
        except (ServerUnavailable, ValueError):
            return None

    @app.put("/lab/<process>/switches/<name>")
    def switch(process: str, name: str) -> Response:
        given = request.headers.get("Authorization", "")
        if not compare_digest(given.encode(), f"Bearer {settings.host_key}".encode()):
            detail = "It was printed when the stack started."
            needed = {"WWW-Authenticate": "Bearer"}
            raise Problem(401, "host-key-needed", "This needs the host key.", detail, needed)
        if process not in settings.urls:
            raise Problem(404, "no-such-process", "There is no such process.")
        path = f"/lab/switches/{quote(name, safe='')}"
        headers = _some(("Content-Type",))
        return _as_it_was(gateway.ask(process, "PUT", path, request.get_data(), headers))
