"""What the watches have heard of what stores and queues hold, for whoever judges a run. Pure."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Four processes that are asked four times a second, for ten minutes.
MOST_KEPT = 10_000


@dataclass(frozen=True)
class Look:
    """What a process said that its store or queue held.

    Args:
        process: the process.
        asked_ms: when it was asked, by web's own time.
        ended_ms: when it had answered.
        holds: what it said; None if it did not.
    """

    process: str
    asked_ms: float
    ended_ms: float
    holds: Mapping[str, Any] | None


class Looks:
    """The newest looks of all watches.

    Args:
        most: how many are kept; the oldest are the first to go.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._looks: deque[Look] = deque(maxlen=most)
        # Whether somebody needs them often, though no page may be open.
        self.are_wanted = False

    def add(self, look: Look) -> None:
        """Keep a look."""
        self._looks.append(look)

    def since(self, at_ms: float) -> list[Look]:
        """Return the looks that ended since then, the oldest first."""
        return [it for it in self._looks if it.ended_ms >= at_ms]
