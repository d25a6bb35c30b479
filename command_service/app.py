"""The command service: HTTP in, one transaction, HTTP out."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from flask import Flask, Response, request

from chassis.headers import baggage
from chassis.lab.lab import Lab
from chassis.lab.match import SENDER
from chassis.lab.points import Crash, Hold, Point
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
from command_service.events import Written
from command_service.feed import EventLog, feed_answer
from command_service.hops import CommandHops
from command_service.known_start import KnownStart, add_known_start
from command_service.lab import WriteSide, add_lab_routes
from command_service.points import AFTER_COMMIT, BEFORE_COMMIT, written_subjects
from command_service.requests import change_command, create_command, delete_command
from command_service.stepped import SteppedTodoStore
from command_service.store import PostgresTodoStore

C = TypeVar("C", bound=Command)


def create_app(process: Process, postgres: Postgres) -> Flask:
    """Return the command service. Nothing connects before the first request."""
    write_side = WriteSide(postgres)
    points = (BEFORE_COMMIT, AFTER_COMMIT)
    lab = process.new_lab(Crash(*points, also=(SENDER,)), Hold(*points, also=(SENDER,)))
    app = process.new_app(__name__, {"postgresql": postgres.check}, lab, write_side.holds)
    tracer = process.tracer("command_service")
    trace_requests(app, tracer, process.clock, TracesPerSecond(process.settings.traces_per_s))
    answer_refusals(app)
    hops = CommandHops(tracer, process.clock, process.registry)
    _add_commands(app, postgres, hops, lab)
    _add_feed(app, EventLog(postgres))
    if process.settings.lab:
        add_lab_routes(app, write_side)
        add_known_start(app, KnownStart(postgres))
    return app


def _add_commands(app: Flask, postgres: Postgres, hops: CommandHops, lab: Lab) -> None:
    usual = PostgresTodoStore(postgres)

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
        if lab.armed:
            return carry_out_in_steps(handler, command)
        with hops.committing(command) as committing:
            return committing.wrote(handler(command, usual))

    def carry_out_in_steps(handler: Callable[[C, TodoStore], Accepted], command: C) -> Accepted:
        sender = baggage(request.headers.get("baggage", "")).get("sender", "")

        def stop_at(point: Point, written: Sequence[Written]) -> None:
            lab.at(point, written_subjects(written, command.traceparent, sender))

        store: TodoStore = usual
        if lab.watches(BEFORE_COMMIT):
            store = SteppedTodoStore(postgres, partial(stop_at, BEFORE_COMMIT))
        with hops.committing(command) as committing:
            accepted = committing.wrote(handler(command, store))
        stop_at(AFTER_COMMIT, accepted.written)
        return accepted


def _add_feed(app: Flask, event_log: EventLog) -> None:
    @app.get("/events")
    def get_events() -> Response:
        return feed_answer(request, event_log)

    @app.get("/events/summary")
    def get_summary() -> Response:
        return json_response(event_log.summary())
