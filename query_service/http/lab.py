"""The lab's view of the read side: what MongoDB holds now, tombstones included."""

from bson import json_util
from flask import Flask, Response, request

from chassis.lab.match import MAX_ID
from chassis.lab.routes import wanted_window
from chassis.problems import Problem, json_response
from query_service.read_model import REPLICA, ReadModel


def add_lab_routes(app: Flask, read_model: ReadModel, replica: ReadModel) -> None:
    """Give the app the routes that show documents, also those of the replica."""

    @app.get("/lab/todos")
    def show_todos() -> Response:
        looked_at = replica if request.args.get("model") == REPLICA else read_model
        return json_response({"todos": looked_at.window(*wanted_window(request.args))})

    @app.get("/lab/todos/<int:todo_id>")
    def show_todo(todo_id: int) -> Response:
        document = read_model.document(todo_id) if todo_id <= MAX_ID else None
        if document is None:
            detail = f"The read model holds neither a todo nor a tombstone with the id {todo_id}."
            raise Problem(404, "no-such-todo", "There is no such todo.", detail)
        # As MongoDB itself writes a document as JSON (Extended JSON, relaxed).
        relaxed = json_util.dumps(document, json_options=json_util.RELAXED_JSON_OPTIONS)
        return Response(relaxed, content_type="application/json")
