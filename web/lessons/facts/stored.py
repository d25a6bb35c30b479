"""What the stores hold of a run's todos."""

from collections.abc import Mapping
from typing import Any

from web.lessons.evidence import Evidence, Todo, Unknown, Value

# What the fact about a part of a todo says if the store has no such todo.
NOT_THERE = "not there"
KINDS = ("created", "completed", "deleted")


def model(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return what a read model has: whether a todo is there, its title, or how many are."""
    return _told(asks["what"], evidence.stores.documents(asks["model"]), asks, evidence)


def postgresql(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return what PostgreSQL has, likewise; it knows a todo's version, too."""
    return _told(asks["postgresql"], evidence.stores.rows(), asks, evidence)


def todos(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how many todos are only in PostgreSQL, only in MongoDB, or not the same in both."""
    rows, documents = evidence.stores.rows(), evidence.stores.documents("todos")
    ids = evidence.ids(asks.get("of"))
    there = {it for it in ids if _alive(documents, it)}
    if asks["todos"] == "missing":
        return len((ids & rows.keys()) - there)
    if asks["todos"] == "extra":
        return len(there - rows.keys())
    return sum(rows[it] != documents[it] for it in there & rows.keys())


def titled(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how often a store has a title: all its todos, whoever wrote them."""
    title, stores = str(asks["titled"]), evidence.stores
    if asks["in"] == "log":
        found = sum(it.title == title for it in stores.log())
        if not stores.is_log_whole():
            raise Unknown("A transaction is open, and the log ends before it.", found)
        return found
    held = stores.rows() if asks["in"] == "postgresql" else stores.documents("todos")
    return sum(it.title == title and not it.deleted for it in held.values())


def count(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return what the counter has counted since the run began, but for other people's todos."""
    kind = asks["count"]
    counted = evidence.stores.counted()
    log, before = evidence.stores.log(), evidence.events_before
    if before is None:
        raise Unknown("Nobody could say how many events there were when the run began.")
    kinds = KINDS if kind == "events" else (kind,)
    ids = evidence.written
    others = sum(
        event.kind in kinds and (place < before or event.todo_id not in ids)
        for place, event in enumerate(log)
    )
    return counted[kind] - others


def letters(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how many dead letters there are of the run's todos, now."""
    ids, reason = evidence.of_interest, asks.get("reason", "")
    return sum(it.todo_id in ids and reason in it.reason for it in evidence.stores.letters())


def _told(
    what: str, held: Mapping[int, Todo], asks: Mapping[str, Any], evidence: Evidence
) -> Value:
    of = asks.get("of")
    if what == "count":
        return sum(_alive(held, it) for it in evidence.ids(of))
    if what == "present" and of is not None:
        return any(_alive(held, it) for it in evidence.ids(of))
    todo_id = evidence.one(of)
    if what == "present":
        return _alive(held, todo_id)
    if not _alive(held, todo_id):
        return NOT_THERE
    told: Value | None = getattr(held[todo_id], what)
    if told is None:
        raise Unknown("This store does not show it.")
    return told


def _alive(held: Mapping[int, Todo], todo_id: int) -> bool:
    return todo_id in held and not held[todo_id].deleted
