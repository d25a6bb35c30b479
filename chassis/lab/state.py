"""The states of a switch: off, armed, fired so many times, cleared and why. No I/O."""

from dataclasses import dataclass
from typing import Any, Literal

Phase = Literal["off", "armed", "fired", "cleared"]
Why = Literal["by-hand", "count", "time", "all-clear"]


@dataclass(frozen=True)
class State:
    """How a switch stands.

    Args:
        phase: off (never switched on), armed, fired (at least once), cleared.
        fired: how often it has acted since it was armed.
        cleared: why it is off again.
    """

    phase: Phase = "off"
    fired: int = 0
    cleared: Why | None = None

    @property
    def on(self) -> bool:
        """Return whether it acts, or may act."""
        return self.phase in {"armed", "fired"}

    def fires(self) -> "State":
        """Return the state once it has acted once more."""
        return State("fired", self.fired + 1) if self.on else self

    def clears(self, why: Why) -> "State":
        """Return the state once it has ended."""
        return State("cleared", self.fired, why) if self.on else self

    def shown(self) -> dict[str, Any]:
        """Return it as `GET /lab` shows it."""
        return {"on": self.on, "state": self.phase, "fired": self.fired, "cleared": self.cleared}


OFF = State()
ARMED = State("armed")
