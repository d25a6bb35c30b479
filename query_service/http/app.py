"""The query service: reads only, from MongoDB."""

from typing import Any

from flask import Flask, Response, request
from pymongo.database import Database

from chassis import mongo
from chassis.api_docs import add_api_docs
from chassis.problems import Problem, json_body
from chassis.process import Process
from chassis.telemetry.requests import trace_requests
from chassis.telemetry.sampling import TracesPerSecond
from query_service.http.conditional import unless_known
from query_service.http.counts import add_counts
from query_service.http.lab import add_lab_routes
from query_service.http.pages import Page, render
from query_service.http.parameters import parameters, parse_id, wanted_page
from query_service.http.read_models import ReadModels
from query_service.http.read_your_writes import ReadYourWrites
from query_service.http.rebuild_stops import CrashRebuild, HoldRebuild, stop_before_swap
from query_service.http.rebuilding import Rebuilding, add_rebuild
from query_service.http.shared_reads import SharedReads
from query_service.read_model import REPLICA, ReadModel


def create_app(
    process: Process,
    database: Database[dict[str, Any]],
    read_models: ReadModels,
    read_your_writes: ReadYourWrites,
) -> Flask:
    """Return the query service. Nothing connects before the first request."""
    read_model = read_models.todos
    checks = {"mongodb": lambda: mongo.check(database)}
    rebuilding = Rebuilding(lambda: stop_before_swap(lab, rebuilding.is_running))
    lab = process.new_lab(CrashRebuild(rebuilding.kill), HoldRebuild(rebuilding.kill))
    versions = {"mongodb": lambda: mongo.version(database)}
    app = process.new_app(__name__, checks, lab, read_model.holds, versions)
    limit = TracesPerSecond(process.settings.traces_per_s)
    trace_requests(app, process.tracer("query_service"), process.clock, limit)
    add_todos(app, read_models, read_your_writes)
    add_api_docs(app, "queries.openapi.yaml")
    if process.settings.lab:
        add_lab_routes(app, read_model, ReadModel(database, REPLICA))
        add_counts(app, database)
        process.on_stop(rebuilding.end)
        add_rebuild(app, rebuilding)
    return app


def add_todos(app: Flask, read_models: ReadModels, read_your_writes: ReadYourWrites) -> None:
    """Give the app the routes that answer queries."""
    pages = SharedReads[Page]()

    @app.get("/todos")
    def get_todos() -> Response:
        wanted = wanted_page(request.query_string)
        read_model, named = read_models.answering(request.environ)
        headers = read_your_writes.headers(named)
        page = pages((read_model, wanted), lambda: render(read_model, wanted))
        if page.link:
            headers["Link"] = page.link
        return unless_known(page.body, page.tag, headers)

    @app.get("/todos/<todo_id>")
    def get_todo(todo_id: str) -> Response:
        parameters(request.query_string, known=())
        read_model, named = read_models.answering(request.environ)
        headers = read_your_writes.headers(named)
        wanted = parse_id(todo_id)
        found = None if wanted is None else read_model.one(wanted)
        if found is None:
            detail = f"The read model holds no todo with the id {todo_id[:40]}."
            raise Problem(404, "no-such-todo", "There is no such todo.", detail, named)
        todo, version = found
        return unless_known(json_body(todo), str(version), headers)
