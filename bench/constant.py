"""A server that answers with a constant: the same Flask and granian, nothing behind them."""

import os

from flask import Flask, Response
from prometheus_client import CollectorRegistry

from chassis.http import new_app, serve


def app_of_process() -> Flask:
    """Return the app: `/constant` answers with SIZE_BYTES bytes."""
    app = new_app(__name__, {}, CollectorRegistry())
    body = b"x" * int(os.environ["SIZE_BYTES"])

    @app.get("/constant")
    def constant() -> Response:
        return Response(body, content_type="application/json")

    return app


if __name__ == "__main__":
    serve("bench.constant:app_of_process", "127.0.0.1", int(os.environ["PORT"]), threads=32)
