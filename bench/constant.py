"""A server that answers with a constant: the same Flask and server, nothing behind them."""

import os

from flask import Flask, Response
from prometheus_client import CollectorRegistry

from chassis.http import new_app
from chassis.process import running
from chassis.settings import Environment, ProcessSettings


def constant_app(body: bytes) -> Flask:
    """Return the app: `/constant` answers with the body."""
    app = new_app(__name__, {}, CollectorRegistry())

    @app.get("/constant")
    def constant() -> Response:
        return Response(body, content_type="application/json")

    return app


def main() -> None:
    """Serve SIZE_BYTES bytes on PORT with so many THREADS, until SIGTERM."""
    environment = Environment.of_process()
    with running(ProcessSettings.read(environment, "constant", "PORT", 0)) as process:
        app = constant_app(b"x" * int(os.environ["SIZE_BYTES"]))
        with process.serving(app, threads=int(os.environ["THREADS"])):
            process.stop.wait()


if __name__ == "__main__":
    main()
