"""The lab's look at the write side: what PostgreSQL holds now, todo by todo."""

from flask import Flask, Response, request

from chassis.problems import Problem, json_response
from command_service.events import CONTENT_TYPE
from command_service.requests import no_such_todo
from command_service.store import PostgresTodoStore

MOST_TODOS = 1_000
MAX_ID = 2**63 - 1


def add_lab_routes(app: Flask, store: PostgresTodoStore) -> None:
    """Give the app the routes that show rows and events.

    Args:
        app: the command service.
        store: where the rows are.
    """

    @app.get("/lab/todos")
    def show_todos() -> Response:
        after = request.args.get("after", type=int)
        limit = request.args.get("limit", MOST_TODOS, type=int)
        known = None if after is None else min(max(after, 0), MAX_ID)
        return json_response({"todos": store.window(known, min(max(limit, 1), MOST_TODOS))})

    @app.get("/lab/todos/<int:todo_id>")
    def show_todo(todo_id: int) -> Response:
        # The one with the next id, where there is none of this id.
        found = store.window(todo_id - 1, 1) if 0 < todo_id <= MAX_ID else []
        if not found or found[0]["id"] != todo_id:
            raise no_such_todo(todo_id)
        return json_response(found[0])

    # By todo and version and not by the event's id, since that is what the log has an index for.
    @app.get("/lab/todos/<int:todo_id>/events/<int:version>")
    def show_event(todo_id: int, version: int) -> Response:
        event = store.cloud_event(min(todo_id, MAX_ID), min(version, MAX_ID))
        if event is None:
            raise Problem(404, "no-such-event", "There is no such event.")
        return Response(event, content_type=CONTENT_TYPE)
