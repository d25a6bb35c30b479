"""Messages say no more than they have to, and lose nothing."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from web.room.messages import read_since
from web.room.packets import Encoded, PacketJson

todos = st.dictionaries(st.integers(1, 9), st.booleans()).map(
    lambda states: [{"id": i, "title": "t", "completed": states[i]} for i in sorted(states)]
)


def a_read(todos: list[Any], error: str | None = None) -> dict[str, Any]:
    return {"asked_ms": 1.0, "at_ms": 2.0, "status": 200, "todos": todos, "error": error}


def test_the_first_read_is_sent_whole() -> None:
    read = a_read([{"id": 1, "title": "Learn CQRS", "completed": False}])
    assert read_since(None, read) == read


@given(todos, todos)
def test_a_read_can_be_rebuilt_from_the_one_before_it_and_the_changes(
    before: list[Any], after: list[Any]
) -> None:
    message = read_since(a_read(before), a_read(after, "late"))
    gone, changed = message.pop("gone"), message.pop("changed")
    held = {todo["id"]: todo for todo in [*before, *changed] if todo["id"] not in gone}
    assert [held[todo_id] for todo_id in sorted(held)] == after
    assert message == {"asked_ms": 1.0, "at_ms": 2.0, "status": 200, "error": "late"}


def test_unchanged_todos_are_not_sent() -> None:
    same = [{"id": 1, "title": "Learn CQRS", "completed": False}]
    message = read_since(a_read(same), a_read(list(same)))
    assert (message["changed"], message["gone"]) == ([], [])


def test_an_already_encoded_message_goes_into_the_packet_as_it_is() -> None:
    assert (
        PacketJson.dumps(["read", Encoded({"title": 'a "b"'})]) == '["read",{"title":"a \\"b\\""}]'
    )
    assert PacketJson.dumps({"sid": "x"}, separators=(",", ":")) == '{"sid":"x"}'
