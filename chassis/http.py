"""HTTP apps with problem details, health, readiness and metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from flask import Flask, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from chassis.encodings import decoded
from chassis.errors import ServerUnavailable
from chassis.problems import Problem, answer_with_problems, json_response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The checks behind readiness, by server name. A check raises ServerUnavailable if its server does
# not work.
Checks = Mapping[str, Callable[[], object]]
MAX_BODY_BYTES = 16 * 1024
# Of all values together. The servers below take more, so that the answer is ours.
MAX_HEADER_BYTES = 16 * 1024


def new_app(import_name: str, checks: Checks, registry: CollectorRegistry) -> Flask:
    """Return an app with problem details, /healthz, /readyz and /metrics."""
    app = Flask(import_name, static_folder=None)
    # One more than allowed: werkzeug silently cuts a chunked body off at its limit.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES + 1
    app.wsgi_app = _bounded(_bodies_end(app.wsgi_app))  # type: ignore[assignment]
    answer_with_problems(app)

    @app.get("/healthz")
    def healthz() -> Response:
        return json_response({"alive": True})

    @app.get("/readyz")
    def readyz() -> Response:
        results = {name: _result_of(check) for name, check in checks.items()}
        ready = all(result == "ok" for result in results.values())
        return json_response({"ready": ready, "checks": results}, 200 if ready else 503)

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return app


def read_body(request: Request) -> bytes:
    """Return the body of a request, unzipped. Raises RequestEntityTooLarge and Problem."""
    return decoded(request, MAX_BODY_BYTES)


def _bodies_end(app: WSGIApplication) -> WSGIApplication:
    """Let chunked bodies be read: without a Content-Length they would count as empty.

    The servers used here end `wsgi.input` themselves; this lets werkzeug know.
    Source: https://werkzeug.palletsprojects.com/en/stable/wsgi/#werkzeug.wsgi.get_input_stream
    """

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input_terminated"] = True
        return app(environ, start_response)

    return serve_one


def _bounded(app: WSGIApplication) -> WSGIApplication:
    """Refuse headers that no client of ours needs, before the app looks at them (RFC 6585, 5)."""
    detail = f"Send at most {MAX_HEADER_BYTES} bytes, cookies included."
    refusal = Problem(431, "headers-too-large", "The header fields are too large.", detail)

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        sizes = [len(value) for name, value in environ.items() if name.startswith("HTTP_")]
        if sum(sizes) > MAX_HEADER_BYTES:
            return refusal.response()(environ, start_response)
        return app(environ, start_response)

    return serve_one


def _result_of(check: Callable[[], object]) -> str:
    try:
        check()
    except ServerUnavailable as error:
        return error.reason
    return "ok"
