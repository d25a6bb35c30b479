"""The command service: HTTP in, one transaction, HTTP out."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, request

from chassis.lab.lab import Lab
from chassis.postgres import Postgres
from chassis.problems import json_response
from chassis.process import Process
from chassis.telemetry.requests import request_traceparent, trace_requests
from chassis.telemetry.sampling import TracesPerSecond
from command_service.answers import accepted_answer, answer_refusals
from command_service.commands import (
    Accepted,
    Command,
    TodoStore,
    change_todo,
    create_todo,
    delete_todo,
)
from command_service.feed import EventLog, feed_answer
from command_service.hops import CommandHops
from command_service.lab import WriteSide, add_lab_routes
from command_service.requests import change_command, create_command, delete_command
from command_service.store import PostgresTodoStore

C = TypeVar("C", bound=Command)


def create_app(process: Process, postgres: Postgres) -> Flask:
    """Return the command service. Nothing connects before the first request."""
    write_side = WriteSide(postgres)
    app = process.new_app(__name__, {"postgresql": postgres.check}, Lab(), write_side.holds)
    tracer = process.tracer("command_service")
    trace_requests(app, tracer, process.clock, TracesPerSecond(process.settings.traces_per_s))
    answer_refusals(app)
    hops = CommandHops(tracer, process.clock, process.registry)
    _add_commands(app, PostgresTodoStore(postgres), hops)
    _add_feed(app, EventLog(postgres))
    if process.settings.lab:
        add_lab_routes(app, write_side)
    return app


def _add_commands(app: Flask, store: TodoStore, hops: CommandHops) -> None:
    @app.post("/todos")
    def post_todo() -> Response:
        command = create_command(request, request_traceparent())
        return accepted_answer(201, "Todo created successfully.", carry_out(create_todo, command))

    @app.patch("/todos/<todo_id>")
    def patch_todo(todo_id: str) -> Response:
        command = change_command(request, todo_id, request_traceparent())
        return accepted_answer(200, "Todo updated successfully.", carry_out(change_todo, command))

    @app.delete("/todos/<todo_id>")
    def delete(todo_id: str) -> Response:
        command = delete_command(request, todo_id, request_traceparent())
        return accepted_answer(200, "Todo deleted successfully.", carry_out(delete_todo, command))

    def carry_out(handler: Callable[[C, TodoStore], Accepted], command: C) -> Accepted:
        with hops.committing(command) as committing:
            return committing.wrote(handler(command, store))


def _add_feed(app: Flask, event_log: EventLog) -> None:
    @app.get("/events")
    def get_events() -> Response:
        return feed_answer(request, event_log)

    @app.get("/events/summary")
    def get_summary() -> Response:
        return json_response(event_log.summary())
