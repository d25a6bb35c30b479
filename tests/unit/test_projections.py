"""What each kind of event means for the read model."""

import pytest

from query_service.projections import Document, Todo, document_after
from tests.support.histories import BY_KIND


def after(kind: str) -> Document:
    return document_after(BY_KIND[kind], Todo(7, "Learn CQRS", True, version=3))


@pytest.mark.parametrize("kind", ["created", "renamed", "completed", "reopened"])
def test_a_change_leaves_the_whole_state_after_it(kind: str) -> None:
    assert after(kind) == {
        "_id": 7,
        "title": "Learn CQRS",
        "completed": True,
        "version": 3,
    }


def test_a_deletion_leaves_a_tombstone_with_its_version() -> None:
    assert after("deleted") == {"_id": 7, "version": 3, "deleted": True}


@pytest.mark.parametrize("kind", BY_KIND)
def test_every_kind_of_event_has_a_meaning(kind: str) -> None:
    assert after(kind)["version"] == 3
