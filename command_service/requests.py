"""What a request asks for: a command, or a problem that says what is wrong with it."""

import json
import re
from typing import Any

from flask import Request

from chassis.headers import MalformedHeader, entity_tags
from chassis.http import read_body
from chassis.problems import Problem, wrong_shape
from command_service.commands import ChangeTodo, CreateTodo, DeleteTodo, NoSuchTodo
from command_service.todo import Title

_MAX_ID = 2**63 - 1  # the column is a bigint
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def create_command(request: Request, traceparent: str) -> CreateTodo:
    """Read a POST. Raises Problem and InvalidTitle."""
    body = _object(request, {"title": str})
    if "title" not in body:
        raise wrong_shape("The title is missing.")
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        title = "The Idempotency-Key cannot be used."
        detail = "It has to be 1 to 200 visible ASCII characters."
        raise Problem(400, "bad-idempotency-key", title, detail)
    return CreateTodo(Title(body["title"]), traceparent, key)


def change_command(request: Request, todo_id: str, traceparent: str) -> ChangeTodo:
    """Read a PATCH. Raises Problem, InvalidTitle and NoSuchTodo."""
    body = _object(request, {"title": str, "completed": bool})
    title = Title(body["title"]) if "title" in body else None
    return ChangeTodo(
        _id(todo_id), title, body.get("completed"), _expected_versions(request), traceparent
    )


def delete_command(request: Request, todo_id: str, traceparent: str) -> DeleteTodo:
    """Read a DELETE. Raises Problem and NoSuchTodo."""
    return DeleteTodo(_id(todo_id), _expected_versions(request), traceparent)


def _object(request: Request, fields: dict[str, type]) -> dict[str, Any]:
    if request.mimetype != "application/json":
        detail = "Send the header Content-Type: application/json."
        raise Problem(415, "not-json", "The body has to be JSON.", detail)
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
        detail = f"Send UTF-8, and not {charset[:40]} (RFC 8259, 8.1)."
        raise Problem(415, "not-json", "The body has to be JSON in UTF-8.", detail)
    try:
        # json.loads would guess the encoding. A byte order mark says nothing in UTF-8.
        body = _decoder.decode(read_body(request).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Problem(400, "malformed-json", "The body is not JSON.", str(error)[:200]) from error
    if not isinstance(body, dict):
        raise wrong_shape("The body has to be a JSON object.")
    for name, value in body.items():
        if name not in fields:
            known = " and ".join(fields)
            raise wrong_shape(f"There is no field {name[:40]!r} here, only {known}.")
        if not isinstance(value, fields[name]):
            kind = "a string" if fields[name] is str else "true or false"
            raise wrong_shape(f"The field {name} has to be {kind}.")
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("A field is there twice.")
    return fields


# json.loads() with a hook would make a decoder for each call.
_decoder = json.JSONDecoder(object_pairs_hook=_once)


def _id(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > _MAX_ID:
        raise NoSuchTodo(text[:40])
    return int(text)


def _expected_versions(request: Request) -> frozenset[int] | None:
    value = request.headers.get("If-Match")
    if value is None or value.strip() == "*":
        return None
    try:
        tags = entity_tags(value)
    except MalformedHeader:
        detail = 'Send the ETag of an answer as it was, such as If-Match: "1".'
        raise Problem(400, "bad-if-match", "If-Match cannot be read.", detail) from None
    # A weak tag never matches strongly (RFC 9110, 8.8.3.2), and not every tag is one of ours.
    ours = (tag for is_weak, tag in tags if not is_weak and _NUMBER.fullmatch(tag))
    return frozenset(map(int, ours))
