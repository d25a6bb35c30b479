"""Watches a process: its health, the contents of its store or queue, and its switches."""

import json
import logging
from collections.abc import Mapping
from threading import Event
from typing import Any

from chassis.errors import ServerUnavailable
from web.gateway import Gateway
from web.own_time import OwnTime
from web.room.room import Room

HEALTH_INTERVAL_S = 1.0
LAB_INTERVAL_S = 0.25
# Contents that stay the same are sent again now and then, with the time at which they still did.
SAME_AGAIN_AFTER_MS = 5_000

log = logging.getLogger(__name__)


class ProcessWatch:
    """Asks one process again and again.

    Args:
        gateway: the way to the process.
        room: gets the answers.
        own_time: the time of those.
        process: its name.
        lab: whether there is a /lab to ask.
    """

    def __init__(
        self, gateway: Gateway, room: Room, own_time: OwnTime, process: str, *, lab: bool
    ) -> None:
        self._own_time = own_time
        self._gateway = gateway
        self._room = room
        self._process = process
        self._lab = lab
        self._held: Mapping[str, Any] | None = None
        self._held_ms = float("-inf")

    def run(self, stop: Event) -> None:
        """Ask until stopped. No failure ends it."""
        rounds = round(HEALTH_INTERVAL_S / LAB_INTERVAL_S)
        turn = 0
        while not stop.is_set():
            try:
                if turn % rounds == 0:
                    self._room.tell_of("health", self._process, self._health())
                if self._lab:
                    self._ask_lab()
            except Exception:
                log.exception("asking %s failed", self._process)
            turn += 1
            stop.wait(LAB_INTERVAL_S)

    def _health(self) -> Mapping[str, Any]:
        try:
            answer = json.loads(self._gateway.probe(self._process, "/readyz").body)
            checks = dict(answer["checks"])
        except ServerUnavailable as error:
            return {"up": False, "checks": None, "error": error.reason}
        except (ValueError, LookupError, TypeError):
            return {"up": False, "checks": None, "error": "did not answer as it should"}
        # A driver's own words are not for the wall; they stay in the process's /readyz.
        said = {name: it if it == "ok" else "cannot be reached" for name, it in checks.items()}
        return {"up": True, "checks": said}

    def _ask_lab(self) -> None:
        asked_ms = self._own_time.now_ms()
        lab = self._gateway.value(self._process, "/lab")
        known = lab if isinstance(lab, dict) else {}
        self._room.tell_of("switches", self._process, known.get("switches"))
        self._tell_held(known.get("holds"), (asked_ms + self._own_time.now_ms()) / 2)

    def _tell_held(self, held: Mapping[str, Any] | None, at_ms: float) -> None:
        """Send what the process holds, with the time, by which the page adds what came later."""
        if held == self._held and at_ms < self._held_ms + SAME_AGAIN_AFTER_MS:
            return
        self._held, self._held_ms = held, at_ms
        told = None if held is None else {**held, "at_ms": at_ms}
        self._room.tell_of("holds", self._process, told)
