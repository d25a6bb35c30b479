"""1. The command service: HTTP in, one transaction, HTTP out."""

import logging
import time
from collections.abc import Callable, Sequence

from flask import Flask, Response, request
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, set_span_in_context
from prometheus_client import CollectorRegistry, Counter, Histogram

from chassis.errors import ServerUnavailable
from chassis.http import new_app
from chassis.lab import Lab, add_lab
from chassis.lifecycle import before_exit, end_with_parent
from chassis.log import set_up_logging
from chassis.postgres import Postgres
from chassis.problems import Problem, json_response
from chassis.settings import Environment
from chassis.telemetry import (
    TracesPerSecond,
    new_tracer_provider,
    request_span,
    request_traceparent,
    trace_requests,
)
from command_service.commands import (
    Accepted,
    KeyUsedForAnother,
    NoSuchTodo,
    VersionMismatch,
    change_todo,
    create_todo,
    delete_todo,
)
from command_service.events import type_of
from command_service.feed import EventLog, feed_answer
from command_service.lab_routes import add_lab_routes
from command_service.requests import (
    change_command,
    create_command,
    delete_command,
    no_such_todo,
)
from command_service.settings import Settings
from command_service.store import PREPARED, SCHEMA, PostgresTodoStore, Written
from command_service.todo import KINDS

log = logging.getLogger(__name__)


def create_app(settings: Settings, postgres: Postgres, provider: TracerProvider) -> Flask:
    """Return the command service. Nothing connects before the first request.

    Args:
        settings: what the service is told.
        postgres: the write store's server.
        provider: where spans go.
    """
    registry = CollectorRegistry()
    app = new_app(__name__, {"postgresql": postgres.check}, registry)
    tracer = provider.get_tracer("command_service")
    trace_requests(app, tracer, TracesPerSecond(settings.service.traces_per_s))
    store = PostgresTodoStore(postgres)
    carry_out = Committing(tracer, registry)

    @app.post("/todos")
    def post_todo() -> Response:
        command = create_command(request, request_traceparent())
        accepted = carry_out("INSERT", lambda: create_todo(command, store))
        return _answer(201, "Todo created successfully.", accepted)

    @app.patch("/todos/<todo_id>")
    def patch_todo(todo_id: str) -> Response:
        command = change_command(request, todo_id, request_traceparent())
        accepted = carry_out("UPDATE", lambda: change_todo(command, store))
        return _answer(200, "Todo updated successfully.", accepted)

    @app.delete("/todos/<todo_id>")
    def delete(todo_id: str) -> Response:
        command = delete_command(request, todo_id, request_traceparent())
        accepted = carry_out("DELETE", lambda: delete_todo(command, store))
        return _answer(200, "Todo deleted successfully.", accepted)

    @app.get("/events")
    def get_events() -> Response:
        return feed_answer(request, EventLog(postgres))

    @app.errorhandler(NoSuchTodo)
    def not_found(_error: NoSuchTodo) -> Response:
        return no_such_todo((request.view_args or {})["todo_id"]).response()

    @app.errorhandler(VersionMismatch)
    def mismatch(error: VersionMismatch) -> Response:
        title = "The todo has changed since."
        return Problem(412, "version-mismatch", title, str(error)).response()

    @app.errorhandler(KeyUsedForAnother)
    def key_used(_error: KeyUsedForAnother) -> Response:
        title = "The Idempotency-Key was used before, with another body."
        return Problem(422, "idempotency-key-reused", title, "Take a new key.").response()

    if settings.service.lab:
        add_lab(app, Lab(), store.holds, switchable=False)
        add_lab_routes(app, store)
    return app


class Committing:
    """Carries out a command, and records the transaction as a span, a log line and a metric."""

    def __init__(self, tracer: Tracer, registry: CollectorRegistry) -> None:
        self._tracer = tracer
        self._seconds = Histogram(
            "command_transaction_seconds", "Time of a command's transaction.", registry=registry
        )
        events = Counter("events_written", "Events committed.", ["kind"], registry=registry)
        self._events = {kind: events.labels(kind) for kind in KINDS}

    def __call__(self, operation: str, handle: Callable[[], Accepted]) -> Accepted:
        """Call the handler, and tell what it has committed."""
        start_ns = time.time_ns()
        try:
            accepted = handle()
        except ServerUnavailable as error:
            self._tell(operation, start_ns, time.time_ns(), [], error.reason)
            raise
        committed_ns = time.time_ns()
        self._seconds.observe((committed_ns - start_ns) / 1e9)
        for written in accepted.written:
            self._events[written.happened.kind].inc()
        self._tell(operation, start_ns, committed_ns, accepted.written)
        return accepted

    def _tell(
        self,
        operation: str,
        start_ns: int,
        end_ns: int,
        events: Sequence[Written],
        error: str | None = None,
    ) -> None:
        asked = request_span()
        # What is not sampled is not told line by line either: under load that would cost more
        # than the commands do.
        if not asked.is_recording():
            return
        span = self._tracer.start_span(
            f"{operation} todos",
            set_span_in_context(asked),
            SpanKind.CLIENT,
            {
                "db.system.name": "postgresql",
                "db.collection.name": "todos",
                "db.operation.name": operation,
            },
            start_time=start_ns,
        )
        for written in events:
            kind, todo = written.happened.kind, written.happened.todo
            span.add_event(
                "event written",
                {
                    "cloudevents.event_id": written.event_id,
                    "cloudevents.event_type": type_of(kind),
                    "todo.id": todo.id,
                    "todo.version": todo.version,
                    "todo.title": todo.title,
                    "todo.completed": todo.completed,
                },
            )
            log.info(
                'committed todo %d v%d %s "%s" in %.1f ms',
                todo.id,
                todo.version,
                kind,
                todo.title,
                (end_ns - start_ns) / 1e6,
            )
        if error:
            span.set_status(Status(StatusCode.ERROR, error))
        span.end(end_ns)


def _answer(status: int, message: str, accepted: Accepted) -> Response:
    return json_response(
        {"message": message, "id": accepted.todo_id},
        status,
        {
            "Consistency-Token": f"{accepted.todo_id}.{accepted.version}",
            "ETag": f'"{accepted.version}"',
        },
    )


def app_of_process() -> Flask:
    """Return the app as its own process serves it."""
    settings = Settings.of_command_service(Environment.of_process())
    set_up_logging(settings.service.service, settings.service.log_format)
    provider = new_tracer_provider(settings.service.service)
    before_exit(provider.shutdown)
    end_with_parent()
    postgres = Postgres(settings.database_url, SCHEMA, PREPARED)
    return create_app(settings, postgres, provider)
