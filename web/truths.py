"""Both truths: the todos in PostgreSQL and those in MongoDB.

The newest todos are compared at each look, the older ones a window at a time, so that a look costs
the same however many there are.
"""

import json
import time
from collections.abc import Iterable, Sequence

from chassis.errors import ServerUnavailable
from web.gateway import Gateway, ask_all
from web.journeys.journey import ms
from web.room.messages import Message

# As many as the lab of each side gives at once: a side that gives fewer seems to have no more.
SWEPT_AT_ONCE = 1_000
MOST_SHOWN = 300
# If one side of a million todos is emptied, this keeps the other from filling web's memory.
MOST_KEPT = 5_000


def window(gateway: Gateway, after: int | None, limit: int) -> Message:
    """Return the todos of both sides in the same window of ids.

    Args:
        gateway: the way to the lab of each side.
        after: the id below the window; None for the newest todos.
        limit: how many todos of each side at the most.
    """
    path = f"/lab/todos?limit={limit}" + ("" if after is None else f"&after={after}")
    sides = ask_all(
        lambda: _side(gateway, "command-service", path),
        lambda: _side(gateway, "query-service", path),
    )
    cut = _cut_to_same(sides, limit, newest=after is None)
    return {"at_ms": ms(time.time_ns()), **cut, "postgresql": sides[0], "mongodb": sides[1]}


class Sweep:
    """Compares the todos below the newest ones, a window at each step, again and again.

    Args:
        gateway: the way to the lab of each side.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._differing: dict[int, Message] = {}
        self._after = 0
        self._compared = self._compared_before = 0
        self._began_ms: float = ms(time.time_ns())
        self._since_ms: float | None = None
        self._looks_again = False

    def step(self, upto: int) -> Message:
        """Compare the next window, and return what is known to differ.

        Args:
            upto: the highest id of interest.

        Returns:
            `todos`: those that differ, newest first, with both sides. `differing`: how many do.
            `or_more`: whether there may be more, as only so many are kept. `compared`: how many
            the last round compared. `since_ms`: when it began, None until the first is over.
        """
        # Every second step looks at the known differences again, so that a mended one soon goes.
        self._looks_again = bool(self._differing) and not self._looks_again
        if self._looks_again:
            self._compare(min(self._differing) - 1, upto)
        elif upto > self._after:
            self._walk_on(upto)
        else:
            self._end_round()
        for todo_id in [each for each in self._differing if each > upto]:
            del self._differing[todo_id]
        newest_first = sorted(self._differing.values(), key=lambda it: -it["id"])
        return {
            "todos": newest_first[:MOST_SHOWN],
            "differing": len(newest_first),
            "or_more": len(newest_first) >= MOST_KEPT,
            "compared": self._compared_before,
            "since_ms": self._since_ms,
        }

    def _walk_on(self, upto: int) -> None:
        compared = self._compare(self._after, upto)
        if compared is None:
            return
        self._after, count = compared
        self._compared += count
        if self._after >= upto:
            self._end_round()

    def _end_round(self) -> None:
        self._compared_before, self._compared = self._compared, 0
        self._since_ms, self._began_ms = self._began_ms, ms(time.time_ns())
        self._after = 0

    def _compare(self, after: int, upto: int) -> tuple[int, int] | None:
        """Compare one window; return its end and its number of todos, None if a side failed."""
        both = window(self._gateway, after, SWEPT_AT_ONCE)
        sides = both["postgresql"], both["mongodb"]
        if any(side["error"] for side in sides):
            return None
        end = upto if both["upto"] is None else min(both["upto"], upto)
        row, document = ({it["id"]: it for it in side["todos"]} for side in sides)
        at_ms = min(side["at_ms"] for side in sides)
        there = {todo_id for todo_id in row.keys() | document.keys() if todo_id <= end}
        for todo_id in [each for each in self._differing if after < each <= end]:
            del self._differing[todo_id]
        for todo_id in there:
            left, right = row.get(todo_id), document.get(todo_id)
            if not _agree(left, right) and len(self._differing) < MOST_KEPT:
                both_of_it = {"postgresql": left, "mongodb": right}
                self._differing[todo_id] = {"id": todo_id, "at_ms": at_ms, **both_of_it}
        return end, len(there)


def _agree(row: Message | None, document: Message | None) -> bool:
    """Return whether both sides are equal; a tombstone counts as nothing."""
    return row == (None if document is None or document.get("deleted") else document)


def _side(gateway: Gateway, process: str, path: str) -> Message:
    try:
        answer = gateway.probe(process, path)
    except ServerUnavailable as error:
        return {"at_ms": ms(time.time_ns()), "todos": [], "error": error.reason}
    try:
        held = json.loads(answer.body)
        return {"at_ms": ms(answer.ended_ns), "todos": held["todos"], "error": None}
    except (ValueError, LookupError, TypeError):
        # A problem document names the server that cannot be reached.
        reason = f"{process} answers {answer.status}"
        return {"at_ms": ms(answer.ended_ns), "todos": [], "error": reason}


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
