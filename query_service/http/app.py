"""The query service: reads only, from MongoDB."""

from typing import Any

from flask import Flask, Response, request
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry
from pymongo.database import Database

from chassis import mongo
from chassis.http import new_app
from chassis.lab import Lab, add_lab
from chassis.lifecycle import before_exit, end_with_parent
from chassis.log import set_up_logging
from chassis.problems import Problem, json_body
from chassis.settings import Environment
from chassis.telemetry import TracesPerSecond, new_tracer_provider, trace_requests
from query_service.http.conditional import unless_known
from query_service.http.lab import add_lab_routes
from query_service.http.pages import Page, render
from query_service.http.parameters import parameters, parse_id, wanted_page
from query_service.http.read_your_writes import ReadYourWrites
from query_service.http.shared_reads import SharedReads
from query_service.read_model import ReadModel
from query_service.settings import Settings


def create_app(
    settings: Settings, database: Database[dict[str, Any]], provider: TracerProvider
) -> Flask:
    """Return the query service. Nothing connects before the first request.

    Args:
        settings: what the service is told.
        database: where the read model is.
        provider: where spans go.
    """
    registry = CollectorRegistry()
    app = new_app(__name__, {"mongodb": lambda: mongo.check(database)}, registry)
    limit = TracesPerSecond(settings.service.traces_per_s)
    trace_requests(app, provider.get_tracer("query_service"), limit)
    read_model = ReadModel(database)
    add_todos(app, read_model, ReadYourWrites(read_model, registry))
    if settings.service.lab:
        add_lab(app, Lab(), read_model.holds, switchable=False)
        add_lab_routes(app, read_model)
    return app


def add_todos(app: Flask, read_model: ReadModel, read_your_writes: ReadYourWrites) -> None:
    """Give the app the routes that answer queries.

    Args:
        app: the query service.
        read_model: where the todos are.
        read_your_writes: waits where a request brings a token.
    """
    pages = SharedReads[Page]()

    @app.get("/todos")
    def get_todos() -> Response:
        wanted = wanted_page(request.query_string)
        headers = read_your_writes.wait()
        page = pages(wanted, lambda: render(read_model, wanted))
        if page.link:
            headers["Link"] = page.link
        return unless_known(page.body, page.tag, headers)

    @app.get("/todos/<todo_id>")
    def get_todo(todo_id: str) -> Response:
        parameters(request.query_string, known=())
        headers = read_your_writes.wait()
        wanted = parse_id(todo_id)
        found = None if wanted is None else read_model.one(wanted)
        if found is None:
            detail = f"The read model holds no todo with the id {todo_id[:40]}."
            raise Problem(404, "no-such-todo", "There is no such todo.", detail)
        todo, version = found
        return unless_known(json_body(todo), str(version), headers)


def app_of_process() -> Flask:
    """Return the app as its own process serves it."""
    settings = Settings.of_query_service(Environment.of_process())
    set_up_logging(settings.service.service, settings.service.log_format)
    provider = new_tracer_provider(settings.service.service)
    before_exit(provider.shutdown)
    end_with_parent()
    return create_app(settings, mongo.database(settings.mongodb_url, timeout_ms=2000), provider)
