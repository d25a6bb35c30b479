"""The guarded write itself: any order, repetition and batching gives the same documents."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.collection import Collection

from chassis import mongo
from query_service.projections import TodoEvent, newest_per_todo
from query_service.read_model import ReadModel
from stack.local import LocalStack
from tests.support.histories import deliveries, replay

NAME = "guarded"


@pytest.fixture(scope="module")
def guarded(stack: LocalStack) -> Iterator[Collection[dict[str, Any]]]:
    """A collection of its own."""
    collection = mongo.database(stack.urls.mongodb_url, timeout_ms=10_000)[NAME]
    yield collection
    collection.drop()
    collection.database.client.close()


@given(deliveries(), st.integers(1, 8))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_repetition_and_batching_gives_the_documents_of_the_history(
    guarded: Collection[dict[str, Any]],
    delivered: tuple[list[TodoEvent], list[TodoEvent]],
    size: int,
) -> None:
    history, received = delivered
    guarded.delete_many({})
    read_model = ReadModel(guarded.database, NAME)
    for start in range(0, len(received), size):
        assert not read_model.apply(newest_per_todo(received[start : start + size])).refused
    held = {document["_id"]: document for document in guarded.find({}, {"batch": False})}
    assert held == replay(history)
