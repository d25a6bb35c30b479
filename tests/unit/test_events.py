"""Events are read strictly: anything else is refused, with a readable reason."""

import json
from typing import Any

import pytest

from query_service.events import BadEvent, parse_event


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"\xff\xfe", "not JSON"),
        (b"{", "not JSON"),
        (b'{"x": ' + b"[" * 100_000, "not JSON"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"specversion": "0.3"}', "Invalid enum value '0.3'"),
        (b'{"specversion": "1.0", "type": "todo.eaten.v1"}', "Invalid enum value 'todo.eaten.v1'"),
        (b'{"specversion": "1.0", "type": "todo.created.v1", "id": "x"}', "required field `data`"),
    ],
)
def test_a_message_that_is_not_an_event_is_refused_with_a_reason(
    message: bytes, reason: str
) -> None:
    with pytest.raises(BadEvent, match=reason):
        parse_event(message)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 0},
        {"id": "1"},
        {"id": True},
        {"id": 2**63},
        {"version": 0},
        {"version": 1.5},
        {"version": None},
        {"title": 5},
        {"title": None},
        {"completed": "yes"},
        {"completed": 1},
    ],
)
def test_data_of_the_wrong_shape_is_refused(wrong: dict[str, Any]) -> None:
    data = {"id": 1, "title": "a", "completed": False, "version": 1} | wrong
    event = {"specversion": "1.0", "type": "todo.created.v1", "id": "x", "data": data}
    with pytest.raises(BadEvent):
        parse_event(json.dumps(event).encode())


def test_unknown_fields_are_ignored() -> None:
    data = {"id": 7, "title": "a", "completed": True, "version": 2, "colour": "red"}
    event = {"specversion": "1.0", "type": "todo.completed.v1", "id": "x", "data": data, "new": 1}
    parsed = parse_event(json.dumps(event).encode())
    assert (parsed.todo.id, parsed.todo.version, parsed.todo.title, parsed.todo.completed) == (
        7,
        2,
        "a",
        True,
    )
    assert (parsed.traceparent, parsed.position) == ("", "")
