"""Histories of todos, the ways in which a broker may deliver them, and their projection."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, get_args

from hypothesis import strategies as st

from query_service.events import TodoEvent
from query_service.idempotence import Applied, Verdict, newest_per_todo, verdicts
from query_service.projections import Document, EventType, Todo, document_after

Model = dict[int, Document]
BY_KIND: dict[str, EventType] = {each.split(".")[1]: each for each in get_args(EventType)}


@st.composite
def histories(draw: st.DrawFn) -> list[TodoEvent]:
    """What really happened: each todo is created, perhaps changed, perhaps deleted at the end."""
    history: list[TodoEvent] = []
    for todo_id in range(1, draw(st.integers(1, 4)) + 1):
        changes = draw(st.lists(st.sampled_from(["renamed", "completed", "reopened"]), max_size=5))
        kinds = ["created", *changes, *(["deleted"] if draw(st.booleans()) else [])]
        history += [
            TodoEvent(
                specversion="1.0",
                id=f"{todo_id}-{version}",
                type=BY_KIND[kind],
                todo=Todo(
                    id=todo_id,
                    title=draw(st.text(min_size=1, max_size=5)),
                    completed=draw(st.booleans()),
                    version=version,
                ),
            )
            for version, kind in enumerate(kinds, start=1)
        ]
    return history


class Delivered(NamedTuple):
    """A history, and its events as they arrived: in any order, each at least once, in batches."""

    history: list[TodoEvent]
    batches: list[list[TodoEvent]]

    @property
    def events(self) -> list[TodoEvent]:
        return [event for batch in self.batches for event in batch]


@st.composite
def deliveries(draw: st.DrawFn) -> Delivered:
    """A history, delivered in any order, with any repetition and in batches of any size."""
    history = draw(histories())
    again = draw(st.lists(st.sampled_from(history), max_size=15))
    waiting = draw(st.permutations(history + again))
    batches: list[list[TodoEvent]] = []
    while waiting:
        size = draw(st.integers(1, 8))
        batches.append(list(waiting[:size]))
        waiting = waiting[size:]
    return Delivered(history, batches)


class FakeReadModel:
    """Does what MongoDB's guarded write does; tests/integration/test_read_model.py shows it."""

    def __init__(self) -> None:
        self.documents: Model = {}

    def apply(self, events: Sequence[TodoEvent]) -> Applied:
        known = frozenset(
            event.todo.id for event in events if self.version(event.todo.id) >= event.todo.version
        )
        for event in events:
            if event.todo.id not in known:
                self.documents[event.todo.id] = document_after(event.type, event.todo)
        return Applied(known, {})

    def version(self, todo_id: int) -> int:
        version: int = self.documents.get(todo_id, {"version": 0})["version"]
        return version


def replay(events: Iterable[TodoEvent]) -> Model:
    """Return the read model after these events, applied one by one in this order."""
    model = FakeReadModel()
    for event in events:
        model.apply([event])
    return model.documents


def project(
    batch: Sequence[TodoEvent], apply: Callable[[Sequence[TodoEvent]], Applied]
) -> list[Verdict]:
    """Fold a batch, apply it, and return the verdict on each of its events."""
    return list(verdicts(batch, apply(newest_per_todo(batch))))
