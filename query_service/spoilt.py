"""Events that the lab has spoilt: as they are read, or as they are applied."""

import re
from collections.abc import Iterable

from chassis.lab.firings import Firing
from query_service.deliveries import Delivery, Parse
from query_service.events import TodoEvent
from query_service.faults import FAILS_THEN_WORKS, UNKNOWN_TYPE, UNREADABLE

FAILS = "it fails, as the lab says"
_TYPE = re.compile(rb'"type"\s*:\s*"[^"]*"')
_UNKNOWN = b'"type": "todo.unheard-of.v1"'


def unreadable(how: str, parse: Parse) -> Parse | None:
    """Return a reader that reads badly, or None if what is wrong with an event is not that.

    The message itself stays as it was: once this reader is mended, it can be read.
    """
    if how == UNREADABLE:
        return lambda body: parse(body[: len(body) // 2])
    if how == UNKNOWN_TYPE:
        return lambda body: parse(_TYPE.sub(_UNKNOWN, body, count=1))
    return None


class Failing:
    """The events that fail when they are applied, by id."""

    def __init__(self) -> None:
        self._left: dict[str, int | None] = {}
        self._firings: dict[str, Firing] = {}

    def __bool__(self) -> bool:
        return bool(self._left)

    def add(self, event: TodoEvent, how: str, failures: int, firing: Firing) -> None:
        """Have an event fail, for so many attempts if others are then to work."""
        self._left[event.id] = failures if how == FAILS_THEN_WORKS else None
        self._firings[event.id] = firing

    def refuses(self, event: TodoEvent, *, alone: bool) -> bool:
        """Return whether this event fails now; what is tried alone is an attempt, and counts."""
        if event.id not in self._left:
            return False
        left = self._left[event.id]
        if left is None:
            return True
        if alone:
            self._left[event.id] = left - 1
        return left > 0

    def settle(self, batch: Iterable[Delivery]) -> None:
        """Forget what has reached its end."""
        for delivery in batch:
            if delivery.event is not None:
                self._forget(delivery.event.id)

    def forget_all(self) -> None:
        """Forget all: whatever comes again is spoilt anew, or not."""
        for event_id in list(self._left):
            self._forget(event_id)

    def _forget(self, event_id: str) -> None:
        self._left.pop(event_id, None)
        if firing := self._firings.pop(event_id, None):
            firing.over()
