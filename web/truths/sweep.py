"""The sweep: compares the todos below the newest ones, a window at a time, again and again.

So a look costs the same however many there are.
"""

from collections.abc import Iterable, Mapping

from web.gateway import Gateway
from web.own_time import OwnTime
from web.room.messages import Message
from web.truths.sides import agree, alive, by_todo, is_answered, window
from web.truths.since import Since

# As many as the lab of each side gives at once: a side that gives fewer seems to have no more.
SWEPT_AT_ONCE = 1_000
MOST_SHOWN = 300
# If one side of a million todos is emptied, this keeps the other from filling web's memory.
MOST_KEPT = 5_000


class Sweep:
    """Compares a window at each step.

    Args:
        gateway: the way to the lab of each side.
        since: knows since when todos differ.
        own_time: the time of what they answer.
    """

    def __init__(self, gateway: Gateway, since: Since, own_time: OwnTime) -> None:
        self._gateway = gateway
        self._own_time = own_time
        self._since = since
        self._differing: dict[int, Message] = {}
        self._proved: set[int] = set()
        self._just_read: set[int] = set()
        self._after = 0
        self._compared = self._compared_before = 0
        self._began_ms = own_time.now_ms()
        self._since_ms: float | None = None
        self._looks_again = False

    @property
    def differing(self) -> Mapping[int, Message]:
        """What is known to differ, by todo."""
        return self._differing

    def step(self, upto: int) -> None:
        """Compare the next window.

        Args:
            upto: the highest id of interest.
        """
        self._just_read = set()
        # Every second step looks at the known differences again, so that a mended one soon goes.
        self._looks_again = bool(self._differing) and not self._looks_again
        if self._looks_again:
            self._compare(min(self._differing) - 1, upto)
        elif upto > self._after:
            self._walk_on(upto)
        else:
            self._end_round()
        self._forget(each for each in list(self._differing) if each > upto)

    def prove(self) -> None:
        """Take what the last step read for proved."""
        self._proved |= self._just_read & self._differing.keys()

    def doubt(self) -> None:
        """Take nothing for proved any longer."""
        self._proved.clear()

    def told(self) -> tuple[Message, list[int]]:
        """Return what is known of the older todos, and which of those named are proved.

        `todos`: those that have differed longest, with both sides. `differing`: how many do.
        `or_more`: whether there may be more, as only so many are kept. `oldest_ms`: since when the
        first of all has differed. `lost` and `ghosts`: how many are proved to be missing from
        MongoDB, or only there. `compared`: how many the last round compared. `since_ms`: when
        it began, None until the first is over.
        """
        longest = sorted(self._differing.values(), key=lambda it: (it["since_ms"], it["id"]))
        named = longest[:MOST_SHOWN]
        ghosts = sum(self._differing[it]["postgresql"] is None for it in self._proved)
        message = {
            "todos": named,
            "differing": len(longest),
            "or_more": len(longest) >= MOST_KEPT,
            "oldest_ms": longest[0]["since_ms"] if longest else None,
            "lost": len(self._proved) - ghosts,
            "ghosts": ghosts,
            "compared": self._compared_before,
            "since_ms": self._since_ms,
        }
        return message, [it["id"] for it in named if it["id"] in self._proved]

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
        self._since_ms, self._began_ms = self._began_ms, self._own_time.now_ms()
        self._after = 0

    def _compare(self, after: int, upto: int) -> tuple[int, int] | None:
        """Compare one window; return its end and its number of todos, None if a side failed."""
        both = window(self._gateway, self._own_time, after, SWEPT_AT_ONCE)
        if not is_answered(both):
            return None
        end = upto if both["upto"] is None else min(both["upto"], upto)
        there = {it: sides for it, sides in by_todo(both).items() if it <= end}
        self._forget(each for each in list(self._differing) if after < each <= end)
        times = {"asked_ms": both["mongodb"]["asked_ms"], "at_ms": both["postgresql"]["at_ms"]}
        for todo_id, (row, document) in there.items():
            if not agree(row, document) and len(self._differing) < MOST_KEPT:
                since_ms = self._since.of(todo_id, row, document, times["at_ms"])
                sides = {"postgresql": row, "mongodb": document}
                self._differing[todo_id] = {"id": todo_id, **times, "since_ms": since_ms, **sides}
                self._just_read.add(todo_id)
        return end, sum(1 for row, document in there.values() if row or alive(document))

    def _forget(self, todo_ids: Iterable[int]) -> None:
        for todo_id in todo_ids:
            del self._differing[todo_id]
            self._proved.discard(todo_id)
