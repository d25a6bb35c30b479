"""The stack's control: what the lab's page may do to the programs of this stack, over HTTP.

It listens on loopback, and asks for a password that only `web` is given. It lives in the process
that started the stack, so that what it has switched on ends in time, even if `web` is gone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from hmac import compare_digest
from typing import Self

from flask import Flask, Response, request
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry

from chassis.clock import Clock
from chassis.hosts import OwnNames
from chassis.http import MAX_BODY_BYTES, new_app
from chassis.lab.firings import Firings
from chassis.lab.routes import add_places
from chassis.listening import listen
from chassis.problems import Problem, json_response
from chassis.programs import Programs
from chassis.serving import HttpServer
from chassis.settings import Timeouts
from chassis.sites import only_for_us
from chassis.telemetry.provider import new_tracer_provider
from stack.errors import StackError
from stack.outside import Actor, Program, Recent, look_after
from stack.ports import LOOPBACK
from stack.supervisor_client import UNREACHABLE

NAME = USER = "stack"
THREADS = 4
TRACES_EVERY_MS = 75


class Control:
    """Serves the switches of the programs, and ends them in time, until it is stopped.

    Args:
        actor: acts on the programs.
        contract: what there is to switch, in words.
        names: the programs that are places of the lab.
        port: where on loopback.
        password: what each request has to give.
        traces_url: where it records what was done.
    """

    def __init__(
        self,
        actor: Actor,
        contract: Programs,
        names: Sequence[str],
        port: int,
        password: str,
        traces_url: str,
    ) -> None:
        self._provider, clock = _provider(traces_url), Clock()
        tracer, flush = self._provider.get_tracer(__name__), self._provider.force_flush
        actor = Recent(actor)
        self._stop = stop = threading.Event()
        programs = [
            Program(name, actor, contract, Firings(tracer, clock, flush, name), stop)
            for name in names
        ]
        self._threads = [
            threading.Thread(target=target, args=arguments, name="control", daemon=True)
            for target, arguments in (
                (look_after, (programs, self._stop)),
                (clock.watch, (self._stop,)),
            )
        ]
        app = only_for_us(_app(programs, password), OwnNames())
        listeners = listen(LOOPBACK, port)
        self._server = HttpServer(app, listeners, THREADS, MAX_BODY_BYTES, Timeouts())

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self._server.__enter__()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._server.__exit__(None, None, None)
        for thread in self._threads:
            thread.join()
        self._provider.shutdown()


def _provider(traces_url: str) -> TracerProvider:
    # It takes the variables for a receiver away, and the next start of a stack needs them again.
    kept = {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}
    try:
        return new_tracer_provider(NAME, traces_url, TRACES_EVERY_MS)
    finally:
        os.environ.update(kept)


def _app(programs: Sequence[Program], password: str) -> Flask:
    app = new_app(NAME, {}, CollectorRegistry())
    app.register_error_handler(StackError, _not_now)
    for kind in UNREACHABLE:
        app.register_error_handler(kind, _gone)

    @app.before_request
    def only_for_web() -> None:
        given = request.authorization
        said = f"{given.username}:{given.password}" if given and given.type == "basic" else ""
        if not compare_digest(said.encode(), f"{USER}:{password}".encode()):
            needed = {"WWW-Authenticate": "Basic"}
            raise Problem(401, "about:blank", "This is for web.", headers=needed)

    add_places(app, {program.name: program for program in programs})

    @app.post("/lab/start")
    def start() -> Response:
        return json_response({"started": [it.name for it in programs if it.start_if_down()]})

    return app


def _not_now(error: Exception) -> Response:
    title = "The program cannot be acted on."
    return Problem(409, "not-possible-now", title, str(error)).response()


def _gone(_error: Exception) -> Response:
    return Problem(503, "about:blank", "The supervisor does not answer.").response()
