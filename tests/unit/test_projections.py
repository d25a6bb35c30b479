"""Any order, any repetition, any prefix redelivered gives the same read model."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_service.projections import BadEvent, TodoEvent, newest_per_todo, parse_event
from tests.support.histories import deliveries, histories, replay


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
