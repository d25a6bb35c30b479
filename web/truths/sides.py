"""The todos of both sides in the same window of ids, as the lab of each side shows them."""

import json
from collections.abc import Iterable, Sequence

from chassis.errors import ServerUnavailable
from web.gateway import Gateway
from web.journeys.journey import ms
from web.own_time import OwnTime
from web.room.messages import Message


def window(
    gateway: Gateway, own_time: OwnTime, after: int | None, limit: int, model: str = "todos"
) -> Message:
    """Return the todos of both sides in the same window of ids.

    MongoDB answers before PostgreSQL is asked. So whatever MongoDB has of a todo, PostgreSQL had by
    then, and only a deletion can make it seem otherwise.

    Args:
        gateway: the way to the lab of each side.
        own_time: the time of what they answer.
        after: the id below the window; None for the newest todos.
        limit: how many todos of each side at the most.
        model: the read model of the todos that is looked at in MongoDB.
    """
    path = f"/lab/todos?limit={limit}" + ("" if after is None else f"&after={after}")
    asked_ms = own_time.now_ms()
    mongodb = _side(gateway, own_time, "query-service", f"{path}&model={model}")
    postgresql = _side(gateway, own_time, "command-service", path)
    cut = _cut_to_same((postgresql, mongodb), limit, newest=after is None)
    return {"at_ms": asked_ms, **cut, "postgresql": postgresql, "mongodb": mongodb}


def by_todo(both: Message) -> dict[int, tuple[Message | None, Message | None]]:
    """Return what a window has of each todo: PostgreSQL's row, and MongoDB's document."""
    row, document = ({it["id"]: it for it in both[side]["todos"]} for side in SIDES)
    return {each: (row.get(each), document.get(each)) for each in row.keys() | document.keys()}


def is_answered(both: Message) -> bool:
    """Return whether both sides answered."""
    return not any(both[side]["error"] for side in SIDES)


def agree(row: Message | None, document: Message | None) -> bool:
    """Return whether both sides are equal; a tombstone counts as nothing."""
    return row == alive(document)


def alive(document: Message | None) -> Message | None:
    """Return the document unless it is a tombstone."""
    return None if document is None or document.get("deleted") else document


SIDES = ("postgresql", "mongodb")


def _side(gateway: Gateway, own_time: OwnTime, process: str, path: str) -> Message:
    asked_ms = own_time.now_ms()
    try:
        answer = gateway.probe(process, path)
        at_ms = ms(answer.ended_ns)
        todos, error = json.loads(answer.body)["todos"], None
    except ServerUnavailable as unavailable:
        at_ms, todos, error = own_time.now_ms(), [], unavailable.reason
    except (ValueError, LookupError, TypeError):
        # A problem document names the server that cannot be reached.
        todos, error = [], f"{process} answers {answer.status}"
    return {"asked_ms": asked_ms, "at_ms": at_ms, "todos": todos, "error": error}


def _cut_to_same(sides: Sequence[Message], limit: int, *, newest: bool) -> Message:
    """Cut both sides to the ids that both answers cover, and return these bounds.

    A side that gave as many as it may says nothing about what lies beyond; without the cut,
    todos there would seem to exist on the other side only.
    """
    ends = [
        side["todos"][0 if newest else -1]["id"] for side in sides if len(side["todos"]) >= limit
    ]
    after = max(ends) - 1 if newest and ends else 0
    upto = min(ends) if ends and not newest else None
    for side in sides:
        side["todos"] = list(_between(side["todos"], after, upto))
    return {"after": after, "upto": upto}


def _between(todos: Iterable[Message], after: int, upto: int | None) -> Iterable[Message]:
    return (it for it in todos if it["id"] > after and (upto is None or it["id"] <= upto))
