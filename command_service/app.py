"""The command service: HTTP in, one transaction, HTTP out."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Flask, Response, request

from chassis.api_docs import add_api_docs
from chassis.headers import baggage
from chassis.lab.clock import WrongClock
from chassis.lab.lab import Lab
from chassis.lab.match import SENDER
from chassis.lab.points import Crash, Hold
from chassis.postgres import Postgres
from chassis.problems import json_response
from chassis.process import Process
from chassis.serving import no_answer
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
from command_service.dual_write import DualWrite
from command_service.events import Event
from command_service.feed import EventLog, feed_answer
from command_service.hops import CommandHops, SendingHops
from command_service.known_start import KnownStart, add_known_start
from command_service.lab import WriteSide, add_lab_routes
from command_service.points import AFTER_COMMIT, BEFORE_COMMIT
from command_service.requests import change_command, create_command, delete_command
from command_service.stepped import SteppedTodoStore
from command_service.steps import Publish, Steps
from command_service.store import PostgresTodoStore
from command_service.switches import EatAnswer, HowToPublish, NewerEvents

C = TypeVar("C", bound=Command)


def create_app(process: Process, postgres: Postgres, rabbitmq_url: str) -> Flask:
    """Return the command service. Nothing connects before the first request.

    Args:
        process: what it runs in.
        postgres: the connections to the write store.
        rabbitmq_url: where the broker is, to which only a switch of the lab has it talk.
    """
    write_side = WriteSide(postgres)
    lab = _new_lab(process)
    checks, versions = {"postgresql": postgres.check}, {"postgresql": postgres.version}
    app = process.new_app(__name__, checks, lab, write_side.holds, versions)
    tracer = process.tracer("command_service")
    trace_requests(app, tracer, process.clock, TracesPerSecond(process.settings.traces_per_s))
    answer_refusals(app)
    hops = CommandHops(tracer, process.clock, process.registry)
    publish = _new_publish(process, rabbitmq_url) if process.settings.lab else _never
    _add_commands(app, _Commands(postgres, hops, lab, publish))
    _add_feed(app, EventLog(postgres))
    add_api_docs(app, "commands.openapi.yaml")
    if process.settings.lab:
        add_lab_routes(app, write_side)
        add_known_start(app, KnownStart(postgres))
    return app


def _new_lab(process: Process) -> Lab:
    points = (BEFORE_COMMIT, AFTER_COMMIT)
    return process.new_lab(
        Crash(*points, also=(SENDER,)),
        Hold(*points, also=(SENDER,)),
        HowToPublish(),
        EatAnswer(),
        NewerEvents(),
        WrongClock(process.clock),
    )


def _new_publish(process: Process, rabbitmq_url: str) -> Publish:
    tracer = process.tracer("command_service.dual_write")
    hops = SendingHops(tracer, process.clock, process.registry)
    return DualWrite(rabbitmq_url, process.settings.name, hops).publish


def _never(_events: Sequence[Event]) -> None:
    raise AssertionError("Without the lab, this service does not publish.")


class _Commands:
    """Carries commands out, and answers them."""

    def __init__(self, postgres: Postgres, hops: CommandHops, lab: Lab, publish: Publish) -> None:
        self._postgres = postgres
        self._usual = PostgresTodoStore(postgres)
        self._hops = hops
        self._lab = lab
        self._publish = publish

    def answer(
        self, handler: Callable[[C, TodoStore], Accepted], command: C, status: int, message: str
    ) -> Response:
        """Carry a command out, and return the answer."""
        if self._lab.armed:
            return self._answer_as_the_lab_says(handler, command, status, message)
        with self._hops.committing(command) as committing:
            accepted = committing.wrote(handler(command, self._usual))
        return accepted_answer(status, message, accepted)

    def _answer_as_the_lab_says(
        self, handler: Callable[[C, TodoStore], Accepted], command: C, status: int, message: str
    ) -> Response:
        sender = baggage(request.headers.get("baggage", "")).get("sender", "")
        steps = Steps(self._lab, self._postgres, self._publish, command.traceparent, sender)
        are_wanted = Steps.are_wanted(self._lab)
        store = SteppedTodoStore(self._postgres, steps.commit) if are_wanted else self._usual
        with steps.taken():
            with self._hops.committing(command) as committing:
                accepted = committing.wrote(handler(command, store))
            steps.after_commit(accepted.written)
        if firing := self._lab.fires(EatAnswer, steps.subject(accepted)):
            with firing:
                return no_answer()
        return accepted_answer(status, message, accepted)


def _add_commands(app: Flask, commands: _Commands) -> None:
    @app.post("/todos")
    def post_todo() -> Response:
        command = create_command(request, request_traceparent())
        return commands.answer(create_todo, command, 201, "Todo created successfully.")

    @app.patch("/todos/<todo_id>")
    def patch_todo(todo_id: str) -> Response:
        command = change_command(request, todo_id, request_traceparent())
        return commands.answer(change_todo, command, 200, "Todo updated successfully.")

    @app.delete("/todos/<todo_id>")
    def delete(todo_id: str) -> Response:
        command = delete_command(request, todo_id, request_traceparent())
        return commands.answer(delete_todo, command, 200, "Todo deleted successfully.")


def _add_feed(app: Flask, event_log: EventLog) -> None:
    @app.get("/events")
    def get_events() -> Response:
        return feed_answer(request, event_log)

    @app.get("/events/summary")
    def get_summary() -> Response:
        return json_response(event_log.summary())
