"""Any order, any repetition, any prefix redelivered gives the same read model."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_service.projections import (
    BadEvent,
    TodoEvent,
    document_after,
    newest_per_todo,
    parse_event,
)

Model = dict[int, dict[str, Any]]


@st.composite
def histories(draw: st.DrawFn) -> list[TodoEvent]:
    """What really happened: each todo created, changed some times, maybe deleted at last."""
    history: list[TodoEvent] = []
    for todo_id in range(1, draw(st.integers(1, 4)) + 1):
        changes = draw(st.integers(0, 5))
        kinds = [
            "created",
            *draw(
                st.lists(
                    st.sampled_from(["renamed", "completed", "reopened"]),
                    min_size=changes,
                    max_size=changes,
                )
            ),
        ]
        if draw(st.booleans()):
            kinds.append("deleted")
        history += [
            TodoEvent(
                id=f"{todo_id}-{version}",
                type=f"todo.{kind}.v1",
                todo_id=todo_id,
                version=version,
                title=draw(st.text(min_size=1, max_size=5)),
                completed=draw(st.booleans()),
            )
            for version, kind in enumerate(kinds, start=1)
        ]
    return history


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[TodoEvent], list[TodoEvent]]:
    """A history, and its events in any order, any number of times, at least once."""
    history = draw(histories())
    again = draw(st.lists(st.sampled_from(history), max_size=15))
    return history, draw(st.permutations(history + again))


def applied(model: Model, event: TodoEvent) -> Model:
    """What MongoDB's guarded write does; tests/integration/test_read_model.py holds it to that."""
    known = model.get(event.todo_id)
    if known is None or known["version"] < event.version:
        return model | {event.todo_id: document_after(event)}
    return model


def replay(events: list[TodoEvent], model: Model | None = None) -> Model:
    model = model or {}
    for event in events:
        model = applied(model, event)
    return model


@given(deliveries())
def test_any_order_and_repetition_gives_the_same_read_model(
    delivered: tuple[list[TodoEvent], list[TodoEvent]],
) -> None:
    history, received = delivered
    assert replay(received) == replay(history)


@given(histories(), st.data())
def test_any_prefix_redelivered_changes_nothing(
    history: list[TodoEvent], data: st.DataObject
) -> None:
    prefix = data.draw(st.integers(0, len(history)))
    assert replay(history[:prefix], replay(history)) == replay(history)


@given(deliveries(), st.data())
def test_folding_batches_gives_the_same_as_one_event_at_a_time(
    delivered: tuple[list[TodoEvent], list[TodoEvent]], data: st.DataObject
) -> None:
    _history, received = delivered
    cut = data.draw(st.integers(0, len(received)))
    model = replay(newest_per_todo(received[:cut]))
    assert replay(newest_per_todo(received[cut:]), model) == replay(received)


@given(histories())
def test_a_deleted_todo_stays_deleted_when_older_events_come_late(history: list[TodoEvent]) -> None:
    deleted = {event.todo_id for event in history if event.type == "todo.deleted.v1"}
    late = replay([*reversed(history), *history])
    assert {todo_id for todo_id, document in late.items() if document.get("deleted")} == deleted


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
def test_what_is_no_event_is_refused_with_its_reason(message: bytes, reason: str) -> None:
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
