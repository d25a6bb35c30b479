"""HTTP apps with problem details, health, readiness and metrics."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Flask, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from chassis.encodings import decoded
from chassis.errors import ServerUnavailable
from chassis.problems import answer_with_problems, json_response
from chassis.telemetry.request_metrics import measure_requests

# The checks behind readiness, by server name. A check raises ServerUnavailable if its server does
# not work.
Checks = Mapping[str, Callable[[], object]]
MAX_BODY_BYTES = 16 * 1024
# How long a question that is asked waits for the same question, which may hang with its server.
CHECKED_WITHIN_S = 1.0


T = TypeVar("T")


class _App(Flask):
    """Flask, without asking of each function at each request whether it is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: all of ours are plain ones."""
        return func


def new_app(import_name: str, checks: Checks, registry: CollectorRegistry) -> Flask:
    """Return an app with problem details, /healthz, /readyz and /metrics."""
    app = _App(import_name, static_folder=None)
    # One more than allowed: werkzeug silently cuts a chunked body off at its limit.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES + 1
    answer_with_problems(app)
    measure_requests(app, registry)
    asked = {name: one_at_a_time(name, check) for name, check in checks.items()}

    @app.get("/healthz")
    def healthz() -> Response:
        return json_response({"alive": True})

    @app.get("/readyz")
    def readyz() -> Response:
        results = {name: _result_of(check) for name, check in asked.items()}
        ready = all(result == "ok" for result in results.values())
        return json_response({"ready": ready, "checks": results}, 200 if ready else 503)

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return app


def read_body(request: Request) -> bytes:
    """Return the body of a request, unzipped. Raises RequestEntityTooLarge and Problem."""
    return decoded(request, MAX_BODY_BYTES)


def one_at_a_time(server: str, question: Callable[[], T]) -> Callable[[], T]:
    """Return a question that takes up one thread at most, however long its server takes to answer.

    Raises ServerUnavailable if it is being asked already, and for long.
    """
    lock = threading.Lock()

    def ask() -> T:
        if not lock.acquire(timeout=CHECKED_WITHIN_S):
            raise ServerUnavailable(server, "does not answer")
        try:
            return question()
        finally:
            lock.release()

    return ask


def _result_of(check: Callable[[], object]) -> str:
    try:
        check()
    except ServerUnavailable as error:
        return error.reason
    return "ok"
