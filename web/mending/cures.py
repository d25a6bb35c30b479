"""What cures stores that differ: dead letters sent again, and a read model made anew."""

import json
import time
from typing import Any

from chassis.errors import ServerUnavailable
from web.gateway import Gateway

PROJECTOR, QUERY_SERVICE = "projector", "query-service"
LETTERS, REBUILD = "/lab/dead-letters", "/lab/rebuild"
JSON = {"Content-Type": "application/json"}
BECAUSE = "All clear"
# As many as a retry takes, and as long as it waits for them to land.
MOST_LETTERS = 1_000
LANDS_WITHIN_S = 5
PAUSE_S = 0.1


class Cures:
    """Carries out what All clear says would help.

    Args:
        gateway: the way to the projector, which has the letters, and to whoever runs a rebuild.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def retry(self) -> int:
        """Send the dead letters back to their queues, and return how many that were."""
        told = self._gateway.value(PROJECTOR, LETTERS) or {}
        ids = [it["id"] for it in told.get("letters", ())][:MOST_LETTERS]
        if not ids:
            return 0
        body = {"ids": ids, "because": BECAUSE, "wait_s": LANDS_WITHIN_S}
        done = self._ask(PROJECTOR, f"{LETTERS}/retry", body) or {}
        return int(done.get("done", 0))

    def rebuild(self, model: str, until_s: float) -> bool:
        """Make a read model anew from the log; return whether that was done.

        Args:
            model: `todos` or `counts`.
            until_s: how long it may take, on the monotonic clock.
        """
        while self._ask(QUERY_SERVICE, REBUILD, {"model": model}) is None:
            # Another one may be running, or the service on its way back.
            if time.monotonic() > until_s:
                return False
            time.sleep(PAUSE_S)
        while time.monotonic() < until_s:
            told = self._gateway.value(QUERY_SERVICE, REBUILD) or {}
            if told.get("running") is False:
                return bool(told.get("ended") == "rebuilt")
            time.sleep(PAUSE_S)
        return False

    def _ask(self, process: str, path: str, body: dict[str, Any]) -> Any:
        try:
            sent = json.dumps(body).encode()
            answer = self._gateway.ask(process, "POST", path, sent, JSON)
            return json.loads(answer.body) if answer.status < 300 else None
        except (ServerUnavailable, ValueError):
            return None
