"""Samples: what the page was sent about each process in the last minutes, kept small. Pure."""

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from web.room.messages import Message

KEPT_FOR_MS = 600_000
# The contents of stores and queue are sent at most four times a second: this is ten minutes.
MOST_KEPT = 2_400


class Samples:
    """Keeps each change with its time, and the state before the first change that is kept.

    Args:
        kept_for_ms: for how long.
        most: how many changes at the most; the oldest are the first to go.
    """

    def __init__(self, kept_for_ms: float = KEPT_FOR_MS, most: int = MOST_KEPT) -> None:
        self._kept_for_ms = kept_for_ms
        self._most = most
        self._before: Message | None = None
        # Bytes take a tenth of the memory that dictionaries do.
        self._changes: deque[tuple[float, bytes]] = deque()
        self._latest: dict[str, Any] = {}

    def add(self, at_ms: float, told: Mapping[str, Any]) -> None:
        """Keep the current state of the processes, as far as it has changed."""
        changed = {
            process: value
            for process, value in told.items()
            if process not in self._latest or self._latest[process] != value
        }
        if not changed:
            return
        self._latest.update(changed)
        self._changes.append((at_ms, json.dumps(changed, separators=(",", ":")).encode()))
        while len(self._changes) > self._most or self._is_past(at_ms - self._kept_for_ms):
            self._before = _after(self._before, self._changes.popleft())

    def since(self, since_ms: float) -> list[Message]:
        """Return the state at that moment, if it is known, and what has changed since.

        Each has `at_ms` and `told`: the first for all processes, the others only for those
        that changed.
        """
        before, changes = self._before, list(self._changes)
        while changes and (before is None or changes[0][0] <= since_ms):
            before = _after(before, changes.pop(0))
        first = [before] if before else []
        return first + [{"at_ms": at_ms, "told": json.loads(told)} for at_ms, told in changes]

    def _is_past(self, since_ms: float) -> bool:
        # The last change before that moment gives the state at it.
        return len(self._changes) > 1 and self._changes[1][0] <= since_ms


def _after(before: Message | None, change: tuple[float, bytes]) -> Message:
    at_ms, told = change
    return {"at_ms": at_ms, "told": {**(before or {}).get("told", {}), **json.loads(told)}}
