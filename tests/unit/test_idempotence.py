"""Any order, any repetition and any batching give the same read model and true verdicts."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from query_service.events import TodoEvent
from query_service.idempotence import (
    ALREADY_APPLIED,
    PROJECTED,
    REFUSED,
    Applied,
    newest_per_todo,
    verdicts,
)
from tests.support.histories import Delivered, FakeReadModel, deliveries, histories, project, replay


@given(deliveries())
def test_any_order_and_repetition_give_the_same_read_model(delivered: Delivered) -> None:
    assert replay(delivered.events) == replay(delivered.history)


@given(histories(), st.data())
def test_any_prefix_redelivered_changes_nothing(
    history: list[TodoEvent], data: st.DataObject
) -> None:
    prefix = data.draw(st.integers(0, len(history)))
    assert replay(history + history[:prefix]) == replay(history)


@given(deliveries())
def test_folding_batches_gives_the_same_as_one_event_at_a_time(delivered: Delivered) -> None:
    model = FakeReadModel()
    for batch in delivered.batches:
        model.apply(newest_per_todo(batch))
    assert model.documents == replay(delivered.events)


@given(deliveries())
def test_a_fold_keeps_only_the_newest_event_of_each_todo(delivered: Delivered) -> None:
    for batch in delivered.batches:
        folded = newest_per_todo(batch)
        assert len(folded) == len({event.todo.id for event in batch})
        for event in folded:
            assert event.todo.version == max(
                each.todo.version for each in batch if each.todo.id == event.todo.id
            )


@given(histories())
def test_a_deleted_todo_stays_deleted_when_older_events_come_late(history: list[TodoEvent]) -> None:
    deleted = {event.todo.id for event in history if event.type == "todo.deleted.v1"}
    late = replay([*reversed(history), *history])
    assert {todo_id for todo_id, document in late.items() if document.get("deleted")} == deleted


@given(deliveries())
def test_an_event_is_already_applied_only_if_its_effect_was_there_before(
    delivered: Delivered,
) -> None:
    model = FakeReadModel()
    for batch in delivered.batches:
        before = {event.todo.id: model.version(event.todo.id) for event in batch}
        earlier: set[str] = set()
        for event, verdict in zip(batch, project(batch, model.apply), strict=True):
            if verdict == ALREADY_APPLIED:
                assert before[event.todo.id] >= event.todo.version or event.id in earlier
            else:
                assert verdict == PROJECTED
                assert before[event.todo.id] < model.version(event.todo.id)
                assert event.id not in earlier
            assert model.version(event.todo.id) >= event.todo.version
            earlier.add(event.id)


@given(deliveries())
def test_the_newest_event_of_a_todo_is_projected_once_however_often_it_comes(
    delivered: Delivered,
) -> None:
    model = FakeReadModel()
    projected = Counter(
        event.id
        for batch in delivered.batches
        for event, verdict in zip(batch, project(batch, model.apply), strict=True)
        if verdict == PROJECTED
    )
    assert [projected[event.id] for event in newest_per_todo(delivered.history)] == [
        1 for _ in model.documents
    ]


@given(deliveries())
def test_every_redelivered_event_is_already_applied(delivered: Delivered) -> None:
    model = FakeReadModel()
    for batch in delivered.batches:
        project(batch, model.apply)
    for batch in delivered.batches:
        assert set(project(batch, model.apply)) == {ALREADY_APPLIED}


@given(deliveries())
def test_a_refused_todo_refuses_only_its_own_events(delivered: Delivered) -> None:
    for batch in delivered.batches:
        poisoned = batch[0].todo.id
        told = verdicts(batch, Applied(frozenset(), {poisoned: "no"}))
        for event, verdict in zip(batch, told, strict=True):
            assert (verdict == REFUSED) == (event.todo.id == poisoned)
