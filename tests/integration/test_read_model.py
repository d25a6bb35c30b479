"""The guarded write in MongoDB does what the rules of idempotence say."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pymongo.collection import Collection

from chassis import mongo
from query_service.read_model import ReadModel
from stack.local import LocalStack
from tests.support.histories import Delivered, FakeReadModel, deliveries, project, replay

NAME = "guarded"


@pytest.fixture(scope="module")
def guarded(stack: LocalStack) -> Iterator[Collection[dict[str, Any]]]:
    """A collection of its own."""
    collection = mongo.database(stack.urls.mongodb_url, timeout_ms=60_000)[NAME]
    yield collection
    collection.drop()
    collection.database.client.close()


@given(deliveries())
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_repetition_and_batching_give_the_documents_and_verdicts_of_the_rules(
    guarded: Collection[dict[str, Any]], delivered: Delivered
) -> None:
    guarded.delete_many({})
    read_model, by_the_rules = ReadModel(guarded.database, NAME), FakeReadModel()
    for batch in delivered.batches:
        assert project(batch, read_model.apply) == project(batch, by_the_rules.apply)
    held = {document["_id"]: document for document in guarded.find({}, {"batch": False})}
    assert held == replay(delivered.history)
