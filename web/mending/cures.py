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
# The projector's own, by the name that its letters have for it.
QUEUE = "todo.projector"


class Cures:
    """Carries out what All clear says would help.

    Args:
        gateway: the way to the projector, which has the letters, and to whoever runs a rebuild.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def retry(self) -> int:
        """Send the dead letters back to their queues, and return how many that were."""
        return self._settle("retry", self._letters(), {"wait_s": LANDS_WITHIN_S})

    def put_aside(self) -> int:
        """Discard the letters whose event the todos have by now; return how many that were.

        They can be brought back for a day. What was to go to another read model stays.
        """
        settled = [it for it in self._letters() if it["origin"] == QUEUE and _is_there(it)]
        return self._settle("discard", settled, {})

    def rebuild(self, model: str, until_s: float) -> bool:
        """Make a read model anew from the log; return whether that was done.

        Args:
            model: `todos`, `counts` or `replica`.
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

    def _letters(self) -> list[dict[str, Any]]:
        told = self._gateway.value(PROJECTOR, LETTERS) or {}
        return list(told.get("letters", ()))

    def _settle(self, how: str, letters: list[dict[str, Any]], more: dict[str, Any]) -> int:
        ids = [it["id"] for it in letters][:MOST_LETTERS]
        body = {"ids": ids, "because": BECAUSE, **more}
        done = self._ask(PROJECTOR, f"{LETTERS}/{how}", body) if ids else None
        return int((done or {}).get("done", 0))

    def _ask(self, process: str, path: str, body: dict[str, Any]) -> Any:
        try:
            sent = json.dumps(body).encode()
            answer = self._gateway.ask(process, "POST", path, sent, JSON)
            return json.loads(answer.body) if answer.status < 300 else None
        except (ServerUnavailable, ValueError):
            return None


def _is_there(letter: dict[str, Any]) -> bool:
    """Return whether the read model has what a letter's event says, or something newer."""
    version, known = letter["version"], (letter["versions"] or {}).get("mongodb")
    return version is not None and known is not None and known >= version
