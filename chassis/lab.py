"""The lab: switches that break things on purpose, with real effects in the real code path."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request

from chassis.errors import ServerUnavailable
from chassis.problems import Problem, json_response

# A process that waits for a server looks at its switches only when it is back.
HEEDED_WITHIN_S = 1.0

Holds = Callable[[], Mapping[str, Any]]


@dataclass
class Lab:
    """The switches of one process.

    Args:
        pause: take no new work.
        slow_ms: wait this long before each event.
    """

    pause: bool = False
    slow_ms: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _heeded: threading.Event = field(default_factory=threading.Event, repr=False)

    def heeded(self, *, pause: bool) -> None:
        """Tell that the process now does as the pause switch says."""
        with self._lock:
            if pause == self.pause:
                self._heeded.set()

    def wait_until_heeded(self, within_s: float) -> None:
        """Wait until the process does as the pause switch says, but no longer than that."""
        self._heeded.wait(within_s)

    def switches(self) -> dict[str, Any]:
        """Return every switch as it stands."""
        with self._lock:
            return {
                "pause": {"on": self.pause},
                "slow": {"on": self.slow_ms > 0, "delay_ms": self.slow_ms},
            }

    def set(self, name: str, value: Any) -> None:
        """Set one switch. Raises Problem where there is none of that name, or the value is odd."""
        if name not in self.switches():
            raise Problem(404, "no-such-switch", "There is no such switch.", f"Not {name!r}.")
        if not isinstance(value, dict) or not isinstance(value.get("on"), bool):
            raise Problem(400, "wrong-shape", "The body has the wrong shape.", 'Send {"on": true}.')
        delay_ms = value.get("delay_ms", 1000)
        if type(delay_ms) is not int or not 0 <= delay_ms <= 60_000:
            detail = "delay_ms is a whole number from 0 to 60000."
            raise Problem(400, "wrong-shape", "The body has the wrong shape.", detail)
        with self._lock:
            if name == "pause":
                self.pause = value["on"]
                self._heeded.clear()
            else:
                self.slow_ms = delay_ms if value["on"] else 0


def add_lab(app: Flask, lab: Lab, holds: Holds, *, switchable: bool) -> None:
    """Give the app the lab's routes.

    Args:
        app: the process's app.
        lab: its switches.
        holds: asks the process's store or queue what it holds now.
        switchable: whether this process looks at the switches at all.
    """

    @app.get("/lab")
    def show() -> Response:
        try:
            held: Mapping[str, Any] | None = holds()
        except ServerUnavailable:
            held = None
        return json_response({"switches": lab.switches() if switchable else {}, "holds": held})

    if switchable:

        @app.put("/lab/switches/<name>")
        def switch(name: str) -> Response:
            lab.set(name, request.get_json(silent=True))
            # Whoever has paused a process may count on it: the next event waits before it.
            lab.wait_until_heeded(HEEDED_WITHIN_S)
            return json_response(lab.switches()[name])
