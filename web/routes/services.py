"""The routes through to both services: commands and queries, passed on as they are."""

from urllib.parse import quote

from flask import Flask, Response, request

from web.background.probe_reads import ProbeReads
from web.gateway import ANSWER_TIMEOUT_S, Gateway
from web.routes.at_once import AtOnce
from web.routes.forwarding import headers_of, passed_back

_TO_COMMANDS = ("Content-Type", "Idempotency-Key", "If-Match", "Baggage")
_TO_QUERIES = ("Consistency-Token", "Prefer", "If-None-Match", "Read-Model")


def add_services(app: Flask, gateway: Gateway, probe_reads: ProbeReads, most: int) -> None:
    """Give the app the routes through to the command service and the query service.

    Args:
        app: web.
        gateway: the way to both.
        probe_reads: reads back a sample of what was written.
        most: how many requests may be under way to each of them at once.
    """
    commands, queries = AtOnce(most), AtOnce(most)

    @app.post("/commands/todos")
    def post_todo() -> Response:
        return pass_on("/todos")

    @app.route("/commands/todos/<todo_id>", methods=["PATCH", "DELETE"])
    def change_todo(todo_id: str) -> Response:
        return pass_on(f"/todos/{quote(todo_id, safe='')}")

    def pass_on(path: str) -> Response:
        headers = headers_of(request, _TO_COMMANDS)
        body = request.get_data()
        with commands.one():
            answer = gateway.command(request.method, path, body, headers)
        if request.method != "DELETE":
            probe_reads.sample(answer)
        return passed_back(answer)

    @app.get("/queries/todos", defaults={"todo_id": None})
    @app.get("/queries/todos/<todo_id>")
    def query(todo_id: str | None) -> Response:
        return read("/todos" if todo_id is None else f"/todos/{quote(todo_id, safe='')}")

    @app.get("/queries/counts")
    def query_counts() -> Response:
        return read("/counts")

    def read(path: str) -> Response:
        asked = request.query_string.decode("latin-1")
        path = f"{path}?{quote(asked, safe='=&%+,')}" if asked else path
        headers = headers_of(request, _TO_QUERIES)
        with queries.one():
            return passed_back(gateway.query(path, headers, ANSWER_TIMEOUT_S))
