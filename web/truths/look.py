"""A look at both truths: what they hold, what differs and since when, and what is proved lost."""

from web.gateway import Gateway
from web.journeys.journeys import Journeys
from web.own_time import OwnTime
from web.room.messages import Message
from web.truths.proof import Prover, Settled
from web.truths.sides import agree, by_todo, is_answered, window
from web.truths.since import Since
from web.truths.sweep import Sweep


class Looks:
    """Looks at both truths, whenever it is asked to. For one thread at a time.

    Args:
        gateway: the way to the processes.
        journeys: what is known of the todos' events.
        own_time: the time of all that.
    """

    def __init__(self, gateway: Gateway, journeys: Journeys, own_time: OwnTime) -> None:
        self._gateway = gateway
        self._own_time = own_time
        self._since = Since(journeys)
        self._sweep = Sweep(gateway, self._since, own_time)
        self._prover = Prover(gateway, own_time)
        self._differed = False

    def look(self, limit: int) -> Message:
        """Return the newest todos of both sides, the older ones that differ, and the proof.

        Only if the last look found a difference does this one try to prove that it is for good, so
        a look at stores that agree costs no more than reading them.

        Args:
            limit: how many of the newest todos.
        """
        settled = self._prover.settled() if self._differed else None
        newest = window(self._gateway, self._own_time, None, limit)
        self._sweep.step(newest["after"])
        since = self._newest_that_differ(newest)
        proved = self._proved(settled, since)
        older, older_proved = self._sweep.told()
        if is_answered(newest):
            self._since.keep_only(since.keys() | self._sweep.differing.keys())
        self._differed = bool(since or older["differing"])
        return {
            **newest,
            "since": since,
            "older": older,
            "proof": self._proof(settled, proved + older_proved),
        }

    def _newest_that_differ(self, newest: Message) -> dict[int, float]:
        if not is_answered(newest):
            return {}
        at_ms = newest["postgresql"]["at_ms"]
        return {
            todo_id: self._since.of(todo_id, row, document, at_ms)
            for todo_id, (row, document) in by_todo(newest).items()
            if not agree(row, document)
        }

    def _proved(self, settled: Settled | None, newest: dict[int, float]) -> list[int]:
        """Return which of the newest todos that differ are proved, and tell the sweep."""
        if settled is None or not settled.is_since_last:
            self._sweep.doubt()
        if settled is None or not self._prover.stands(settled):
            self._sweep.doubt()
            return []
        self._sweep.prove()
        return list(newest)

    def _proof(self, settled: Settled | None, todos: list[int]) -> Message | None:
        if settled is None or not todos:
            return None
        return {"settled_ms": settled.at_ms, "at_ms": self._own_time.now_ms(), "todos": todos}
