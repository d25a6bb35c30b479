"""Whether the read models agree with the write side that are kept only on demand."""

import json
import time
from collections.abc import Callable
from contextlib import suppress

from chassis.errors import ServerUnavailable
from web.gateway import Gateway
from web.mending.agreement import Comparison
from web.mending.progress import counted
from web.room.messages import Message

COUNTER, REPLICA = "counter", "replica"
# What has them kept: it is lifted once they were compared.
KEPT_BY = {COUNTER: "count", REPLICA: "replicate"}
COUNTS_CURE = "Rebuild the counts from the log: python -m query_service.rebuild --model counts"
REPLICA_CURE = "Rebuild the replica from the log: python -m query_service.rebuild --model replica"
# What was on its way to them has arrived by then.
WITHIN_S = 5.0
PAUSE_S = 0.1


class Further:
    """Compares the counts and the replica, as long as they are kept.

    Args:
        gateway: the way to whoever keeps them, and to the log.
        comparison: compares todos.
    """

    def __init__(self, gateway: Gateway, comparison: Comparison) -> None:
        self._gateway = gateway
        self._comparison = comparison

    def kept(self) -> list[str]:
        """Return who keeps one now."""
        told = {it: (self._gateway.value(it, "/lab") or {}).get("holds") for it in KEPT_BY}
        return [it for it in KEPT_BY if told[it]]

    def look(self, keeper: str) -> Message:
        """Compare what one keeps, as soon as all has reached it."""
        if keeper == REPLICA:
            self._end_lag()
        compare = self._counts if keeper == COUNTER else self._replica
        return self._insist(compare)

    def _insist(self, compare: Callable[[], Message]) -> Message:
        until_s = time.monotonic() + WITHIN_S
        while not (found := compare())["agree"] and time.monotonic() < until_s:
            time.sleep(PAUSE_S)
        return found

    def _counts(self) -> Message:
        log = self._gateway.value("command-service", "/lab/counted") or {}
        holds = (self._gateway.value(COUNTER, "/lab") or {}).get("holds") or {}
        wrong = [
            f"{holds.get(kind)} {kind}, and {number} in the log"
            for kind, number in log.items()
            if holds.get(kind) != number
        ]
        if not log or "queue" not in holds:
            return {"model": "counts", "agree": False, "says": "The counts cannot be read."}
        if not wrong:
            return {"model": "counts", "agree": True, "says": "The counts agree with the log."}
        says = f"The counts are wrong: {'; '.join(wrong)}."
        return {"model": "counts", "agree": False, "says": says, "cure": COUNTS_CURE}

    def _replica(self) -> Message:
        found = self._comparison.compared("replica")
        if found is None:
            return {"model": "replica", "agree": False, "says": "The replica cannot be read."}
        differing = len(found[1])
        if not differing:
            return {"model": "replica", "agree": True, "says": "The replica agrees."}
        says = f"The replica differs in {counted(differing, 'todo')}."
        return {"model": "replica", "agree": False, "says": says, "cure": REPLICA_CURE}

    def _end_lag(self) -> None:
        setting = json.dumps({"on": True, "lag_ms": 0, "for_s": 60}).encode()
        headers = {"Content-Type": "application/json"}
        path = f"/lab/switches/{KEPT_BY[REPLICA]}"
        # If it is away, the comparison says so.
        with suppress(ServerUnavailable):
            self._gateway.ask(REPLICA, "PUT", path, setting, headers)
