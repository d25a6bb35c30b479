"""The answers: one for a command that was accepted, and a problem for each refusal."""

from flask import Flask, Response

from chassis.problems import Problem, json_response
from command_service.commands import Accepted, KeyUsedForAnother, NoSuchTodo, VersionMismatch
from command_service.todo import InvalidTitle


def accepted_answer(status: int, message: str, accepted: Accepted) -> Response:
    """Return the answer to an accepted command, with the token to read its effect by."""
    headers = {
        "Consistency-Token": f"{accepted.todo_id}.{accepted.version}",
        "ETag": f'"{accepted.version}"',
    }
    return json_response({"message": message, "id": accepted.todo_id}, status, headers)


def answer_refusals(app: Flask) -> None:
    """Make the app answer each refusal of the domain with its problem."""
    app.register_error_handler(InvalidTitle, _invalid_title)
    app.register_error_handler(NoSuchTodo, _no_such_todo)
    app.register_error_handler(VersionMismatch, _version_mismatch)
    app.register_error_handler(KeyUsedForAnother, _key_used)


def _invalid_title(error: InvalidTitle) -> Response:
    return Problem(422, "invalid-title", "The title cannot be used.", str(error)).response()


def _no_such_todo(error: NoSuchTodo) -> Response:
    return Problem(404, "no-such-todo", "There is no such todo.", str(error)).response()


def _version_mismatch(error: VersionMismatch) -> Response:
    title = "The todo has changed since."
    return Problem(412, "version-mismatch", title, str(error)).response()


def _key_used(_error: KeyUsedForAnother) -> Response:
    title = "The Idempotency-Key was used before, with another body."
    return Problem(422, "idempotency-key-reused", title, "Take a new key.").response()
