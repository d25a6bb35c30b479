"""The counts in MongoDB are what the rule of counting says."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.collection import Collection

from chassis import mongo
from query_service.counting import COUNTED, INBOX, KINDS, by_second, document_of
from query_service.counts import Counts
from query_service.events import TimedEvent, TodoEvent
from query_service.idempotence import ALREADY_APPLIED, PROJECTED, REFUSED
from query_service.projections import Document
from stack.local import LocalStack
from tests.support.histories import deliveries

NAME = "counted"
BEGIN = datetime(2026, 11, 23, 9, 14, 58, tzinfo=UTC)
ANY_STORE = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def counted(stack: LocalStack) -> Iterator[Collection[dict[str, Any]]]:
    """A collection of its own."""
    collection = mongo.database(stack.urls.mongodb_url, timeout_ms=60_000)[NAME]
    yield collection
    collection.drop()
    collection.database.client.close()


def at(event: TodoEvent, ms: int) -> TimedEvent:
    given = {name: getattr(event, name) for name in event.__struct_fields__}
    return TimedEvent(**{**given, "time": BEGIN + timedelta(milliseconds=ms)})


@st.composite
def timed(draw: st.DrawFn) -> list[list[TimedEvent]]:
    """Events of a few seconds, in any order, any of them repeated, in batches of any size."""
    delivered = draw(deliveries())
    of_event = {event.id: at(event, draw(st.integers(0, 3000))) for event in delivered.history}
    return [[of_event[event.id] for event in batch] for batch in delivered.batches]


def held(counted: Collection[dict[str, Any]]) -> list[Document]:
    return list(counted.find().sort("_id", 1))


def documents_of(events: Sequence[TimedEvent]) -> list[Document]:
    documents = [document_of(second, of_it) for second, of_it in by_second(events).items()]
    for document in documents:
        # As MongoDB gives it back.
        document["_id"] = document["_id"].replace(tzinfo=None)
    return sorted(documents, key=lambda document: document["_id"])


@given(timed())
@ANY_STORE
def test_with_the_inbox_any_order_and_repetition_count_each_event_once(
    counted: Collection[dict[str, Any]], batches: list[list[TimedEvent]]
) -> None:
    counted.delete_many({})
    counts, seen = Counts(counted.database, NAME), set[str]()
    for batch in batches:
        fates = counts.count(batch)
        for event, fate in zip(batch, fates, strict=True):
            known = event.id in seen and event.type in COUNTED
            if event.type in COUNTED:
                assert fate.verdict == (ALREADY_APPLIED if known else PROJECTED)
            seen.add(event.id)
    events = [event for batch in batches for event in batch]
    assert held(counted) == documents_of(events)
    # And so it stays, whatever the log is read again for.
    counts.fill(events)
    assert held(counted) == documents_of(events)


@given(timed(), st.data())
@ANY_STORE
def test_without_the_inbox_each_delivery_counts_and_its_id_is_noted(
    counted: Collection[dict[str, Any]], batches: list[list[TimedEvent]], data: st.DataObject
) -> None:
    counted.delete_many({})
    counts, expected = Counts(counted.database, NAME), list[TimedEvent]()
    for batch in batches:
        inbox = data.draw(st.booleans())
        counts.count(batch, inbox=inbox)
        for event in batch:
            if event.type in COUNTED and not (inbox and event in expected):
                expected.append(event)
    by_id = [[event.id for event in of_it] for _, of_it in sorted(by_second(expected).items())]
    assert [document[INBOX] for document in held(counted)] == [sorted(ids) for ids in by_id]
    totals = counts.totals()
    assert totals.pop("events") == len({it.id for it in expected})
    kinds = [COUNTED[it.type] for it in expected]
    assert totals == {kind: kinds.count(kind) for kind in KINDS}


def created(event_id: str, ms: int) -> TimedEvent:
    body = {
        "specversion": "1.0",
        "id": event_id,
        "type": "todo.created.v1",
        "data": {"id": 1, "title": "Milk", "completed": False, "version": 1},
        "time": BEGIN + timedelta(milliseconds=ms),
    }
    return msgspec.convert(body, TimedEvent)


def test_the_minutes_are_sums_and_the_newest_come_last(
    counted: Collection[dict[str, Any]],
) -> None:
    counted.delete_many({})
    counts = Counts(counted.database, NAME)
    assert counts.minutes(10) == []
    counts.count([created("a", 0), created("$b", 1500), created("c", 2500), created("d", 90_000)])
    minutes = [
        {"minute": f"2026-11-23T09:{minute}:00Z", "created": many, "completed": 0, "deleted": 0}
        for minute, many in ((14, 2), (15, 1), (16, 1))
    ]
    assert counts.minutes(10) == minutes
    assert counts.minutes(2) == minutes[1:]


def test_an_event_that_mongodb_refuses_is_refused_and_the_others_of_its_batch_count(
    counted: Collection[dict[str, Any]],
) -> None:
    counted.drop()
    refused = {INBOX: {"$ne": "refuse me"}}
    counted.database.create_collection(NAME, validator=refused)
    counts = Counts(counted.database, NAME)
    batch = [created("refuse me", 0), created("with it", 10), created("later", 5000)]
    fates = counts.count(batch)
    # Whoever shares its second is refused with it, and is then tried alone.
    assert [fate.verdict for fate in fates] == [REFUSED, REFUSED, PROJECTED]
    assert "validation" in fates[0].reason
    assert [fate.verdict for fate in counts.count(batch[1:2])] == [PROJECTED]
    assert [document[INBOX] for document in held(counted)] == [["with it"], ["later"]]
    counted.drop()
