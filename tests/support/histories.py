"""Histories of todos, in every order in which a broker may deliver them, and what comes of them."""

from typing import Any

from hypothesis import strategies as st

from query_service.projections import TodoEvent, document_after

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
