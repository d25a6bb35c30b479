"""The proof that no event is under way that could mend what differs.

It has steps whose order matters:

1. PostgreSQL gives a snapshot of its log, in which the outbox is empty, and no command service
   publishes by itself (which only a switch of the lab makes it do): the broker has confirmed every
   event in the log, so each is in the queue or beyond it, or nobody will ever publish it.
2. The projector has nothing in hand, and its queue nothing for it: every event has reached MongoDB,
   or was lost. Dead letters would count as under way, since any of them could be sent again.
3. Both stores are read.
4. PostgreSQL's log has had no event since the snapshot, and no command service publishes what it
   has yet to commit. So what was read still stood, and no later event can have been in between.

Whatever differed in step 3 then stays as it is until somebody writes again.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from web.gateway import Gateway
from web.own_time import OwnTime


@dataclass(frozen=True)
class Settled:
    """That nothing was under way at a moment.

    Args:
        snapshot: PostgreSQL's log by then.
        at_ms: the moment, in ms since the epoch.
        is_since_last: whether nothing was written since the last such moment either.
    """

    snapshot: str
    at_ms: float
    is_since_last: bool


class Prover:
    """Asks the pipeline for each step.

    Args:
        gateway: the way to the processes.
        own_time: the time of what they answer.
    """

    def __init__(self, gateway: Gateway, own_time: OwnTime) -> None:
        self._gateway = gateway
        self._own_time = own_time
        self._last: str | None = None

    def settled(self) -> Settled | None:
        """Take the steps before both stores are read; None if anything is or may be under way."""
        last, self._last = self._last, None
        log = self._log(last)
        if log is None or log["outbox"] or log["publishing"]:
            return None
        snapshot = str(log["snapshot"])
        told = self._gateway.value("projector", "/lab/idle")
        if not isinstance(told, dict) or told.get("idle") is not True or told["dead_letters"]:
            return None
        self._last = snapshot
        is_since_last = last is not None and not log["written_since"]
        return Settled(snapshot, self._own_time.now_ms(), is_since_last)

    def stands(self, settled: Settled) -> bool:
        """Take the step after both stores were read."""
        log = self._log(settled.snapshot)
        if log is not None and not log["written_since"] and not log["publishing"]:
            return True
        self._last = None
        return False

    def _log(self, since: str | None) -> dict[str, Any] | None:
        query = f"?since={quote(since)}" if since else ""
        told = self._gateway.value("command-service", f"/lab/log{query}")
        return told if isinstance(told, dict) else None
