"""Events are read strictly: anything else is refused, with a readable reason."""

import json
from typing import Any

import pytest

from query_service.events import BadEvent, parse_event
from query_service.versions import knowing, tolerating


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


def newer(version: int = 2, **data: Any) -> bytes:
    """Return an event of a version that came later."""
    said = {"id": 7, "text": "a", "completed": True, "version": 3} | data
    kind = f"todo.completed.v{version}"
    event = {"specversion": "1.0", "type": kind, "id": "x", "data": said, "position": "1-2"}
    return json.dumps(event).encode()


def test_who_knows_the_newer_version_reads_it_as_the_older() -> None:
    event = knowing(parse_event)(newer())
    assert (event.type, event.position) == ("todo.completed.v1", "1-2")
    assert (event.todo.title, event.todo.completed, event.todo.version) == ("a", True, 3)


def test_who_tolerates_it_misses_what_has_another_name() -> None:
    for version in (2, 9):
        event = tolerating(parse_event)(newer(version))
        assert (event.todo.id, event.todo.title, event.todo.completed) == (7, "", True)


@pytest.mark.parametrize(
    "message",
    [newer(3), newer(id=0), newer(text=None), newer(completed="yes"), b"{", b"[]", b'{"type": 5}'],
)
def test_who_knows_it_refuses_the_rest_and_says_what_the_older_reader_says(message: bytes) -> None:
    with pytest.raises(BadEvent):
        knowing(parse_event)(message)


@pytest.mark.parametrize("message", [newer(id=0), newer(version=0), b"\xff", b"[" * 100_000])
def test_who_tolerates_it_does_not_take_everything(message: bytes) -> None:
    with pytest.raises(BadEvent):
        tolerating(parse_event)(message)


def test_the_older_version_is_read_as_ever() -> None:
    data = {"id": 7, "title": "a", "completed": True, "version": 2}
    event = {"specversion": "1.0", "type": "todo.completed.v1", "id": "x", "data": data}
    body = json.dumps(event).encode()
    assert knowing(parse_event)(body) == tolerating(parse_event)(body) == parse_event(body)
